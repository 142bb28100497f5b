"""Length-prefixed frames: a 4-byte unsigned big-endian length, then so many bytes."""

from typing import Final

from geventim.errors import PeerError

LENGTH_SIZE: Final = 4
"""Bytes in a length."""

TOO_LONG: Final = "a frame is longer than the data that holds it"


def prefix(body: bytes) -> bytes:
    """``body`` behind its length."""
    return len(body).to_bytes(LENGTH_SIZE, "big") + body


class FrameReader:
    """Takes frames, and the raw bytes that may follow one, from ``data``.

    Every read raises :class:`PeerError` when ``data`` ends before what was announced.
    """

    __slots__ = ("_data", "_position")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0

    @property
    def at_end(self) -> bool:
        """Whether everything has been taken."""
        return self._position == len(self._data)

    def take(self, count: int) -> bytes:
        """The next ``count`` bytes."""
        end = self._position + count
        if end > len(self._data):
            raise PeerError(TOO_LONG)
        taken = self._data[self._position : end]
        self._position = end
        return taken

    def take_frame(self) -> bytes:
        """The body of the next frame."""
        data, start = self._data, self._position + LENGTH_SIZE
        end = start + int.from_bytes(data[self._position : start], "big")
        if end > len(data):
            raise PeerError(TOO_LONG)
        self._position = end
        return data[start:end]
