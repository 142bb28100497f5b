from dataclasses import dataclass
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geventim.errors import MisuseError, PeerError
from geventim.wire.presentation import (
    MAX_LENGTH,
    Bytes,
    Limited,
    Opaque,
    Reader,
    Select,
    Struct,
    Uint8,
    Uint16,
    Uint32,
    Uint64,
    codec,
    decode_vector,
    encode_vector,
    opaque,
    write_length,
)


@dataclass(frozen=True, slots=True)
class Small(Struct):
    number: Uint8


@dataclass(frozen=True, slots=True)
class Name(Struct):
    text: Opaque


CHOICE = Select(1, {1: Small, 7: Name})


@dataclass(frozen=True, slots=True)
class Everything(Struct):
    one: Uint8
    two: Uint16
    four: Uint32
    eight: Uint64
    fixed: Annotated[bytes, Bytes(4)]
    data: Opaque
    numbers: tuple[Uint16, ...]
    names: tuple[Name, ...]
    maybe: Small | None
    perhaps: Opaque | None
    choice: Annotated[Small | Name, CHOICE]
    nested: Name


EXAMPLE = Everything(
    1, 2, 3, 4, b"four", b"data", (5, 6), (Name(b"a"), Name(b"")), Small(7), None, Name(b"c"),
    Name(b"n"),
)  # fmt: skip
ENCODED = bytes.fromhex(
    "01" "0002" "00000003" "0000000000000004" "666f7572" "0464617461" "0400050006" "03016100"
    "0107" "00" "070163" "016e"
)  # fmt: skip

names = st.builds(Name, st.binary(max_size=100))
values = st.builds(
    Everything,
    st.integers(0, 0xFF),
    st.integers(0, 0xFFFF),
    st.integers(0, 0xFFFFFFFF),
    st.integers(0, (1 << 64) - 1),
    st.binary(min_size=4, max_size=4),
    st.binary(max_size=300),
    st.lists(st.integers(0, 0xFFFF)).map(tuple),
    st.lists(names, max_size=5).map(tuple),
    st.none() | st.builds(Small, st.integers(0, 0xFF)),
    st.none() | st.binary(max_size=5),
    names | st.builds(Small, st.integers(0, 0xFF)),
    names,
)


def test_a_structure_is_written_as_the_rfc_says() -> None:
    assert EXAMPLE.encode() == ENCODED
    assert Everything.decode(ENCODED) == EXAMPLE


@given(values)
def test_reading_is_the_inverse_of_writing(value: Everything) -> None:
    assert Everything.decode(value.encode()) == value


@given(st.binary(max_size=100))
def test_any_bytes_are_one_value_or_an_error(data: bytes) -> None:
    try:
        value = Everything.decode(data)
    except PeerError:
        return
    assert value.encode() == data


@given(st.integers(0, len(ENCODED) - 1), st.binary(min_size=1, max_size=3))
def test_changed_bytes_are_one_value_or_an_error(at: int, noise: bytes) -> None:
    data = ENCODED[:at] + noise + ENCODED[at + len(noise) :]
    try:
        value = Everything.decode(data)
    except PeerError:
        return
    assert value.encode() == data


@dataclass(frozen=True, slots=True)
class Few(Struct):
    count: Annotated[int, Limited(8, 1000)]


def test_a_number_beyond_its_range_is_not_read() -> None:
    assert Few.decode(Few(1000).encode()) == Few(1000)
    for beyond in (1001, (1 << 64) - 1):
        with pytest.raises(PeerError, match="range"):
            Few.decode(beyond.to_bytes(8, "big"))


def test_every_shorter_input_ends_too_early() -> None:
    for size in range(len(ENCODED)):
        with pytest.raises(PeerError):
            Everything.decode(ENCODED[:size])


