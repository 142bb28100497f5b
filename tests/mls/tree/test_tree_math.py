import pytest

from geventim.errors import MisuseError
from geventim.mls.tree import tree_math


def test_a_tree_of_eight() -> None:
    assert tree_math.node_width(8) == 15
    assert tree_math.root(8) == 7
    assert [tree_math.level(node) for node in range(15)] == [
        0, 1, 0, 2, 0, 1, 0, 3, 0, 1, 0, 2, 0, 1, 0,
    ]  # fmt: skip
    assert (tree_math.left(7), tree_math.right(7)) == (3, 11)
    assert tree_math.direct_path(4, 8) == [9, 11, 7]
    assert tree_math.sibling(9, 8) == 13
    assert tree_math.sibling(13, 8) == 9


def test_what_has_no_relative_is_a_mistake() -> None:
    for call in (
        lambda: tree_math.left(0),
        lambda: tree_math.right(2),
        lambda: tree_math.parent(7, 8),
        lambda: tree_math.sibling(7, 8),
    ):
        with pytest.raises(MisuseError):
            call()


@pytest.mark.parametrize("leaves", [1, 2, 4, 16, 64])
def test_parents_and_children_agree(leaves: int) -> None:
    for node in range(1, tree_math.node_width(leaves), 2):
        for child in (tree_math.left(node), tree_math.right(node)):
            assert tree_math.parent(child, leaves) == node


@pytest.mark.parametrize("leaves", [1, 2, 8, 32])
def test_the_common_ancestor_is_where_two_paths_meet(leaves: int) -> None:
    for one in range(leaves):
        for other in range(leaves):
            above = [2 * one, *tree_math.direct_path(one, leaves)]
            beside = {2 * other, *tree_math.direct_path(other, leaves)}
            meeting = next(node for node in above if node in beside)
            assert tree_math.common_ancestor(one, other) == meeting
