"""RFC 9420 §10 and §10.1."""

from dataclasses import replace

import pytest

from geventim.errors import AuthenticationError, PeerError
from geventim.mls.ground.capabilities import Lifetime
from geventim.mls.ground.cipher_suite import AES_128_GCM
from geventim.mls.ground.extensions import Extension
from geventim.mls.ground.leaf_node import FromUpdate
from geventim.mls.messages.key_package import KeyPackage, UnverifiedKeyPackage, generate_key_package
from tests.mls.builder import LIFETIME, SUITE, client, package, random, signed_leaf

OWN = package("alice")


def signed(**fields: object) -> KeyPackage:
    changed = replace(OWN.key_package, **fields)
    key = OWN.client.signing_key
    return replace(
        changed, signature=SUITE.sign_with_label(key, "KeyPackageTBS", changed.content())
    )


def test_what_is_generated_verifies() -> None:
    sent = UnverifiedKeyPackage.decode(OWN.key_package.encode())
    assert not isinstance(sent, KeyPackage)
    assert sent.verify() == sent.verify(SUITE) == OWN.key_package
    assert OWN.key_package.lifetime == LIFETIME
    assert OWN.init_key.public == sent.init_key
    assert OWN.encryption_key.public == sent.leaf_node.encryption_key


def test_every_one_is_different() -> None:
    one, other = package(OWN.client), package(OWN.client)
    assert one.key_package.init_key != other.key_package.init_key
    assert one.key_package.reference() != other.key_package.reference()


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"version": 0}, "version"),
        ({"cipher_suite": 2}, "suite"),
        ({"init_key": OWN.key_package.leaf_node.encryption_key}, "two purposes"),
        ({"init_key": bytes(32)}, "small order"),
        ({"init_key": b""}, "size"),
        ({"leaf_node": replace(OWN.key_package.leaf_node, signature=bytes(64))}, "auth"),
        (
            {
                "leaf_node": signed_leaf(
                    OWN.client, 0, OWN.key_package.leaf_node, source=FromUpdate()
                )
            },
            "not made for it",
        ),
    ],
)
def test_a_broken_rule_is_refused(fields: dict, why: str) -> None:
    with pytest.raises(PeerError, match=why):
        signed(**fields).verify()


def test_another_suite_than_asked_for_is_refused() -> None:
    with pytest.raises(PeerError, match="another cipher suite"):
        OWN.key_package.verify(AES_128_GCM)


def test_every_field_is_signed() -> None:
    for fields in (
        {"extensions": (Extension(0x0A0A, b""),)},
        {"init_key": OWN.client.signing_key.public},
        {"signature": bytes(64)},
    ):
        with pytest.raises(AuthenticationError):
            replace(OWN.key_package, **fields).verify()


def test_unknown_extensions_are_ignored() -> None:
    signed(extensions=(Extension(0x1A1A, b"grease"),)).verify()


def test_two_extensions_of_one_type_are_malformed() -> None:
    twice = signed(extensions=(Extension(9, b""), Extension(9, b"")))
    with pytest.raises(PeerError, match="one type"):
        UnverifiedKeyPackage.decode(twice.encode())


def test_private_keys_are_not_shown() -> None:
    own = generate_key_package(SUITE, client("bob"), Lifetime(0, 1), random)
    assert "init_key=" not in repr(own).replace("init_key=b", "")
    assert "PrivateKey" not in repr(own)
