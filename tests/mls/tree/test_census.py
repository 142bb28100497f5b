from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geventim.errors import PeerError
from geventim.mls.ground.capabilities import Capabilities
from geventim.mls.ground.credentials import BasicCredential, X509Credential
from geventim.mls.ground.leaf_node import LeafNode
from geventim.mls.tree.census import Census
from tests.mls.builder import package

TEMPLATE = package("alice").key_package.leaf_node


def leaf(name: str, **fields: object) -> LeafNode:
    keys = {"encryption_key": b"e" + name.encode(), "signature_key": b"s" + name.encode()}
    return replace(TEMPLATE, **(keys | fields))


def census(*leaves: LeafNode) -> Census:
    counted = Census()
    for each in leaves:
        counted.add(each)
    return counted


def test_keys_are_known_while_they_are_there() -> None:
    counted = census(leaf("a"))
    counted.add_key(b"parent")
    assert counted.has_encryption_key(b"ea")
    assert counted.has_encryption_key(b"parent")
    assert counted.has_signature_key(b"sa")
    assert not counted.has_signature_key(b"ea")
    counted.remove(leaf("a"))
    counted.remove_key(b"parent")
    assert not counted.has_encryption_key(b"ea")
    assert not counted.has_encryption_key(b"parent")
    assert not counted.has_signature_key(b"sa")
    assert counted.members == 0


def test_a_key_that_is_there_twice_is_refused_until_one_goes() -> None:
    counted = census(leaf("a"), leaf("b", encryption_key=b"ea"))
    with pytest.raises(PeerError, match="encryption key"):
        counted.check()
    counted.remove(leaf("a"))
    counted.check()
    counted.add_key(b"ea")
    with pytest.raises(PeerError, match="encryption key"):
        counted.check()
    with pytest.raises(PeerError, match="signature key"):
        census(leaf("a"), leaf("b", signature_key=b"sa")).check()


def test_what_all_support() -> None:
    able = Capabilities(extensions=(7,))
    counted = census(leaf("a", capabilities=able), leaf("b", capabilities=able))
    assert counted.all_support(("extension", 7))
    assert not counted.all_support(("proposal", 7))
    counted.add(leaf("c"))
    assert not counted.all_support(("extension", 7))
    counted.remove(leaf("c"))
    assert counted.all_support(("extension", 7))


def test_credentials_in_use_are_supported_by_all() -> None:
    both = Capabilities(credentials=(1, 2))
    other = leaf("b", credential=X509Credential(()), capabilities=both)
    with pytest.raises(PeerError, match="credential"):
        census(leaf("a"), other).check()
    census(leaf("a", capabilities=both), other).check()
    lonely = Capabilities(credentials=(2,))
    with pytest.raises(PeerError, match="credential"):
        census(
            leaf("a", capabilities=both, credential=BasicCredential(b"")),
            leaf("b", credential=X509Credential(()), capabilities=lonely),
        ).check()


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 400), st.booleans()), max_size=900))
def test_a_fork_counts_by_itself(steps: list[tuple[bool, int, bool]]) -> None:
    """Long enough to make the tally compact itself."""
    counted, expected = Census(), Counter()
    for add, number, fork in steps:
        key = b"%d" % number
        if fork:
            left = counted.fork()
            counted.add_key(b"only in the fork that is dropped")
            counted = left
        if add:
            counted.add_key(key)
            expected[key] += 1
        elif expected[key]:
            counted.remove_key(key)
            expected[key] -= 1
    assert all(counted.has_encryption_key(key) == (n > 0) for key, n in expected.items())
    assert not counted.has_encryption_key(b"only in the fork that is dropped")
    if any(n > 1 for n in expected.values()):
        with pytest.raises(PeerError):
            counted.check()
    else:
        counted.check()
