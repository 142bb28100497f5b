import hashlib
import hmac

import pytest
from Cryptodome.Hash import SHA256
from Cryptodome.Protocol import KDF
from hypothesis import given
from hypothesis import strategies as st

from geventim.crypto.kdf import HASH_SIZE, LONGEST, hkdf_expand, hkdf_extract, scrypt
from geventim.errors import MisuseError


def span(first: int, last: int) -> bytes:
    return bytes(range(first, last + 1))


# RFC 5869 appendix A.1 to A.3: key material, salt, info, pseudorandom key, output.
@pytest.mark.parametrize(
    "case",
    [
        (
            b"\x0b" * 22,
            span(0x00, 0x0C),
            span(0xF0, 0xF9),
            "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
        ),
        (
            span(0x00, 0x4F),
            span(0x60, 0xAF),
            span(0xB0, 0xFF),
            "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
            "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e"
            "590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87",
        ),
        (
            b"\x0b" * 22,
            b"",
            b"",
            "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
        ),
    ],
    ids=["A.1", "A.2", "A.3"],
)
def test_published_hkdf(case):
    key_material, salt, info, key, output = case
    assert hkdf_extract(salt, key_material).hex() == key
    assert hkdf_expand(bytes.fromhex(key), info, len(output) // 2).hex() == output


@given(
    st.binary(min_size=1, max_size=80),
    st.binary(max_size=80),
    st.binary(max_size=80),
    st.integers(1, 300),
)
def test_hkdf_agrees_with_the_library(key_material, salt, info, length):
    ours = hkdf_expand(hkdf_extract(salt, key_material), info, length)
    assert ours == KDF.HKDF(key_material, length, salt, SHA256, context=info)


@pytest.mark.parametrize("length", [0, 1, 31, 32, 33, 64, 65, LONGEST - 1, LONGEST])
def test_any_length_is_a_beginning_of_the_longest(length):
    key = bytes(range(32))
    assert len(hkdf_expand(key, b"info", length)) == length
    assert hkdf_expand(key, b"info", LONGEST).startswith(hkdf_expand(key, b"info", length))


def test_the_last_block_has_the_number_255():
    key = bytes(range(32))
    *_, before, last = (
        hkdf_expand(key, b"info", LONGEST)[start : start + HASH_SIZE]
        for start in range(0, LONGEST, HASH_SIZE)
    )
    assert last == hmac.digest(key, before + b"info\xff", "sha256")


@pytest.mark.parametrize("length", [-1, LONGEST + 1])
def test_other_lengths_are_misuse(length):
    with pytest.raises(MisuseError):
        hkdf_expand(bytes(32), b"", length)


def test_published_scrypt():
    # RFC 7914 §12, the case with r = 8 and p = 1 that takes 16 MiB.
    assert scrypt(b"pleaseletmein", b"SodiumChloride", cost=16384, length=64).hex() == (
        "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
        "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887"
    )


def test_scrypt_takes_more_memory_than_its_default_limit():
    cost = 1 << 17
    stretched = scrypt(b"a passphrase", b"salt", cost=cost, length=32)
    assert stretched == KDF.scrypt(b"a passphrase", b"salt", 32, cost, 8, 1)
    with pytest.raises(ValueError, match="memory"):
        hashlib.scrypt(b"a passphrase", salt=b"salt", n=cost, r=8, p=1, dklen=32)


@pytest.mark.parametrize("passphrase", ["", "pässwörd", "密码短语", "🔑", "a\0b", "x" * 1000])
def test_scrypt_takes_any_passphrase(passphrase):
    secret = passphrase.encode()
    stretched = scrypt(secret, b"salt", cost=16, length=40)
    assert stretched == KDF.scrypt(secret, b"salt", 40, 16, 8, 1)
    assert stretched != scrypt(secret + b"x", b"salt", cost=16, length=40)
    assert stretched != scrypt(secret, b"salu", cost=16, length=40)


@pytest.mark.parametrize("cost", [-2, 0, 1, 3, 1000, 2**20 + 1, 2**21, 2**40])
def test_other_costs_are_misuse(cost):
    with pytest.raises(MisuseError):
        scrypt(b"", b"", cost=cost, length=32)
