"""Parent hashes: a leaf's signature vouches for the keys above it (RFC 9420 §7.9)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from geventim.errors import PeerError
from geventim.mls.ground.cipher_suite import CipherSuite
from geventim.mls.ground.leaf_node import FromCommit
from geventim.mls.tree.nodes import Branch, Leaf, ParentNode, Subtree
from geventim.mls.tree.tree_hash import original_tree_hash, tree_hash
from geventim.wire.presentation import Opaque, Struct


@dataclass(frozen=True, slots=True)
class ParentHashInput(Struct):
    """What is hashed of a parent, as its path saw it."""

    encryption_key: Opaque
    parent_hash: Opaque
    original_sibling_tree_hash: Opaque


def hash_path(
    suite: CipherSuite, copath: Sequence[Subtree], keys: Sequence[bytes]
) -> tuple[list[ParentNode], bytes]:
    """The parents of a filtered direct path with new ``keys``, and the parent hash of its leaf.

    ``copath`` has the subtrees beside the path; everything is in order from the leaf up.
    """
    parents: list[ParentNode] = []
    above = b""
    for sibling, key in zip(reversed(copath), reversed(keys), strict=True):
        parents.append(ParentNode(key, above))
        above = suite.hash(ParentHashInput(key, above, tree_hash(suite, sibling)).encode())
    parents.reverse()
    return parents, above


def verify_parent_hashes(suite: CipherSuite, root: Subtree) -> None:
    """Raise :class:`PeerError` unless one leaf vouches for each parent (RFC 9420 §7.9.2).

    Every parent must have exactly one descendant whose parent hash is right for it.
    """
    for branch in branches(root):
        if branch.node is None:
            continue
        unmerged = frozenset(branch.node.unmerged_leaves)
        sides = ((branch.left, branch.right), (branch.right, branch.left))
        if sum(_vouches(suite, branch.node, unmerged, *side) for side in sides) != 1:
            raise PeerError("a parent node was not set by a member")


def branches(subtree: Subtree) -> Iterator[Branch]:
    """Every branch of ``subtree``."""
    waiting = [subtree]
    while waiting:
        here = waiting.pop()
        if isinstance(here, Branch):
            yield here
            waiting += (here.left, here.right)


def _vouches(
    suite: CipherSuite,
    parent: ParentNode,
    unmerged: frozenset[int],
    child: Subtree,
    sibling: Subtree,
) -> bool:
    """Whether a node below ``child`` was set together with ``parent``."""
    below = child.resolution()
    # All of the resolution but that node must be what joined below ``child`` since.
    own = [node for node in below if not (isinstance(node, Leaf) and node.index in unmerged)]
    joined = sum(_is_below(child, index) for index in unmerged)
    if len(own) != 1 or len(below) - 1 != joined:
        return False
    claimed = _parent_hash(own[0])
    if claimed is None:
        return False
    original = original_tree_hash(suite, sibling, unmerged)
    expected = ParentHashInput(parent.encryption_key, parent.parent_hash, original)
    return claimed == suite.hash(expected.encode())


def _is_below(subtree: Subtree, index: int) -> bool:
    return subtree.index == index if isinstance(subtree, Leaf) else subtree.covers(index)


def _parent_hash(subtree: Subtree) -> bytes | None:
    """The parent hash that a node claims, if it claims one."""
    if isinstance(subtree, Branch):
        return subtree.node.parent_hash if subtree.node else None
    if subtree.node is not None and isinstance(subtree.node.source, FromCommit):
        return subtree.node.source.parent_hash
    return None
