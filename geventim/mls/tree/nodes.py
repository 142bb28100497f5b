"""The nodes of a ratchet tree (RFC 9420 §7.1, §12.4.3.3) and the subtrees they hold together.

A :class:`Subtree` never changes, so two trees that differ along one path share everything else: a
commit is staged in the logarithm of the group, and what was computed once for a subtree (its hash,
its resolution) stays true for as long as it exists.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from geventim.mls.ground.leaf_node import LeafNode, UnverifiedLeafNode
from geventim.wire.presentation import Opaque, Select, Struct, Uint32


@dataclass(frozen=True, slots=True)
class ParentNode(Struct):
    """The key of everybody below it who is not listed as unmerged."""

    encryption_key: Opaque
    parent_hash: Opaque
    unmerged_leaves: tuple[Uint32, ...] = ()


Node = UnverifiedLeafNode | ParentNode

NODE: Final = Select(1, {1: UnverifiedLeafNode, 2: ParentNode})
"""A node behind its type."""


class Leaf:
    """The place of one member; ``node`` is None while nobody has it."""

    __slots__ = ("index", "node", "tree_hash")

    level: Final = 0

    def __init__(self, index: int, node: LeafNode | None) -> None:
        self.index = index
        self.node = node
        self.tree_hash: bytes | None = None

    @property
    def position(self) -> int:
        """Where it stands in the array of nodes."""
        return 2 * self.index

    @property
    def members(self) -> int:
        """How many members are here."""
        return self.node is not None

    def resolution(self) -> "tuple[Subtree, ...]":
        """The nodes whose keys reach everybody here (RFC 9420 §4.1.1)."""
        return (self,) if self.node else ()

    def leaf(self, index: int) -> "Leaf":  # noqa: ARG002 - as in Branch
        """The leaf with that index, which must be here."""
        return self


class Branch:
    """A parent's place with both its subtrees; ``node`` is None while it is blank.

    It covers the 2^``level`` leaves from ``start`` on.
    """

    __slots__ = ("_resolution", "left", "level", "members", "node", "right", "start", "tree_hash")

    def __init__(
        self, level: int, start: int, left: "Subtree", right: "Subtree", node: ParentNode | None
    ) -> None:
        self.level = level
        self.start = start
        self.left = left
        self.right = right
        self.node = node
        self.members: int = left.members + right.members
        self.tree_hash: bytes | None = None
        self._resolution: tuple[Subtree, ...] | None = None

    @property
    def position(self) -> int:
        """Where it stands in the array of nodes."""
        return 2 * self.start + (1 << self.level) - 1

    @property
    def middle(self) -> int:
        """The first leaf index of the right subtree."""
        return self.start + (1 << self.level - 1)

    def resolution(self) -> "tuple[Subtree, ...]":
        """The nodes whose keys reach everybody here (RFC 9420 §4.1.1)."""
        if self._resolution is None:
            if self.node is None:
                self._resolution = self.left.resolution() + self.right.resolution()
            else:
                unmerged = [self.leaf(index) for index in self.node.unmerged_leaves]
                self._resolution = (self, *unmerged)
        return self._resolution

    def covers(self, index: int) -> bool:
        """Whether the leaf with that index is here."""
        return index >> self.level == self.start >> self.level

    def leaf(self, index: int) -> Leaf:
        """The leaf with that index, which must be here."""
        here: Subtree = self
        while isinstance(here, Branch):
            here = here.right if index >= here.middle else here.left
        return here


Subtree = Leaf | Branch


def blank(level: int, start: int) -> Subtree:
    """A subtree without members."""
    if level == 0:
        return Leaf(start, None)
    half = 1 << level - 1
    return Branch(level, start, blank(level - 1, start), blank(level - 1, start + half), None)


def path_to(root: Subtree, index: int) -> list[tuple[Branch, Subtree]]:
    """The branches above a leaf, from its parent up, each with its child beside the path."""
    path: list[tuple[Branch, Subtree]] = []
    here = root
    while isinstance(here, Branch):
        if index >= here.middle:
            path.append((here, here.left))
            here = here.right
        else:
            path.append((here, here.right))
            here = here.left
    path.reverse()
    return path


def rewrite(
    path: list[tuple[Branch, Subtree]],
    leaf: Leaf,
    change: Callable[[Branch], ParentNode | None],
) -> Subtree:
    """The tree with ``leaf`` at the foot of ``path``, whose parents are what ``change`` says."""
    here: Subtree = leaf
    for branch, beside in path:
        node = change(branch)
        if beside is branch.left:
            here = Branch(branch.level, branch.start, beside, here, node)
        else:
            here = Branch(branch.level, branch.start, here, beside, node)
    return here
