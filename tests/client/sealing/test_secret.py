import pytest
from hypothesis import given
from hypothesis import strategies as st

from geventim.client.sealing.secret import SALT_SIZE, between, salt_of, seal, stretch, unseal
from geventim.errors import AuthenticationError

SALT = bytes(SALT_SIZE)
KEY = stretch("sesame", SALT)
PARTIES = between("alice", "bob", 5.0)
SEALED = seal(KEY, SALT, b"i" * 16, "meet at ten", PARTIES)


def test_the_right_key_opens():
    assert salt_of(SEALED) == SALT
    assert unseal(stretch("sesame", salt_of(SEALED)), SEALED, PARTIES) == "meet at ten"


def test_the_text_does_not_show():
    assert b"meet" not in SEALED


@pytest.mark.parametrize("wrong", ["Sesame", "sesame ", "", "sesam"])
def test_a_wrong_key_is_told_apart(wrong):
    with pytest.raises(AuthenticationError):
        unseal(stretch(wrong, SALT), SEALED, PARTIES)


def test_a_key_may_be_written_in_any_alphabet_and_composition():
    assert stretch("schlüssel", SALT) == stretch("schlu\u0308ssel", SALT)
    assert stretch("ключ", SALT) != stretch("ключи", SALT)


def test_the_salt_matters():
    assert stretch("sesame", b"s" * SALT_SIZE) != KEY


@pytest.mark.parametrize(
    "parties",
    [
        between("mallory", "bob", 5.0),
        between("alice", "carol", 5.0),
        between("bob", "alice", 5.0),
        between("alice", "bob", 6.0),
    ],
)
def test_a_secret_is_bound_to_people_and_date(parties):
    with pytest.raises(AuthenticationError):
        unseal(KEY, SEALED, parties)


@given(st.integers(SALT_SIZE, len(SEALED) - 1), st.integers(1, 255))
def test_no_byte_can_change(position, flip):
    changed = bytearray(SEALED)
    changed[position] ^= flip
    with pytest.raises(AuthenticationError):
        unseal(KEY, bytes(changed), PARTIES)


@given(st.binary(max_size=120))
def test_any_bytes_are_refused(data):
    with pytest.raises(AuthenticationError):
        unseal(KEY, data, PARTIES)
