import hashlib
from dataclasses import replace

from geventim.mls.tree.nodes import Branch, Leaf, ParentNode, blank, path_to, rewrite
from geventim.mls.tree.tree_hash import original_tree_hash, tree_hash
from tests.mls.builder import SUITE, package

MEMBER = package("alice").key_package.leaf_node


def sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def test_the_inputs_are_those_of_the_rfc() -> None:
    empty = sha256(b"\x01", (5).to_bytes(4, "big"), b"\x00")
    assert tree_hash(SUITE, Leaf(5, None)) == empty
    full = sha256(b"\x01", (4).to_bytes(4, "big"), b"\x01", MEMBER.encode())
    assert tree_hash(SUITE, Leaf(4, MEMBER)) == full
    parent = ParentNode(b"key", b"hash", (5,))
    branch = Branch(1, 4, Leaf(4, MEMBER), Leaf(5, None), parent)
    expected = sha256(b"\x02\x01", parent.encode(), b"\x20", full, b"\x20", empty)
    assert tree_hash(SUITE, branch) == expected


def test_every_change_changes_it() -> None:
    root = blank(3, 0)
    digests = {tree_hash(SUITE, root)}
    for index in range(8):
        changed = rewrite(path_to(root, index), Leaf(index, MEMBER), lambda branch: None)
        digests.add(tree_hash(SUITE, changed))
        other = replace(MEMBER, signature=b"")
        changed = rewrite(path_to(root, index), Leaf(index, other), lambda branch: None)
        digests.add(tree_hash(SUITE, changed))
    assert len(digests) == 17


def test_the_original_is_the_tree_before_leaves_joined() -> None:
    root = blank(2, 0)
    parent = ParentNode(b"key", b"hash")
    for index in (0, 3):
        root = rewrite(path_to(root, index), Leaf(index, MEMBER), lambda branch: parent)
    before = tree_hash(SUITE, root)
    joined = ParentNode(b"key", b"hash", (2,))
    after = rewrite(path_to(root, 2), Leaf(2, MEMBER), lambda branch: joined)
    assert tree_hash(SUITE, after) != before
    assert original_tree_hash(SUITE, after, frozenset((2,))) == before
    assert original_tree_hash(SUITE, after, frozenset()) == tree_hash(SUITE, after)
    assert original_tree_hash(SUITE, Leaf(2, MEMBER), frozenset((2,))) == tree_hash(
        SUITE, Leaf(2, None)
    )
