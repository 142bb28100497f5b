from collections.abc import Iterable
from typing import Any

import pytest
from Cryptodome.Protocol import DH
from hypothesis import given
from hypothesis import strategies as st

from geventim.crypto.dh import KEY_SIZE, PrivateKey
from geventim.errors import AuthenticationError, MisuseError
from tests.crypto.published import each_case

PRIME = 2**255 - 19

# The u-coordinates of order 1, 2, 4 and 8 on Curve25519 and its twist, in every spelling that the
# masked top bit leaves room for.
_EIGHTH = 0x00B8495F16056286FDB1329CEB8D09DA6AC49FF1FAE35616AEB8413B7C7AEBE0
_OTHER_EIGHTH = 0x57119FD0DD4E22D8868E1C58C45C44045BEF839C55B1D0B1248C50A3BC959C5F
SMALL_ORDER = [
    u | top
    for u in (0, 1, _EIGHTH, _OTHER_EIGHTH, PRIME - 1, PRIME, PRIME + 1)
    for top in (0, 1 << 255)
]

keys = st.binary(min_size=KEY_SIZE, max_size=KEY_SIZE)


def each_test(content: dict[str, Any]) -> Iterable[tuple[str, Any]]:
    for group in content["testGroups"]:
        for test in group["tests"]:
            yield str(test["tcId"]), test


# RFC 7748 §5.2: scalar, u-coordinate, result.
@pytest.mark.parametrize(
    "case",
    [
        (
            "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
            "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
            "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552",
        ),
        (
            "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
            "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
            "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957",
        ),
    ],
)
def test_published_function(case):
    scalar, u, result = map(bytes.fromhex, case)
    assert PrivateKey(scalar).exchange(u) == result


@pytest.mark.parametrize(
    ("rounds", "result"),
    [
        (1, "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079"),
        (1000, "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51"),
    ],
)
def test_published_iteration(rounds, result):
    scalar = u = (9).to_bytes(32, "little")
    for _ in range(rounds):
        scalar, u = PrivateKey(scalar).exchange(u), scalar
    assert scalar.hex() == result


def test_published_exchange():
    # RFC 7748 §6.1.
    alice = PrivateKey(
        bytes.fromhex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a")
    )
    bob = PrivateKey(
        bytes.fromhex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb")
    )
    assert alice.public.hex() == "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"
    assert bob.public.hex() == "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"
    shared = bytes.fromhex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742")
    assert alice.exchange(bob.public) == bob.exchange(alice.public) == shared


@pytest.mark.vectors
@each_case("wycheproof", "x25519_test.json", each_test)
def test_wycheproof(case):
    private = PrivateKey(bytes.fromhex(case["private"]))
    assert case["result"] in ("valid", "acceptable")
    try:
        shared = private.exchange(bytes.fromhex(case["public"]))
    except AuthenticationError:
        assert case["result"] == "acceptable"
        assert case["shared"] == "00" * KEY_SIZE
    else:
        assert shared.hex() == case["shared"] != "00" * KEY_SIZE


@pytest.mark.parametrize("u", SMALL_ORDER, ids=hex)
def test_keys_of_small_order_are_refused(u):
    for secret in (bytes(32), b"\xff" * 32, bytes(range(32))):
        with pytest.raises(AuthenticationError):
            PrivateKey(secret).exchange(u.to_bytes(KEY_SIZE, "little"))


@pytest.mark.parametrize("size", [0, 1, 31, 33, 64])
def test_public_keys_of_other_sizes_are_refused(size):
    with pytest.raises(AuthenticationError):
        PrivateKey(bytes(32)).exchange(b"\x09" * size)


@pytest.mark.parametrize("size", [0, 1, 31, 33, 64])
def test_own_keys_of_other_sizes_are_misuse(size):
    with pytest.raises(MisuseError):
        PrivateKey(bytes(size))
    with pytest.raises(MisuseError):
        PrivateKey(bytes(32), bytes(size))


@given(keys, keys)
def test_agrees_with_the_key_objects_of_the_library(secret, other_secret):
    ours, theirs = PrivateKey(secret), DH.import_x25519_private_key(other_secret)
    public = theirs.public_key().export_key(format="raw")
    assert PrivateKey(other_secret).public == public
    expected = DH.key_agreement(
        static_priv=theirs, static_pub=DH.import_x25519_public_key(ours.public), kdf=bytes
    )
    assert ours.exchange(public) == expected


def test_a_known_public_key_is_taken_as_it_is():
    known = PrivateKey(bytes(range(32))).public
    assert PrivateKey(bytes(range(32)), known).public is known


def test_nothing_secret_is_shown():
    secret = bytes(range(65, 97))
    key = PrivateKey(secret)
    for text in (repr(key), str(key)):
        assert secret.decode() not in text
        assert secret.hex() not in text
