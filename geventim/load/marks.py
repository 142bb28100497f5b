"""Payloads that say who sent them, and when.

A payload is a run id of 8 bytes, then the sender's place among the clients and the message's number
as 32-bit integers, the time of sending in seconds as 64-bit float, all big-endian, and zeros up to
its size. A server need not know any of this.
"""

import struct
from dataclasses import dataclass
from typing import Final

RUN_SIZE: Final = 8
"""Bytes in the id of a run."""

_LAYOUT: Final = struct.Struct(">8sIId")

SIZE: Final = _LAYOUT.size
"""Bytes in the smallest payload."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Message ``number`` (from 1) of client ``sender`` (from 0), sent at ``time``."""

    sender: int
    number: int
    time: float


class Marker:
    """Writes and reads the payloads of one run, ``size`` bytes each."""

    __slots__ = ("_padding", "_run", "_size")

    def __init__(self, run: bytes, size: int) -> None:
        self._run = run
        self._size = size
        self._padding = bytes(size - SIZE)

    def write(self, mark: Mark) -> bytes:
        """The payload that carries ``mark``."""
        return _LAYOUT.pack(self._run, mark.sender, mark.number, mark.time) + self._padding

    def read(self, payload: bytes) -> Mark | None:
        """The mark in ``payload``; None if this run did not write it."""
        if len(payload) != self._size or not payload.endswith(self._padding):
            return None
        run, sender, number, time = _LAYOUT.unpack_from(payload)
        return Mark(sender, number, time) if run == self._run else None
