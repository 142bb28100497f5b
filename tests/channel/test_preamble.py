import pytest
from hypothesis import given
from hypothesis import strategies as st

from geventim.channel.handshake import MAX_MESSAGE
from geventim.channel.noise import Pattern
from geventim.channel.preamble import (
    MAGIC,
    SIZE,
    VERSION,
    Preamble,
    PreambleError,
    decode_preamble,
    encode_preamble,
)
from geventim.errors import PeerError


@pytest.mark.parametrize("pattern", Pattern)
def test_what_is_encoded_is_decoded(pattern: Pattern) -> None:
    data = encode_preamble(pattern)
    assert len(data) == SIZE
    assert decode_preamble(data) == Preamble(VERSION, pattern)
    assert decode_preamble(data + b"more") == Preamble(VERSION, pattern)


def test_nothing_is_decided_while_bytes_are_missing() -> None:
    data = encode_preamble(Pattern.XX)
    assert [decode_preamble(data[:size]) for size in range(SIZE)] == [None] * SIZE


@pytest.mark.parametrize("position", range(len(MAGIC)))
def test_the_first_wrong_byte_of_the_magic_is_refused(position: int) -> None:
    data = bytearray(MAGIC[: position + 1])
    data[position] ^= 1
    with pytest.raises(PeerError):
        decode_preamble(bytes(data))


def test_other_versions_and_patterns_are_readable() -> None:
    assert decode_preamble(MAGIC + b"\x02\x01") == Preamble(2, Pattern.XX)
    assert decode_preamble(MAGIC + b"\x01\x09") == Preamble(1, None)


def test_a_preamble_never_begins_like_a_handshake_message() -> None:
    assert MAGIC[0] > MAX_MESSAGE >> 8


@given(st.binary(max_size=12))
def test_any_bytes_give_a_preamble_or_an_error(data: bytes) -> None:
    try:
        preamble = decode_preamble(data)
    except PeerError:
        assert not data.startswith(MAGIC)
    else:
        assert (preamble is None) == (len(data) < SIZE)


def test_the_error_says_what_the_other_side_speaks() -> None:
    error = PreambleError(2, None)
    assert (error.version, error.pattern) == (2, None)
    assert str(error) == "the other side speaks version 2, pattern unknown"
    assert str(PreambleError(1, Pattern.XXPSK3)).endswith("pattern XXpsk3")
