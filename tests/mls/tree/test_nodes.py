from geventim.mls.tree.nodes import Branch, Leaf, ParentNode, blank, path_to, rewrite
from tests.mls.builder import package

MEMBER = package("alice").key_package.leaf_node


def test_a_blank_subtree_has_its_places_and_nobody() -> None:
    root = blank(2, 4)
    assert (root.level, root.position, root.members) == (2, 11, 0)
    assert isinstance(root, Branch)
    assert (root.left.position, root.right.position) == (9, 13)
    assert root.leaf(6).index == 6
    assert root.resolution() == ()


def test_a_rewrite_shares_what_it_does_not_touch() -> None:
    root = blank(3, 0)
    path = path_to(root, 5)
    assert [branch.position for branch, _ in path] == [9, 11, 7]
    assert [beside.position for _, beside in path] == [8, 13, 3]
    node = ParentNode(b"key", b"")
    after = rewrite(path, Leaf(5, MEMBER), lambda branch: node if branch.level == 2 else None)
    assert isinstance(after, Branch)
    assert after.left is root.left
    assert after.right.right is root.right.right
    assert after.right.node is node
    assert (after.members, root.members) == (1, 0)
    assert after.leaf(5).node is MEMBER
    assert root.leaf(5).node is None


def test_a_resolution_is_the_highest_keys_and_the_unmerged() -> None:
    root = blank(2, 0)
    for index in (0, 1, 3):
        root = rewrite(path_to(root, index), Leaf(index, MEMBER), lambda branch: branch.node)
    assert [node.position for node in root.resolution()] == [0, 2, 6]
    parents = {1: ParentNode(b"low", b"")}
    root = rewrite(path_to(root, 0), root.leaf(0), lambda branch: parents.get(branch.position))
    assert [node.position for node in root.resolution()] == [1, 6]
    parents[3] = ParentNode(b"high", b"", (1, 3))
    root = rewrite(path_to(root, 0), root.leaf(0), lambda branch: parents.get(branch.position))
    assert [node.position for node in root.resolution()] == [3, 2, 6]


def test_a_branch_covers_its_leaves() -> None:
    branch = blank(2, 4)
    assert isinstance(branch, Branch)
    assert [index for index in range(12) if branch.covers(index)] == [4, 5, 6, 7]
