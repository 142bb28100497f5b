"""The ratchet tree: who is in the group and with which keys (RFC 9420 §4.1, §7)."""

from bisect import insort
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Final

from geventim.errors import PeerError
from geventim.mls.ground.cipher_suite import CipherSuite
from geventim.mls.ground.leaf_node import LeafNode, UnverifiedLeafNode
from geventim.mls.tree.census import Census
from geventim.mls.tree.nodes import (
    NODE,
    Branch,
    Leaf,
    Node,
    ParentNode,
    Subtree,
    blank,
    path_to,
    rewrite,
)
from geventim.mls.tree.tree_hash import tree_hash
from geventim.wire.presentation import decode_vector, encode_vector

OptionalNode: Final = Annotated[Node, NODE] | None
"""An entry of the array form (RFC 9420 §12.4.3.3)."""


class RatchetTree:
    """A tree that can be forked for next to nothing and then changed by itself.

    Members are named by their leaf index. ``census`` counts them.
    """

    __slots__ = ("census", "root", "suite")

    def __init__(self, suite: CipherSuite, root: Subtree, census: Census) -> None:
        self.suite = suite
        self.root = root
        self.census = census

    @classmethod
    def single(cls, suite: CipherSuite, leaf: LeafNode) -> "RatchetTree":
        """The tree of a group with one member."""
        return cls.build(suite, [leaf])

    @classmethod
    def build(
        cls, suite: CipherSuite, nodes: Sequence[LeafNode | ParentNode | None]
    ) -> "RatchetTree":
        """The tree of an array of nodes, leaves and parents each in their places."""
        census = Census()
        for node in nodes:
            if isinstance(node, LeafNode):
                census.add(node)
            elif node is not None:
                census.add_key(node.encryption_key)
        levels = (len(nodes) // 2).bit_length()
        return cls(suite, _assemble(nodes, levels, 0), census)

    def fork(self) -> "RatchetTree":
        """A copy that changes by itself."""
        return RatchetTree(self.suite, self.root, self.census.fork())

    @property
    def leaf_count(self) -> int:
        """The leaves, blank ones too; a power of two."""
        return 1 << self.root.level

    def leaf(self, index: int) -> LeafNode | None:
        """The member at ``index``, or None if nobody is there."""
        return self.root.leaf(index).node if 0 <= index < self.leaf_count else None

    def member(self, index: int) -> LeafNode:
        """The member at ``index``. Raises :class:`PeerError` if nobody is there."""
        leaf = self.leaf(index)
        if leaf is None:
            raise PeerError("no member at that leaf")
        return leaf

    def signature_key(self, index: int) -> bytes:
        """That of the member at ``index``. Raises :class:`PeerError` if nobody is there."""
        return self.member(index).signature_key

    def members(self) -> Iterator[tuple[int, LeafNode]]:
        """All members with their leaf indexes, in order."""
        waiting: list[Subtree] = [self.root]
        while waiting:
            here = waiting.pop()
            if isinstance(here, Branch):
                if here.members:
                    waiting += (here.right, here.left)
            elif here.node is not None:
                yield here.index, here.node

    def find(self, signature_key: bytes) -> int | None:
        """The leaf index of the member that signs with that key."""
        if not self.census.has_signature_key(signature_key):
            return None
        return next(i for i, leaf in self.members() if leaf.signature_key == signature_key)

    def tree_hash(self) -> bytes:
        """The hash of the whole tree."""
        return tree_hash(self.suite, self.root)

    def filtered_path(self, index: int) -> list[tuple[Branch, Subtree]]:
        """The branches above a leaf whose other child has members, each with that child.

        In order from the leaf up (RFC 9420 §4.1.2).
        """
        return [step for step in path_to(self.root, index) if step[1].members]

    def free_leaf(self) -> int:
        """Where the next member comes to sit: the leftmost blank leaf, or right of all."""
        here = self.root
        if here.members == self.leaf_count:
            return self.leaf_count
        while isinstance(here, Branch):
            here = here.left if here.left.members < 1 << here.left.level else here.right
        return here.index

    def add(self, leaf: LeafNode) -> int:
        """Seat a new member and return its leaf index (RFC 9420 §12.1.1)."""
        index = self.free_leaf()
        self.reach(index)

        def with_unmerged(branch: Branch) -> ParentNode | None:
            node = branch.node
            if node is None:
                return None
            unmerged = list(node.unmerged_leaves)
            insort(unmerged, index)
            return ParentNode(node.encryption_key, node.parent_hash, tuple(unmerged))

        self.root = rewrite(path_to(self.root, index), Leaf(index, leaf), with_unmerged)
        self.census.add(leaf)
        return index

    def update(self, index: int, leaf: LeafNode) -> None:
        """Replace a member's leaf (RFC 9420 §12.1.2)."""
        self._replace(index, leaf, {})

    def remove(self, index: int) -> None:
        """Take a member out; :meth:`truncate` follows the last one (RFC 9420 §12.1.3)."""
        self._replace(index, None, {})

    def truncate(self) -> None:
        """Halve the tree while its right half is empty (RFC 9420 §7.7)."""
        while isinstance(self.root, Branch) and not self.root.right.members:
            if self.root.node is not None:
                self.census.remove_key(self.root.node.encryption_key)
            self.root = self.root.left

    def merge_path(self, index: int, leaf: LeafNode, parents: Mapping[int, ParentNode]) -> None:
        """Replace a member's leaf and the parents above it, by position; others become blank."""
        self._replace(index, leaf, parents)

    def reach(self, index: int) -> None:
        """Double the tree until it has a leaf with that index (RFC 9420 §7.7)."""
        while index >= self.leaf_count:
            level, half = self.root.level, self.leaf_count
            self.root = Branch(level + 1, 0, self.root, blank(level, half), None)

    def nodes(self) -> list[Node | None]:
        """The array form, without the blank nodes at its end (RFC 9420 §12.4.3.3)."""
        nodes: list[Node | None] = [None] * (2 * self.leaf_count - 1)
        waiting = [self.root]
        while waiting:
            here = waiting.pop()
            nodes[here.position] = here.node
            if isinstance(here, Branch):
                waiting += (here.left, here.right)
        while nodes and nodes[-1] is None:
            nodes.pop()
        return nodes

    def encode(self) -> bytes:
        """The ``ratchet_tree`` extension's data."""
        return encode_vector(tuple(self.nodes()), OptionalNode)

    def _replace(
        self, index: int, leaf: LeafNode | None, parents: Mapping[int, ParentNode]
    ) -> None:
        path = path_to(self.root, index)
        old = self.root.leaf(index).node
        if old is not None:
            self.census.remove(old)
        if leaf is not None:
            self.census.add(leaf)

        def change(branch: Branch) -> ParentNode | None:
            if branch.node is not None:
                self.census.remove_key(branch.node.encryption_key)
            node = parents.get(branch.position)
            if node is not None:
                self.census.add_key(node.encryption_key)
            return node

        self.root = rewrite(path, Leaf(index, leaf), change)


def decode_nodes(data: bytes, max_leaves: int) -> tuple[Node | None, ...]:
    """The array form in ``data``, extended to a full tree (RFC 9420 §12.4.3.3).

    Raises :class:`PeerError`, also for a tree of more than ``max_leaves`` leaves, and for a parent
    with nobody on its right: who was there took its key along.
    """
    nodes: tuple[Node | None, ...] = decode_vector(data, OptionalNode)
    if not nodes or nodes[-1] is None:
        raise PeerError("the last node of a tree is blank")
    if len(nodes) > 2 * max_leaves - 1:
        raise PeerError("a tree with too many leaves")
    for position, node in enumerate(nodes):
        wanted = ParentNode if position % 2 else UnverifiedLeafNode
        if node is not None and not isinstance(node, wanted):
            raise PeerError("a node is in the place of another kind")
    if len(nodes) % 2 == 0:
        raise PeerError("the last node of a tree is a parent")
    width = (1 << len(nodes).bit_length()) - 1
    return nodes + (None,) * (width - len(nodes))


def _assemble(nodes: Sequence[LeafNode | ParentNode | None], level: int, start: int) -> Subtree:
    if level == 0:
        leaf = nodes[2 * start]
        assert not isinstance(leaf, ParentNode)  # noqa: S101 - decode_nodes() saw to it
        return Leaf(start, leaf)
    half = 1 << level - 1
    node = nodes[2 * start + (1 << level) - 1]
    assert not isinstance(node, LeafNode)  # noqa: S101 - decode_nodes() saw to it
    left = _assemble(nodes, level - 1, start)
    return Branch(level, start, left, _assemble(nodes, level - 1, start + half), node)
