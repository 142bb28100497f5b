"""RFC 9420 §7.9."""

from dataclasses import replace

import pytest

from geventim.errors import PeerError
from geventim.mls.ground.leaf_node import FromCommit
from geventim.mls.tree.nodes import Branch, Leaf, ParentNode
from geventim.mls.tree.parent_hash import ParentHashInput, branches, hash_path, verify_parent_hashes
from geventim.mls.tree.ratchet_tree import RatchetTree
from geventim.mls.tree.tree_hash import tree_hash
from tests.mls.builder import SUITE, add, commit, family, package


@pytest.fixture(scope="module")
def tree() -> RatchetTree:
    """Eight members, of whom some joined after others had committed."""
    groups = family("a", "b", "c", "d", "e")
    add(groups, "f", "g")
    for index in (0, 3, 4):
        commit(groups, index)
    add(groups, "h")
    commit(groups, 2)
    return groups[0].state.epoch.tree


def parents(tree: RatchetTree) -> list[Branch]:
    return [branch for branch in branches(tree.root) if branch.node is not None]


def changed(tree: RatchetTree, position: int, node: ParentNode) -> RatchetTree:
    nodes = list(tree.nodes())
    nodes += [None] * (2 * tree.leaf_count - 1 - len(nodes))
    nodes[position] = node
    return RatchetTree.build(tree.suite, nodes)


def test_a_path_is_a_chain_from_the_root_down() -> None:
    member = package("alice").key_package.leaf_node
    siblings = [Leaf(1, member), Leaf(2, member)]
    nodes, leaf_hash = hash_path(SUITE, siblings, [b"low", b"high"])
    high = SUITE.hash(ParentHashInput(b"high", b"", tree_hash(SUITE, siblings[1])).encode())
    low = SUITE.hash(ParentHashInput(b"low", high, tree_hash(SUITE, siblings[0])).encode())
    assert nodes == [ParentNode(b"low", high), ParentNode(b"high", b"")]
    assert leaf_hash == low


def test_a_leaf_without_parents_has_no_hash() -> None:
    assert hash_path(SUITE, [], []) == ([], b"")


def test_a_tree_that_grew_by_commits_is_valid(tree: RatchetTree) -> None:
    assert any(branch.node.unmerged_leaves for branch in parents(tree) if branch.node)
    verify_parent_hashes(SUITE, tree.root)


def test_every_parent_counts(tree: RatchetTree) -> None:
    for branch in parents(tree):
        node = branch.node
        assert node is not None
        for odd in (
            replace(node, encryption_key=bytes(32)),
            replace(node, parent_hash=b"other"),
            replace(node, unmerged_leaves=()),
            replace(node, unmerged_leaves=(*node.unmerged_leaves, branch.start)),
        ):
            if odd == node:
                continue
            with pytest.raises(PeerError, match="not set by a member"):
                verify_parent_hashes(SUITE, changed(tree, branch.position, odd).root)


def test_a_parent_that_nobody_set_is_refused(tree: RatchetTree) -> None:
    blank = next(branch for branch in branches(tree.root) if branch.node is None)
    odd = changed(tree, blank.position, ParentNode(b"key", b""))
    with pytest.raises(PeerError, match="not set by a member"):
        verify_parent_hashes(SUITE, odd.root)


def test_a_committers_leaf_bears_the_hash(tree: RatchetTree) -> None:
    leaf = tree.member(2)
    assert isinstance(leaf.source, FromCommit)
    odd = tree.fork()
    keep = {branch.position: branch.node for branch in parents(tree) if branch.node}
    odd.merge_path(2, replace(leaf, source=FromCommit(bytes(32))), keep)
    with pytest.raises(PeerError, match="not set by a member"):
        verify_parent_hashes(SUITE, odd.root)
