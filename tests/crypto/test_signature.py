import hashlib
from collections.abc import Iterable
from typing import Any

import pytest
from Cryptodome.PublicKey.ECC import EccPoint
from Cryptodome.Signature import eddsa
from hypothesis import given
from hypothesis import strategies as st

from geventim.crypto import ed25519
from geventim.crypto.signature import SIGNATURE_SIZE, SigningKey, Verifier, check_key, verify
from geventim.errors import AuthenticationError, MisuseError
from tests.crypto.published import each_case

PRIME = 2**255 - 19
BASE = bytes.fromhex("58" + "66" * 31)
EIGHTH = bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")

# RFC 8032 §7.1: secret key, public key, message, signature.
PUBLISHED = {
    "TEST 1": (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf"
        "9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    "TEST 2": (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f"
        "11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    "TEST 3": (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984"
        "dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
    "TEST SHA(abc)": (
        "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3f"
        "eebbd454d4423643ce80e2a9ac94fa54ca49f",
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c6643"
        "1e0303dca179c138ac17ad9bef1177331a704",
    ),
}


def accepts(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        verify(public, message, signature)
    except AuthenticationError:
        return False
    return True


def library_accepts(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        eddsa.new(eddsa.import_public_key(public), "rfc8032").verify(message, signature)
    except ValueError:
        return False
    return True


def shifted(scalar: int, shift: int) -> bytes:
    """The encoding of a multiple of the base point and of a point of order eight together."""
    total = EccPoint(*ed25519.decode(BASE), "Ed25519") * scalar
    for _ in range(shift):
        total += EccPoint(*ed25519.decode(EIGHTH), "Ed25519")
    x, y = map(int, total.xy)
    return (y | (x & 1) << 255).to_bytes(32, "little")


def forge(
    key: tuple[int, int], nonce: tuple[int, int], message: bytes, change: int
) -> tuple[bytes, bytes]:
    """A public key and a signature, both off by a point of small order."""
    public, commitment = shifted(*key), shifted(*nonce)
    digest = hashlib.sha512(commitment + public + message).digest()
    scalar = (nonce[0] + int.from_bytes(digest, "little") * key[0] + change) % ed25519.ORDER
    return public, commitment + scalar.to_bytes(32, "little")


def each_test(content: dict[str, Any]) -> Iterable[tuple[str, Any]]:
    for group in content["testGroups"]:
        for test in group["tests"]:
            yield str(test["tcId"]), test | {"pk": group["key"]["pk"]}


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_signature(name):
    secret, public, message, signature = map(bytes.fromhex, PUBLISHED[name])
    key = SigningKey(secret)
    assert key.public == public
    assert key.sign(message) == signature
    verify(public, message, signature)


@pytest.mark.vectors
@each_case("wycheproof", "eddsa_test.json", each_test)
def test_wycheproof(case):
    public, message, signature = (bytes.fromhex(case[name]) for name in ("pk", "msg", "sig"))
    assert case["result"] in ("valid", "invalid")
    assert accepts(public, message, signature) == (case["result"] == "valid")


@given(st.binary(min_size=32, max_size=32), st.binary())
def test_what_is_signed_verifies(secret, message):
    key = SigningKey(secret)
    signature = key.sign(message)
    assert len(signature) == SIGNATURE_SIZE
    verify(key.public, message, signature)
    assert not accepts(key.public, message + b"\0", signature)


def test_every_altered_bit_is_refused():
    key = SigningKey(bytes(range(32)))
    message = b"to be signed"
    signature = key.sign(message)
    verifier = Verifier(key.public)
    for bit in range(8 * SIGNATURE_SIZE):
        altered = (int.from_bytes(signature, "little") ^ 1 << bit).to_bytes(64, "little")
        with pytest.raises(AuthenticationError):
            verifier.verify(message, altered)
    verifier.verify(message, signature)


@pytest.mark.parametrize("size", [0, 31, 32, 63, 65, 96])
def test_signatures_of_other_sizes_are_refused(size):
    key = SigningKey(bytes(32))
    signature = (key.sign(b"") + bytes(32))[:size]
    assert not accepts(key.public, b"", signature)


@pytest.mark.parametrize("size", [0, 31, 33, 57, 64])
def test_keys_of_other_sizes_are_refused(size):
    public = (SigningKey(bytes(32)).public + bytes(32))[:size]
    with pytest.raises(AuthenticationError):
        Verifier(public)


def test_a_private_key_has_32_bytes():
    for size in (0, 31, 33, 57, 64):
        with pytest.raises(MisuseError):
            SigningKey(bytes(size))


@given(
    key=st.tuples(st.integers(1, 2**252), st.integers(0, 7)),
    nonce=st.tuples(st.integers(1, 2**252), st.integers(0, 7)),
    message=st.binary(max_size=8),
    change=st.sampled_from([0, 0, 0, 1, ed25519.ORDER - 1]),
)
def test_points_of_small_order_make_no_difference(key, nonce, message, change):
    public, signature = forge(key, nonce, message, change)
    assert accepts(public, message, signature) == (change == 0)
    assert library_accepts(public, message, signature) == (change == 0)


@pytest.mark.parametrize("key_shift", range(8))
@pytest.mark.parametrize("nonce_shift", range(8))
def test_keys_and_commitments_of_small_order(key_shift, nonce_shift):
    # The library refuses the points of order 2 and 4.
    usable = {key_shift, nonce_shift}.isdisjoint({2, 4, 6})
    for change in (0, 1):
        for message in (b"a", b"b", b"c", b"d"):
            public, signature = forge((0, key_shift), (0, nonce_shift), message, change)
            expected = usable and change == 0
            assert accepts(public, message, signature) == expected
            assert library_accepts(public, message, signature) == expected


odd_points = st.one_of(
    st.sampled_from([BASE, EIGHTH, bytes(32), b"\x01" + bytes(31), b"\xff" * 32]),
    st.integers(0, 18).map(lambda over: (PRIME + over).to_bytes(32, "little")),
    st.integers(0, 18).map(lambda over: (PRIME + over | 1 << 255).to_bytes(32, "little")),
    st.binary(min_size=32, max_size=32),
)
odd_scalars = st.one_of(
    st.integers(0, 2**256 - 1),
    st.sampled_from([0, 1, ed25519.ORDER - 1, ed25519.ORDER + 1, 2 * ed25519.ORDER, 2**256 - 1]),
)


@given(odd_points, odd_points, odd_scalars)
def test_odd_input_is_judged_as_by_the_library(public, commitment, scalar):
    signature = commitment + scalar.to_bytes(32, "little")
    assert accepts(public, b"odd", signature) == library_accepts(public, b"odd", signature)


@pytest.mark.parametrize("shift", range(8))
def test_keys_for_which_anybody_can_sign_stand_for_nobody(shift):
    with pytest.raises(AuthenticationError):
        check_key(shifted(0, shift))
    check_key(shifted(1, shift))


def test_only_canonical_encodings_are_accepted():
    # RFC 8032 §5.1.7 refuses these three, which the library lets pass.
    neutral = b"\x01" + bytes(31)
    negative_zero = b"\x01" + bytes(30) + b"\x80"
    order = ed25519.ORDER.to_bytes(32, "little")
    assert accepts(neutral, b"", neutral + bytes(32))
    for public, signature in [
        (neutral, neutral + order),
        (neutral, negative_zero + bytes(32)),
        (negative_zero, neutral + bytes(32)),
    ]:
        assert library_accepts(public, b"", signature)
        assert not accepts(public, b"", signature)


def test_a_larger_scalar_is_no_second_signature():
    key = SigningKey(bytes(range(32)))
    signature = key.sign(b"once")
    scalar = int.from_bytes(signature[32:], "little") + ed25519.ORDER
    assert not accepts(key.public, b"once", signature[:32] + scalar.to_bytes(32, "little"))


def test_nothing_secret_is_shown():
    secret = bytes(range(65, 97))
    key = SigningKey(secret)
    assert secret.decode() not in repr(key)
    assert secret.hex() not in repr(key)
