"""Where the nodes of a full binary tree stand in an array (RFC 9420 appendix C).

Leaf i is node 2i. The parent of two subtrees stands between them, so the trailing one bits of a
node's index count its level.
"""

from geventim.errors import MisuseError


def level(node: int) -> int:
    """How far ``node`` is above the leaves."""
    return (node ^ (node + 1)).bit_length() - 1


def node_width(leaf_count: int) -> int:
    """The number of nodes of a tree with ``leaf_count`` leaves, a power of two."""
    return 2 * leaf_count - 1


def root(leaf_count: int) -> int:
    """The root of a tree with ``leaf_count`` leaves, a power of two."""
    return leaf_count - 1


def left(node: int) -> int:
    """The left child. Raises :class:`MisuseError` for a leaf."""
    return node ^ (1 << (_parent_level(node) - 1))


def right(node: int) -> int:
    """The right child. Raises :class:`MisuseError` for a leaf."""
    return node ^ (3 << (_parent_level(node) - 1))


def parent(node: int, leaf_count: int) -> int:
    """The parent. Raises :class:`MisuseError` for the root."""
    if node == root(leaf_count):
        raise MisuseError("the root has no parent")
    height = level(node)
    return (node | (1 << height)) & ~(2 << height)


def sibling(node: int, leaf_count: int) -> int:
    """The other child of the parent. Raises :class:`MisuseError` for the root."""
    above = parent(node, leaf_count)
    return right(above) if node < above else left(above)


def direct_path(leaf: int, leaf_count: int) -> list[int]:
    """The ancestors of a leaf, by its leaf index, from its parent to the root."""
    path = []
    node = 2 * leaf
    while node != root(leaf_count):
        node = parent(node, leaf_count)
        path.append(node)
    return path


def common_ancestor(one: int, other: int) -> int:
    """The lowest node above two leaves given by their leaf indexes; for equal ones that leaf."""
    height = (one ^ other).bit_length()
    return (one >> height << height + 1) + (1 << height) - 1


def _parent_level(node: int) -> int:
    height = level(node)
    if height == 0:
        raise MisuseError("a leaf has no children")
    return height
