from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geventim.errors import PeerError
from geventim.mls.ground.leaf_node import LeafNode
from geventim.mls.tree.nodes import ParentNode
from geventim.mls.tree.ratchet_tree import OptionalNode, RatchetTree, decode_nodes
from geventim.wire.presentation import encode_vector
from tests.mls.builder import SUITE, package

TEMPLATE = package("alice").key_package.leaf_node


def leaf(number: int) -> LeafNode:
    key = b"%d" % number
    return replace(TEMPLATE, encryption_key=b"e" + key, signature_key=b"s" + key)


def tree_of(count: int) -> RatchetTree:
    tree = RatchetTree.single(SUITE, leaf(0))
    for number in range(1, count):
        assert tree.add(leaf(number)) == number
    return tree


def indexes(tree: RatchetTree) -> list[int]:
    return [index for index, _ in tree.members()]


def test_members_sit_from_left_to_right_and_the_tree_doubles() -> None:
    tree = tree_of(5)
    assert tree.leaf_count == 8
    assert indexes(tree) == [0, 1, 2, 3, 4]
    assert tree.leaf(4) == leaf(4)
    assert tree.leaf(5) is None
    assert tree.leaf(8) is None
    assert tree.leaf(-1) is None
    with pytest.raises(PeerError):
        tree.member(5)


def test_a_free_place_in_the_middle_is_taken_first() -> None:
    tree = tree_of(6)
    tree.remove(1)
    tree.remove(4)
    tree.truncate()
    assert [tree.add(leaf(number)) for number in (10, 11, 12, 13, 14)] == [1, 4, 6, 7, 8]
    assert tree.leaf_count == 16


def test_the_tree_halves_when_its_right_side_is_empty() -> None:
    tree = tree_of(9)
    tree.remove(8)
    tree.truncate()
    assert tree.leaf_count == 8
    for index in (7, 6, 5, 4, 3, 2):
        tree.remove(index)
    tree.truncate()
    assert tree.leaf_count == 2


def test_an_add_is_unmerged_at_every_parent_that_has_a_key() -> None:
    tree = tree_of(3)
    parents = {1: ParentNode(b"low", b""), 3: ParentNode(b"high", b"")}
    tree.merge_path(0, leaf(20), parents)
    assert tree.add(leaf(3)) == 3
    nodes = tree.nodes()
    assert nodes[3] == ParentNode(b"high", b"", (3,))
    assert nodes[1] == ParentNode(b"low", b"")
    assert nodes[5] is None


def test_update_and_remove_blank_the_path() -> None:
    for change in (lambda tree: tree.update(0, leaf(9)), lambda tree: tree.remove(0)):
        tree = tree_of(4)
        tree.merge_path(3, leaf(20), {3: ParentNode(b"root", b""), 5: ParentNode(b"p", b"")})
        change(tree)
        nodes = tree.nodes()
        assert nodes[3] is None
        assert nodes[5] == ParentNode(b"p", b"")
        assert not tree.census.has_encryption_key(b"root")


def test_a_fork_leaves_the_original_alone() -> None:
    tree = tree_of(4)
    before, digest = tree.encode(), tree.tree_hash()
    fork = tree.fork()
    fork.add(leaf(9))
    fork.remove(0)
    fork.update(1, leaf(11))
    assert (tree.encode(), tree.tree_hash()) == (before, digest)
    assert tree.census.has_signature_key(b"s0")
    assert fork.tree_hash() != digest


def test_a_member_is_found_by_its_signature_key() -> None:
    tree = tree_of(3)
    assert tree.find(b"s2") == 2
    assert tree.find(b"s9") is None
    assert tree.signature_key(1) == b"s1"


def test_the_filtered_path_leaves_out_where_nobody_is() -> None:
    tree = tree_of(5)
    assert [branch.position for branch, _ in tree.filtered_path(4)] == [7]
    assert [branch.position for branch, _ in tree.filtered_path(0)] == [1, 3, 7]


@given(st.lists(st.integers(0, 20), max_size=30))
def test_the_array_form_gives_the_same_tree(steps: list[int]) -> None:
    tree = tree_of(3)
    for number, step in enumerate(steps):
        if step < 8:
            tree.add(leaf(100 + number))
        elif tree.leaf(step - 8) is not None and len(indexes(tree)) > 1:
            tree.remove(step - 8)
            tree.truncate()
    nodes = [
        node.trust() if node is not None and not isinstance(node, ParentNode) else node
        for node in decode_nodes(tree.encode(), 1 << 16)
    ]
    again = RatchetTree.build(SUITE, nodes)
    assert again.tree_hash() == tree.tree_hash()
    assert again.encode() == tree.encode()
    assert again.leaf_count == tree.leaf_count
    assert again.free_leaf() == tree.free_leaf()


PARENT = ParentNode(b"key", b"")


@pytest.mark.parametrize(
    ("nodes", "why"),
    [
        ((), "is blank"),
        ((TEMPLATE, None), "is blank"),
        ((TEMPLATE, None, None), "is blank"),
        ((PARENT,), "another kind"),
        ((TEMPLATE, TEMPLATE), "another kind"),
        ((TEMPLATE, None, PARENT), "another kind"),
        ((TEMPLATE, PARENT), "is a parent"),
        ((TEMPLATE, None, TEMPLATE, PARENT), "is a parent"),
        ((TEMPLATE, *[None] * 7, TEMPLATE), "too many"),
    ],
)
def test_an_array_that_is_no_tree_is_refused(nodes: tuple, why: str) -> None:
    with pytest.raises(PeerError, match=why):
        decode_nodes(encode_vector(nodes, OptionalNode), 4)


def test_an_array_is_filled_up_to_a_full_tree() -> None:
    for count, width in ((1, 1), (3, 3), (5, 7), (7, 7), (9, 15)):
        nodes = (TEMPLATE, *[None] * (count - 2), TEMPLATE)[:count] if count > 1 else (TEMPLATE,)
        assert len(decode_nodes(encode_vector(nodes, OptionalNode), 64)) == width
