"""Tree hashes: what a group's members agree on when they agree on the tree (RFC 9420 §7.8)."""

from dataclasses import dataclass
from typing import Annotated, Final

from geventim.mls.ground.cipher_suite import CipherSuite
from geventim.mls.ground.leaf_node import UnverifiedLeafNode
from geventim.mls.tree.nodes import Leaf, ParentNode, Subtree
from geventim.wire.presentation import Opaque, Select, Struct, Uint32


@dataclass(frozen=True, slots=True)
class LeafNodeHashInput(Struct):
    """What is hashed of a leaf."""

    leaf_index: Uint32
    leaf_node: UnverifiedLeafNode | None


@dataclass(frozen=True, slots=True)
class ParentNodeHashInput(Struct):
    """What is hashed of a parent."""

    parent_node: ParentNode | None
    left_hash: Opaque
    right_hash: Opaque


_INPUT: Final = Select(1, {1: LeafNodeHashInput, 2: ParentNodeHashInput})

TreeHashInput = Annotated[LeafNodeHashInput | ParentNodeHashInput, _INPUT]


def tree_hash(suite: CipherSuite, subtree: Subtree) -> bytes:
    """The 32-byte hash of ``subtree``, computed once."""
    known = subtree.tree_hash
    if known is None:
        if isinstance(subtree, Leaf):
            known = _hash(suite, LeafNodeHashInput(subtree.index, subtree.node))
        else:
            left = tree_hash(suite, subtree.left)
            right = tree_hash(suite, subtree.right)
            known = _hash(suite, ParentNodeHashInput(subtree.node, left, right))
        subtree.tree_hash = known
    return known


def original_tree_hash(suite: CipherSuite, subtree: Subtree, since: frozenset[int]) -> bytes:
    """The hash that ``subtree`` had without the leaves in ``since`` (RFC 9420 §7.9)."""
    if isinstance(subtree, Leaf):
        if subtree.index in since:
            return _hash(suite, LeafNodeHashInput(subtree.index, None))
        return tree_hash(suite, subtree)
    here = frozenset(index for index in since if subtree.covers(index))
    if not here:
        return tree_hash(suite, subtree)
    node = subtree.node
    if node is not None:
        unmerged = tuple(leaf for leaf in node.unmerged_leaves if leaf not in here)
        node = ParentNode(node.encryption_key, node.parent_hash, unmerged)
    left = original_tree_hash(suite, subtree.left, here)
    right = original_tree_hash(suite, subtree.right, here)
    return _hash(suite, ParentNodeHashInput(node, left, right))


def _hash(suite: CipherSuite, value: LeafNodeHashInput | ParentNodeHashInput) -> bytes:
    return suite.hash(_INPUT.encode(value))
