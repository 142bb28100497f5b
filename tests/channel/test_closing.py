"""The end of a connection: in order, cut off, or by an error."""

from typing import Any

import pytest

from geventim.channel.connection import TruncationError
from geventim.channel.events import Closed, Frames
from geventim.channel.states import State
from geventim.errors import AuthenticationError, MisuseError, PeerError


def test_both_directions_are_closed_one_after_the_other(ends: Any) -> None:
    first, second = ends()
    assert second.receive_data(first.seal(b"last") + first.close()) == [Frames(b"last"), Closed()]
    assert (first.state, second.state) == (State.ENDED_HERE, State.ENDED_THERE)
    second.receive_eof()
    assert first.receive_data(second.seal(b"answer")) == [Frames(b"answer")]
    assert first.receive_data(second.close()) == [Closed()]
    assert (first.state, second.state) == (State.CLOSED, State.CLOSED)
    first.receive_eof()
    second.receive_eof()


def test_an_end_without_close_is_a_truncation(ends: Any) -> None:
    writer, reader = ends()
    record = writer.seal(b"text")
    reader.receive_data(record + record[:7])
    with pytest.raises(TruncationError) as caught:
        reader.receive_eof()
    assert caught.value.state is State.OPEN
    assert str(caught.value) == "the connection was cut while open"


def test_an_end_after_our_close_alone_is_a_truncation(ends: Any) -> None:
    writer, _ = ends()
    writer.close()
    with pytest.raises(TruncationError):
        writer.receive_eof()


@pytest.mark.parametrize("ours_too", [False, True])
def test_data_after_their_close_is_refused(ends: Any, ours_too: bool) -> None:
    writer, reader = ends()
    reader.receive_data(writer.close())
    if ours_too:
        reader.close()
    with pytest.raises(PeerError, match="none may come"):
        reader.receive_data(b"\0")


def test_nothing_is_sealed_after_our_close(ends: Any) -> None:
    writer, _ = ends()
    assert writer.close()
    assert writer.close() == b""
    with pytest.raises(MisuseError, match="ended here"):
        writer.seal(b"text")


def test_a_dead_connection_stays_dead(ends: Any) -> None:
    writer, reader = ends()
    record = writer.seal(b"text")
    with pytest.raises(AuthenticationError):
        reader.receive_data(record[:-1] + bytes([record[-1] ^ 1]))
    with pytest.raises(PeerError):
        reader.receive_data(record)
    with pytest.raises(TruncationError):
        reader.receive_eof()
    with pytest.raises(MisuseError):
        reader.seal(b"text")
    assert reader.close() == b""
    assert reader.state is State.DEAD
