"""RFC 9420 §7.4 to §7.6; the official vectors check the values."""

from dataclasses import replace
from functools import partial

import pytest

from geventim.errors import AuthenticationError, PeerError
from geventim.mls.groups.group import Group
from geventim.mls.tree.ratchet_tree import RatchetTree
from geventim.mls.tree.treekem import (
    FreshPath,
    PrivateKeys,
    create_path,
    keys_from_secret,
    merge_path,
    open_path,
)
from geventim.mls.tree.update_path import UpdatePath
from tests.mls.builder import GROUP_ID, SUITE, commit, family, package, random

CONTEXT = b"context"


@pytest.fixture(scope="module")
def groups() -> list[Group]:
    groups = family(*"abcdefg")
    for index in (0, 3, 5):
        commit(groups, index)
    return groups


def fresh_path(group: Group, tree: RatchetTree) -> FreshPath:
    make = partial(group.client.leaf_node, SUITE, group_id=GROUP_ID, leaf_index=group.own_index)
    return create_path(tree, group.own_index, make, random)


def test_everybody_gets_the_same_secret_and_the_keys_of_the_tree(groups: list[Group]) -> None:
    for sender in groups:
        after = sender.state.epoch.tree.fork()
        fresh = fresh_path(sender, after)
        path = fresh.encrypt(CONTEXT, (), random)
        for group in groups:
            if group is sender:
                continue
            tree = group.state.epoch.tree.fork()
            steps = merge_path(tree, sender.own_index, path, fresh.leaf_node, ())
            assert tree.tree_hash() == after.tree_hash()
            own = (group.own_index, group.state.epoch.keys)
            opened = open_path(SUITE, steps, path, own, CONTEXT, ())
            assert opened.commit_secret == fresh.commit_secret
            kept = opened.keys.within(tree, group.own_index)
            nodes = tree.nodes()
            above = [b.position for b, _ in steps if b.covers(group.own_index)]
            assert set(above) <= kept.parents.keys()
            for position, key in kept.parents.items():
                assert key.public == nodes[position].encryption_key


def test_another_context_opens_nothing(groups: list[Group]) -> None:
    tree = groups[0].state.epoch.tree.fork()
    path = fresh_path(groups[0], tree).encrypt(CONTEXT, (), random)
    copy = groups[1].state.epoch.tree.fork()
    steps = merge_path(copy, 0, path, path.leaf_node.trust(), ())
    keys = groups[1].state.epoch.keys
    opened = open_path(SUITE, steps, path, (1, keys), b"other", ())
    assert opened.commit_secret is None
    assert opened.keys.parents.keys() == keys.parents.keys() - {b.position for b, _ in steps}


def test_a_newcomer_gets_no_ciphertext_but_a_secret_of_its_own(groups: list[Group]) -> None:
    tree = groups[0].state.epoch.tree.fork()
    own = package("new")
    index = tree.add(own.key_package.leaf_node)
    copy = tree.fork()
    fresh = fresh_path(groups[0], tree)
    path = fresh.encrypt(CONTEXT, {index}, random)
    counts = [len(node.encrypted_path_secret) for node in path.nodes]
    assert sum(counts) < len(list(tree.members()))
    keys = keys_from_secret(tree, index, 0, fresh.secret_for(index))
    assert keys.keys() == {b.position for b, _ in fresh.steps if b.covers(index)}
    with pytest.raises(AuthenticationError):
        keys_from_secret(tree, index, 0, bytes(32))
    with pytest.raises(PeerError, match="wrong number"):
        merge_path(copy.fork(), 0, path, fresh.leaf_node, ())
    steps = merge_path(copy, 0, path, fresh.leaf_node, {index})
    opened = open_path(SUITE, steps, path, (1, groups[1].state.epoch.keys), CONTEXT, {index})
    assert opened.commit_secret == fresh.commit_secret


def test_a_path_secret_for_a_blank_node_is_refused() -> None:
    tree = family("a", "b")[0].state.epoch.tree.fork()
    tree.update(0, tree.member(0))
    with pytest.raises(PeerError, match="blank"):
        keys_from_secret(tree, 1, 0, bytes(32))


def test_who_has_no_key_cannot_open(groups: list[Group]) -> None:
    tree = groups[0].state.epoch.tree.fork()
    path = fresh_path(groups[0], tree).encrypt(CONTEXT, (), random)
    copy = groups[1].state.epoch.tree.fork()
    steps = merge_path(copy, 0, path, path.leaf_node.trust(), ())
    stranger = PrivateKeys(SUITE.generate_key_pair(random))
    opened = open_path(SUITE, steps, path, (1, stranger), CONTEXT, ())
    assert opened.commit_secret is None
    assert opened.keys == stranger


def test_what_does_not_fit_is_left_out_and_what_fits_is_kept(groups: list[Group]) -> None:
    """A key that its secret does not give is not ours, and then nothing is added to the epoch."""
    tree = groups[0].state.epoch.tree.fork()
    path = fresh_path(groups[0], tree).encrypt(CONTEXT, (), random)
    copy = groups[1].state.epoch.tree.fork()
    steps = merge_path(copy, 0, path, path.leaf_node.trust(), ())
    own = (1, groups[1].state.epoch.keys)
    whole = open_path(SUITE, steps, path, own, CONTEXT, ())
    assert len(path.nodes) > 1
    for place, (branch, _) in enumerate(steps):
        nodes = list(path.nodes)
        nodes[place] = replace(nodes[place], encryption_key=SUITE.generate_key_pair(random).public)
        opened = open_path(SUITE, steps, replace(path, nodes=tuple(nodes)), own, CONTEXT, ())
        assert opened.commit_secret is None
        assert opened.keys.parents.keys() == whole.keys.parents.keys() - {branch.position}


def test_a_path_of_the_wrong_length_is_refused(groups: list[Group]) -> None:
    tree = groups[0].state.epoch.tree
    path = fresh_path(groups[0], tree.fork()).encrypt(CONTEXT, (), random)
    short = replace(path, nodes=path.nodes[1:])
    with pytest.raises(PeerError, match="wrong length"):
        merge_path(tree.fork(), 0, short, path.leaf_node.trust(), ())


def test_old_keys_are_dropped(groups: list[Group]) -> None:
    epoch = groups[0].state.epoch
    tree = epoch.tree.fork()
    assert epoch.keys.within(tree, 0).parents == dict(epoch.keys.parents)
    tree.update(0, tree.member(0))
    assert epoch.keys.within(tree, 0).parents == {}


def test_private_keys_are_not_shown(groups: list[Group]) -> None:
    assert repr(groups[0].state.epoch.keys) == "PrivateKeys()"


def test_a_path_is_read_as_it_was_written(groups: list[Group]) -> None:
    path = fresh_path(groups[0], groups[0].state.epoch.tree.fork()).encrypt(CONTEXT, (), random)
    assert UpdatePath.decode(path.encode()).encode() == path.encode()
