"""Tags, against the standard library and RFC 4231."""

import hashlib
import hmac
import os

from hypothesis import given
from hypothesis import strategies as st

from geventim.crypto.mac import MAC, TAG_SIZE, tag_once


def test_rfc_4231_case_2():
    tag = MAC(b"Jefe").tag(b"what do ya want for nothing?")
    assert tag.hex() == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"


@given(st.binary(max_size=64), st.lists(st.binary(max_size=200), max_size=4))
def test_every_message_gets_the_tag_that_a_whole_hmac_gives_it(key, messages):
    mac = MAC(key)
    for message in messages * 2:
        assert mac.tag(message) == hmac.new(key, message, hashlib.sha256).digest()
        assert len(mac.tag(message)) == TAG_SIZE


@given(st.binary(max_size=64), st.binary(max_size=200))
def test_a_tag_that_is_made_once_is_the_same(key, message):
    assert tag_once(key, message) == hmac.digest(key, message, "sha256")


@given(st.binary(max_size=128), st.binary(max_size=300))
def test_another_hash_function_has_its_own_blocks(key, message):
    assert MAC(key, "sha512").tag(message) == hmac.digest(key, message, "sha512")


def test_nothing_secret_is_shown():
    key = os.urandom(32)
    assert repr(key)[2:-1] not in repr(MAC(key))
    assert key.hex() not in repr(MAC(key))
