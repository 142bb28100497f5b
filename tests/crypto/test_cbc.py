"""Encrypting and decrypting many messages under one key."""

import os

import pytest
from Cryptodome.Cipher import AES
from hypothesis import given
from hypothesis import strategies as st

from geventim.crypto.cbc import Decryptor, Encryptor
from geventim.errors import AuthenticationError, MisuseError

KEY = bytes(range(32))


@given(st.lists(st.binary(max_size=100), max_size=5))
def test_messages_are_decrypted_in_any_order(plaintexts):
    encryptor, decryptor = Encryptor(KEY), Decryptor(KEY)
    bodies = [encryptor.encrypt(os.urandom(16), text) for text in plaintexts]
    for body, text in reversed(list(zip(bodies, plaintexts, strict=True))):
        assert decryptor.decrypt(body) == text


def test_what_is_encrypted_is_cbc_with_the_iv_in_front():
    encryptor = Encryptor(KEY)
    for text in (b"", b"first", b"x" * 16):
        body = encryptor.encrypt(bytes(16), text)
        padded = AES.new(KEY, AES.MODE_CBC, body[:16]).decrypt(body[16:])
        assert padded[: -padded[-1]] == text


def test_equal_messages_look_different():
    encryptor = Encryptor(KEY)
    first, second = (encryptor.encrypt(os.urandom(16), b"same") for _ in range(2))
    assert first[:16] != second[:16]
    assert first[16:] != second[16:]


def test_what_has_no_padding_is_refused():
    body = bytes(16) + AES.new(KEY, AES.MODE_CBC, bytes(16)).encrypt(b"\x00" * 16)
    with pytest.raises(AuthenticationError):
        Decryptor(KEY).decrypt(body)


def test_an_iv_is_made_from_a_whole_block():
    with pytest.raises(MisuseError):
        Encryptor(KEY).encrypt(bytes(15), b"")
