"""What a newcomer checks of a tree (RFC 9420 §12.4.3.1), each rule broken alone."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from geventim.errors import PeerError
from geventim.mls.ground.credentials import BasicCredential
from geventim.mls.ground.extensions import Extension
from geventim.mls.ground.policy import Policy
from geventim.mls.groups.group import Group
from geventim.mls.tree.group_context import GroupContext
from geventim.mls.tree.nodes import Node, ParentNode
from geventim.mls.tree.tree_validation import UnverifiedTree, check_unmerged_leaves
from tests.mls.builder import SUITE, add, commit, family, signed_leaf

POLICY = Policy()


@pytest.fixture(scope="module")
def groups() -> list[Group]:
    """Six members; the last is unmerged at the parents that the first has set."""
    groups = family("a", "b", "c", "d", "e")
    commit(groups, 0)
    commit(groups, 4)
    owner = groups[:]
    add(owner, "f")
    return owner


def context(group: Group) -> GroupContext:
    return group.state.epoch.context


# What is wrong with the first member's leaf shows by itself: it committed last, so no parent hash
# depends on it.


def check(group: Group, edit: Callable[[list[Node | None]], None], why: str) -> None:
    """Assert that the group's tree, edited, is refused even with its own tree hash."""
    nodes = list(UnverifiedTree.decode(group.export_tree(), POLICY).nodes)
    edit(nodes)
    odd = UnverifiedTree(tuple(nodes))
    matching = replace(context(group), tree_hash=odd.trust(SUITE).tree_hash())
    with pytest.raises(PeerError, match=why):
        odd.verify(SUITE, matching, POLICY)


def test_the_tree_of_a_group_is_valid(groups: list[Group]) -> None:
    for group in groups:
        sent = UnverifiedTree.decode(group.export_tree(), POLICY)
        assert sent.verify(SUITE, context(group), POLICY).tree_hash() == group.tree_hash


def test_another_tree_hash_is_refused(groups: list[Group]) -> None:
    sent = UnverifiedTree.decode(groups[0].export_tree(), POLICY)
    with pytest.raises(PeerError, match="not the group's"):
        sent.verify(SUITE, replace(context(groups[0]), tree_hash=bytes(32)), POLICY)


def test_a_leaf_with_a_bad_signature_is_refused(groups: list[Group]) -> None:
    def edit(nodes: list[Node | None]) -> None:
        nodes[0] = replace(nodes[0], signature=bytes(64))

    check(groups[0], edit, "authentication")


def test_two_members_with_one_key_are_refused(groups: list[Group]) -> None:
    def same_signature_key(nodes: list[Node | None]) -> None:
        nodes[2] = replace(nodes[2], signature_key=nodes[4].signature_key)

    def same_encryption_key(nodes: list[Node | None]) -> None:
        nodes[2] = replace(nodes[2], encryption_key=nodes[4].encryption_key)

    check(groups[0], same_signature_key, "one signature key")
    check(groups[0], same_encryption_key, "one encryption key")


def test_a_parents_key_is_in_no_other_node(groups: list[Group]) -> None:
    def edit(nodes: list[Node | None]) -> None:
        nodes[7] = replace(nodes[7], encryption_key=nodes[2].encryption_key)

    check(groups[0], edit, "one encryption key")


def test_a_parents_parent_hash_is_right(groups: list[Group]) -> None:
    def edit(nodes: list[Node | None]) -> None:
        nodes[7] = replace(nodes[7], parent_hash=b"other")

    check(groups[0], edit, "not set by a member")


def test_a_leaf_that_its_client_does_not_support_is_refused(groups: list[Group]) -> None:
    def edit(nodes: list[Node | None]) -> None:
        odd = signed_leaf(groups[0].client, 0, nodes[0], extensions=(Extension(0xF001, b""),))
        nodes[0] = odd

    check(groups[0], edit, "does not support")


def test_the_application_judges_every_member(groups: list[Group]) -> None:
    picky = Policy(accept_credential=lambda credential, key: credential != BasicCredential(b"c"))
    sent = UnverifiedTree.decode(groups[0].export_tree(), POLICY)
    with pytest.raises(PeerError):
        sent.verify(SUITE, context(groups[0]), picky)


def test_an_extension_that_not_everybody_supports_is_refused(groups: list[Group]) -> None:
    sent = UnverifiedTree.decode(groups[0].export_tree(), POLICY)
    odd = replace(context(groups[0]), extensions=(Extension(0xF001, b""),))
    with pytest.raises(PeerError, match="not support"):
        sent.verify(SUITE, odd, POLICY)


@pytest.mark.parametrize(
    ("leaves", "why"),
    [
        ((5, 4), "order"),
        ((4, 4), "order"),
        ((7,), "blank"),
        ((9,), "wrong place"),
        ((0, 5), None),
    ],
)
def test_unmerged_leaves_make_sense(
    groups: list[Group], leaves: tuple[int, ...], why: str | None
) -> None:
    nodes = list(UnverifiedTree.decode(groups[0].export_tree(), POLICY).nodes)
    # Only the root keeps a key here, so that what is in between says nothing.
    for position in range(1, len(nodes), 2):
        nodes[position] = ParentNode(b"root", b"", leaves) if position == 7 else None
    tree = UnverifiedTree(tuple(nodes)).trust(SUITE)
    if why is None:
        check_unmerged_leaves(tree.root)
    else:
        with pytest.raises(PeerError, match=why):
            check_unmerged_leaves(tree.root)


def test_an_unmerged_leaf_is_unmerged_at_every_parent_in_between(groups: list[Group]) -> None:
    group = groups[0]
    nodes = list(UnverifiedTree.decode(group.export_tree(), POLICY).nodes)
    nodes[11] = ParentNode(b"middle", b"", ())
    nodes[7] = ParentNode(b"top", b"", (5,))
    tree = UnverifiedTree(tuple(nodes)).trust(SUITE)
    with pytest.raises(PeerError, match="wrong place"):
        check_unmerged_leaves(tree.root)
    nodes[11] = ParentNode(b"middle", b"", (5,))
    check_unmerged_leaves(UnverifiedTree(tuple(nodes)).trust(SUITE).root)


def test_a_tree_larger_than_allowed_is_refused(groups: list[Group]) -> None:
    with pytest.raises(PeerError, match="too many"):
        UnverifiedTree.decode(groups[0].export_tree(), Policy(max_leaves=4))
