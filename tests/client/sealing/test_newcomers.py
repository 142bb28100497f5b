"""Which key packages can be added to a group."""

from dataclasses import replace

import pytest

from geventim.chat.values import Kind
from geventim.client.sealing.charter import CHARTER, Charter
from geventim.client.sealing.engine import SUITE, lifetime
from geventim.client.sealing.newcomers import misfits
from geventim.mls.ground.capabilities import Capabilities, Lifetime
from geventim.mls.messages.key_package import generate_key_package
from tests.client.members import engine
from tests.client.world import SERVER_SIGNER

NOW = 1_700_000_000


@pytest.fixture
def founder():
    return engine("alice")


@pytest.fixture
def public(founder):
    """A group of one."""
    key = founder.client.signing_key
    charter = Charter.found(
        Kind.GROUP,
        b"c" * 16,
        server=SERVER_SIGNER.public,
        incarnation=b"i" * 16,
        key=key,
        name="crew",
    )
    return founder.found(b"c" * 16, charter, NOW).vantage.public


def package(nick, lifetime=lifetime(NOW), **capabilities):  # noqa: B008 - it does not change
    """One of somebody whose client says that it can do so much."""
    made = engine(nick)
    supported = Capabilities(**{"extensions": (CHARTER,)} | capabilities)
    client = replace(made.client, capabilities=supported)
    return generate_key_package(SUITE, client, lifetime, made.random).key_package


@pytest.mark.parametrize(
    "lifetime",
    [Lifetime(NOW - 9, NOW - 1), Lifetime(NOW - 9, NOW + 9), Lifetime(NOW + 1, NOW + 99)],
)
def test_nor_one_that_is_not_good_any_more_or_not_yet(public, lifetime):
    bad = package("mallory", lifetime)
    assert misfits(public, [package("bob"), bad], NOW) == [bad]


def with_key_of(other, nick):
    """One of ``nick`` that has the leaf's key of ``other``; its signatures play no part here."""
    made = package(nick)
    key = other.encryption_key
    return replace(made, leaf_node=replace(made.leaf_node, encryption_key=key))


def test_those_of_our_clients_fit(public):
    assert misfits(public, [package("bob"), package("carol")], NOW) == []
    assert misfits(public, [], NOW) == []


@pytest.mark.parametrize(
    "lacking", [{"extensions": ()}, {"versions": (2,)}, {"cipher_suites": (1,)}]
)
def test_one_whose_owner_does_not_support_the_group_does_not(public, lacking):
    bad = package("mallory", **lacking)
    assert misfits(public, [package("bob"), bad, package("carol")], NOW) == [bad]


def test_nor_one_with_a_key_that_is_in_the_group(public):
    bad = with_key_of(public.tree.member(0), "mallory")
    assert misfits(public, [bad], NOW) == [bad]


def test_nor_one_with_the_key_of_another_one(public):
    good = package("bob")
    bad = with_key_of(good.leaf_node, "mallory")
    assert misfits(public, [good, bad, package("carol")], NOW) == [bad]


def test_nor_one_of_somebody_who_is_there(public, founder):
    (own,) = founder.generate_key_packages(1, NOW)
    assert misfits(public, [own.key_package], NOW) == [own.key_package]