def test_trailing_bytes_are_an_error() -> None:
    with pytest.raises(PeerError, match="follow"):
        Everything.decode(ENCODED + b"\0")
    with pytest.raises(PeerError, match="follow"):
        CHOICE.decode(b"\x01\x00\x00")
    with pytest.raises(PeerError, match="follow"):
        decode_vector(b"\x00\x00", Name)


@pytest.mark.parametrize(
    ("length", "encoded"),
    [
        (0, "00"),
        (63, "3f"),
        (64, "4040"),
        (15293, "7bbd"),
        (16383, "7fff"),
        (16384, "80004000"),
        (494878333, "9d7f3e7d"),
        (MAX_LENGTH, "bfffffff"),
    ],
)
def test_a_length_has_one_form(length: int, encoded: str) -> None:
    out = bytearray()
    write_length(out, length)
    assert out.hex() == encoded
    assert Reader(bytes(out)).length() == length


@pytest.mark.parametrize("encoded", ["4000", "403f", "80000000", "80003fff"])
def test_a_length_in_a_longer_form_is_refused(encoded: str) -> None:
    with pytest.raises(PeerError, match="shortest"):
        Reader(bytes.fromhex(encoded)).length()


def test_a_length_with_the_fourth_prefix_is_refused() -> None:
    with pytest.raises(PeerError, match="prefix"):
        Reader(b"\xc0" + bytes(7)).length()


def test_a_vector_does_not_reach_beyond_what_holds_it() -> None:
    with pytest.raises(PeerError, match="longer than what holds it"):
        decode_vector(b"\x05\x00\x01", Uint16)
    # The inner opaque fits the input, but not the vector that it is in.
    with pytest.raises(PeerError, match="too early"):
        Everything.decode(ENCODED.replace(b"\x03\x01a\x00", b"\x02\x02aa"))


def test_an_element_does_not_reach_beyond_its_vector() -> None:
    with pytest.raises(PeerError, match="too early"):
        decode_vector(b"\x03\x00\x01\x00", Uint16)


def test_a_presence_byte_is_zero_or_one() -> None:
    assert decode_vector(b"\x03\x00\x01\x05", Small | None) == (None, Small(5))
    with pytest.raises(PeerError, match="neither"):
        decode_vector(b"\x02\x02\x05", Small | None)


def test_an_unknown_tag_is_malformed() -> None:
    with pytest.raises(PeerError, match="unknown type"):
        CHOICE.decode(b"\x02\x00")


def test_a_select_may_stand_for_several_structures() -> None:
    outer = Select(2, {9: CHOICE})
    assert outer.encode(Small(3)) == b"\x00\x09\x01\x03"
    assert outer.decode(b"\x00\x09\x07\x01x") == Name(b"x")


def test_what_inherits_a_structure_is_written_like_it() -> None:
    class Special(Name):
        __slots__ = ()

    assert CHOICE.encode(Special(b"x")) == b"\x07\x01x"
    assert CHOICE.tag(Special(b"x")) == 7


def test_what_does_not_fit_is_our_own_mistake() -> None:
    for bad in (Small(256), Small(-1), Everything(*[0] * 4, b"five!", *[b""] * 7)):
        with pytest.raises(MisuseError):
            bad.encode()
    with pytest.raises(MisuseError):
        CHOICE.encode(EXAMPLE)
    with pytest.raises(MisuseError):
        write_length(bytearray(), MAX_LENGTH + 1)
    with pytest.raises(MisuseError):
        codec(dict)


def test_vectors_and_opaques_alone() -> None:
    assert encode_vector((1, 2), Uint16) == b"\x04\x00\x01\x00\x02"
    assert decode_vector(b"\x04\x00\x01\x00\x02", Uint16) == (1, 2)
    assert opaque(b"ab") == b"\x02ab"


def test_a_reader_takes_in_order() -> None:
    reader = Reader(b"\x01\x00\x02rest")
    assert (reader.uint(1), reader.uint(2), reader.position) == (1, 2, 3)
    assert reader.rest() == b"rest"
    reader.finish()
