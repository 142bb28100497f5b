import pytest
from hypothesis import given
from hypothesis import strategies as st

from geventim.errors import PeerError
from geventim.wire.frames import LENGTH_SIZE, FrameReader, prefix


@given(st.lists(st.binary()))
def test_frames_come_back(bodies: list[bytes]) -> None:
    reader = FrameReader(b"".join(map(prefix, bodies)))
    assert [reader.take_frame() for _ in bodies] == bodies
    assert reader.at_end


def test_length_is_big_endian() -> None:
    assert prefix(b"x" * 0x0102) == b"\x00\x00\x01\x02" + b"x" * 0x0102


def test_raw_bytes_may_follow_a_frame() -> None:
    reader = FrameReader(prefix(b"frame") + b"raw" + prefix(b""))
    assert reader.take_frame() == b"frame"
    assert reader.take(3) == b"raw"
    assert not reader.at_end
    assert reader.take_frame() == b""
    assert reader.at_end


@given(st.binary())
def test_cut_frames_are_refused(body: bytes) -> None:
    data = prefix(body)
    for size in range(len(data)):
        with pytest.raises(PeerError):
            FrameReader(data[:size]).take_frame()


def test_trailing_bytes_are_seen() -> None:
    reader = FrameReader(prefix(b"frame") + b"\x00")
    reader.take_frame()
    assert not reader.at_end
    with pytest.raises(PeerError):
        reader.take_frame()


@pytest.mark.parametrize("length", [b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x00\x00\x00\x05"])
def test_length_is_not_believed(length: bytes) -> None:
    with pytest.raises(PeerError):
        FrameReader(length + b"1234").take_frame()


def test_refusal_leaves_the_reader_where_it_was() -> None:
    reader = FrameReader(b"1234")
    with pytest.raises(PeerError):
        reader.take(5)
    assert reader.take(4) == b"1234"


@given(st.binary())
def test_any_bytes_are_frames_or_refused(data: bytes) -> None:
    reader = FrameReader(data)
    taken = b""
    try:
        while not reader.at_end:
            taken += prefix(reader.take_frame())
    except PeerError:
        assert len(taken) < len(data)
    assert data.startswith(taken)
    assert LENGTH_SIZE == 4
