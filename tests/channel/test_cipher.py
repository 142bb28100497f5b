"""The handshake's cipher, against a second one written from docs/protocol.md."""

import hashlib
import hmac

import pytest
from Cryptodome.Cipher import AES
from hypothesis import given
from hypothesis import strategies as st

from geventim.channel.cipher import CBCHMAC
from geventim.errors import AuthenticationError

CIPHER = CBCHMAC()


def encrypt(k: bytes, n: int, ad: bytes, plaintext: bytes) -> bytes:
    info = b"geventim v1 handshake" + n.to_bytes(8, "big")
    stream, block = b"", b""
    for counter in (1, 2, 3):
        block = hmac.new(k, block + info + bytes([counter]), hashlib.sha256).digest()
        stream += block
    mac_key, encryption_key, iv = stream[:32], stream[32:64], stream[64:80]
    count = 16 - len(plaintext) % 16
    padded = plaintext + bytes([count]) * count
    ciphertext = AES.new(encryption_key, AES.MODE_CBC, iv).encrypt(padded)
    bits = (len(ad) * 8).to_bytes(8, "big")
    return ciphertext + hmac.new(mac_key, ad + iv + ciphertext + bits, hashlib.sha256).digest()


@given(
    st.binary(min_size=32, max_size=32),
    st.integers(0, 2**64 - 2),
    st.binary(max_size=40),
    st.binary(max_size=100),
)
def test_encrypts_as_documented(k: bytes, n: int, ad: bytes, plaintext: bytes) -> None:
    ciphertext = CIPHER.encrypt(k, n, ad, plaintext)
    assert ciphertext == encrypt(k, n, ad, plaintext)
    assert CIPHER.decrypt(k, n, ad, ciphertext) == plaintext
    assert CIPHER.sealed_size(len(plaintext)) == len(ciphertext)


def test_nothing_but_the_same_key_number_and_data_decrypts() -> None:
    ciphertext = CIPHER.encrypt(bytes(32), 7, b"ad", b"text")
    for k, n, ad in (
        (b"\x01" + bytes(31), 7, b"ad"),
        (bytes(32), 8, b"ad"),
        (bytes(32), 7, b"a"),
    ):
        with pytest.raises(AuthenticationError):
            CIPHER.decrypt(k, n, ad, ciphertext)


@pytest.mark.parametrize("size", [0, 15, 16, 31, 32, 47])
def test_a_ciphertext_that_is_too_short_fails(size: int) -> None:
    with pytest.raises(AuthenticationError):
        CIPHER.decrypt(bytes(32), 0, b"", bytes(size))
