"""RFC 9420 §7.2, and those rules of §7.3 that need no group."""

from dataclasses import replace

import pytest

from geventim.crypto.signature import SigningKey
from geventim.errors import AuthenticationError, MisuseError, PeerError
from geventim.mls.ground.capabilities import Capabilities, Lifetime
from geventim.mls.ground.credentials import X509Credential
from geventim.mls.ground.extensions import Extension
from geventim.mls.ground.leaf_node import (
    Client,
    FromCommit,
    FromKeyPackage,
    FromUpdate,
    LeafNode,
    UnverifiedLeafNode,
)
from tests.mls.builder import GROUP_ID, SUITE, client, random, signed_leaf, supporting

ALICE = client("alice")
KEY = SUITE.generate_key_pair(random).public
SOURCES = [FromKeyPackage(Lifetime(1, 2)), FromUpdate(), FromCommit(b"hash")]


def leaf(source: object = SOURCES[0], owner: Client = ALICE) -> LeafNode:
    return owner.leaf_node(SUITE, KEY, source, GROUP_ID, 3)


@pytest.mark.parametrize("source", SOURCES)
def test_what_a_client_signs_verifies(source: object) -> None:
    sent = UnverifiedLeafNode.decode(leaf(source).encode())
    assert not isinstance(sent, LeafNode)
    assert sent.verify(SUITE, GROUP_ID, 3) == leaf(source)


@pytest.mark.parametrize("source", SOURCES[1:])
def test_it_is_bound_to_group_and_leaf(source: object) -> None:
    for group_id, index in ((b"other", 3), (GROUP_ID, 4)):
        with pytest.raises(AuthenticationError):
            leaf(source).verify(SUITE, group_id, index)


def test_one_from_a_key_package_is_bound_to_no_group() -> None:
    leaf().verify(SUITE)
    leaf().verify(SUITE, b"any", 7)


@pytest.mark.parametrize(
    "fields",
    [
        {"encryption_key": SUITE.generate_key_pair(random).public},
        {"signature_key": client("bob").signing_key.public},
        {"credential": client("bob").credential},
        {"capabilities": supporting(0xF001)},
        {"source": FromKeyPackage(Lifetime(1, 3))},
        {"signature": bytes(64)},
        {"signature": b""},
    ],
)
def test_every_field_is_signed(fields: dict) -> None:
    with pytest.raises(AuthenticationError):
        replace(leaf(), **fields).verify(SUITE)


def test_an_extension_that_its_client_does_not_support_is_refused() -> None:
    bad = signed_leaf(ALICE, 3, leaf(), extensions=(Extension(0xF001, b""),))
    with pytest.raises(PeerError, match="does not support"):
        bad.verify(SUITE, GROUP_ID, 3)
    good = replace(ALICE, capabilities=supporting(0xF001), extensions=(Extension(0xF001, b""),))
    leaf(owner=good).verify(SUITE)
    # A default one need not, and must not, be listed.
    leaf(owner=replace(ALICE, extensions=(Extension(1, b"id"),))).verify(SUITE)


def test_a_credential_that_its_client_does_not_support_is_refused() -> None:
    bad = signed_leaf(ALICE, 3, leaf(), credential=X509Credential((b"certificate",)))
    with pytest.raises(PeerError, match="does not support"):
        bad.verify(SUITE, GROUP_ID, 3)


def test_an_encryption_key_that_is_none_is_refused() -> None:
    with pytest.raises(PeerError, match="small order"):
        signed_leaf(ALICE, 3, leaf(), encryption_key=bytes(32)).verify(SUITE)


def test_an_unknown_source_is_malformed() -> None:
    encoded = leaf(FromUpdate()).encode()
    at = encoded.index(ALICE.capabilities.encode()) + len(ALICE.capabilities.encode())
    assert encoded[at] == 2
    with pytest.raises(PeerError, match="unknown type"):
        UnverifiedLeafNode.decode(encoded[:at] + b"\x04" + encoded[at + 1 :])


class TestClient:
    def test_default_types_are_not_listed(self) -> None:
        for odd in (Capabilities(extensions=(3,)), Capabilities(proposals=(1,))):
            with pytest.raises(MisuseError, match="default"):
                replace(ALICE, capabilities=odd)

    @pytest.mark.parametrize(
        ("fields", "why"),
        [
            ({"extensions": (Extension(9, b""),)}, "missing"),
            ({"extensions": (Extension(1, b""), Extension(1, b""))}, "two extensions"),
            ({"credential": X509Credential(())}, "credential"),
        ],
    )
    def test_it_says_nothing_that_others_would_refuse(self, fields: dict, why: str) -> None:
        with pytest.raises(MisuseError, match=why):
            leaf(owner=replace(ALICE, **fields))

    def test_its_secret_is_not_shown(self) -> None:
        secret = bytes(range(32))
        assert secret.hex() not in repr(replace(ALICE, signing_key=SigningKey(secret)))
        assert repr(secret)[2:-1] not in repr(replace(ALICE, signing_key=SigningKey(secret)))
