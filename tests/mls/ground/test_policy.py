from dataclasses import replace

import pytest

from geventim.errors import AuthenticationError, PeerError
from geventim.mls.ground.capabilities import Lifetime
from geventim.mls.ground.credentials import BasicCredential
from geventim.mls.ground.leaf_node import FromKeyPackage, FromUpdate
from geventim.mls.ground.policy import THREE_MONTHS, Policy, no_padding, pad_to
from tests.mls.builder import package

OWN = package("alice").key_package
LEAF = OWN.leaf_node


def with_lifetime(length: int) -> object:
    return replace(LEAF, source=FromKeyPackage(Lifetime(5, 5 + length)))


def test_padding() -> None:
    assert [no_padding(size) for size in (0, 7)] == [0, 0]
    assert [pad_to(8)(size) for size in (0, 1, 8, 9)] == [0, 7, 0, 7]


def test_a_lifetime_has_a_longest() -> None:
    Policy().check_leaf(with_lifetime(THREE_MONTHS))
    with pytest.raises(PeerError, match="too long"):
        Policy().check_leaf(with_lifetime(THREE_MONTHS + 1))
    Policy(max_lifetime=None).check_leaf(with_lifetime(1 << 60))
    with pytest.raises(PeerError, match="before it begins"):
        Policy(max_lifetime=None).check_leaf(with_lifetime(-1))
    Policy(max_lifetime=0).check_leaf(replace(LEAF, source=FromUpdate()))


def test_a_leaf_has_a_largest_size() -> None:
    size = len(LEAF.encode())
    Policy(max_leaf_size=size).check_leaf(LEAF)
    with pytest.raises(PeerError, match="too large"):
        Policy(max_leaf_size=size - 1).check_leaf(LEAF)


def test_the_application_judges_credentials() -> None:
    seen = []
    policy = Policy(accept_credential=lambda *what: bool(seen.append(what)))
    with pytest.raises(AuthenticationError):
        policy.check_leaf(LEAF)
    assert seen == [(LEAF.credential, LEAF.signature_key)]


def test_a_successor_has_a_new_key_and_the_same_name() -> None:
    policy = Policy()
    policy.check_successor(LEAF, replace(LEAF, encryption_key=b"new"))
    with pytest.raises(PeerError, match="keeps"):
        policy.check_successor(LEAF, LEAF)
    renamed = replace(LEAF, encryption_key=b"new", credential=BasicCredential(b"bob"))
    with pytest.raises(AuthenticationError):
        policy.check_successor(LEAF, renamed)
    Policy(accept_successor=lambda old, new: True).check_successor(LEAF, renamed)


def test_nobody_gets_in_by_asking_unless_the_application_says_so() -> None:
    with pytest.raises(AuthenticationError):
        Policy().check_newcomer(LEAF)
    liberal = Policy(accept_newcomer=lambda credential, key: credential == LEAF.credential)
    liberal.check_newcomer(LEAF)
    with pytest.raises(AuthenticationError):
        liberal.check_newcomer(package("bob").key_package.leaf_node)
