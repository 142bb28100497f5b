"""Messages of one conversation that cannot be opened yet: sealed for epochs whose secrets we lack.

They are kept as they came, until somebody helps us to the secrets of their epoch, or it is too late
for that. Their number and size are bounded; what is beyond is lost, the oldest first.
"""

from collections.abc import Iterator
from typing import Final

import msgspec
from msgspec import Struct

from geventim.chat.replies import EntryEvent
from geventim.client.kept.memory import Memory
from geventim.client.kept.record import CLOSED
from geventim.errors import StoreError

MOST: Final = 1_000
"""Messages that are kept for one conversation."""

LARGEST: Final = 4 * 1024 * 1024
"""Bytes in all of them."""


class ClosedEntry(Struct, frozen=True):
    """A message of ``epoch`` as it came, and the seconds since the epoch (of 1970) ``at`` which."""

    epoch: int
    at: float
    entry: EntryEvent
    payload: bytes


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(ClosedEntry)


class Closed:
    """The closed messages of one conversation, in the order of the log.

    Raises :class:`StoreError` if what is kept is damaged.
    """

    def __init__(
        self, memory: Memory, conversation: bytes, most: int = MOST, largest: int = LARGEST
    ) -> None:
        self._memory = memory
        self._most, self._largest = most, largest
        self._prefix = f"{CLOSED}{conversation.hex()}/"
        self._entries: dict[int, ClosedEntry] = {}
        for name, kept in sorted(memory.under(self._prefix)):
            try:
                self._entries[int(name)] = _decoder.decode(kept)
            except (msgspec.MsgspecError, ValueError):
                raise StoreError("a message that is kept is damaged") from None
        self._size = sum(len(each.payload) for each in self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[ClosedEntry]:
        return iter(tuple(self._entries.values()))

    def put(self, sealed: ClosedEntry) -> int:
        """Keep one that is after all others; how many are lost for it."""
        seq = sealed.entry.seq
        self._entries[seq] = sealed
        self._size += len(sealed.payload)
        self._memory.put(self._name(seq), _encoder.encode(sealed))
        lost = 0
        while len(self._entries) > self._most or self._size > self._largest:
            self._drop(next(iter(self._entries)))
            lost += 1
        return lost

    def epochs(self) -> frozenset[int]:
        """The epochs for which some are sealed."""
        return frozenset(each.epoch for each in self._entries.values())

    def take(self, epoch: int) -> list[ClosedEntry]:
        """Hand out, and keep no longer, those of ``epoch``, in order."""
        found = [each for each in self._entries.values() if each.epoch == epoch]
        for each in found:
            self._drop(each.entry.seq)
        return found

    def clear(self) -> int:
        """Give up all; how many there were."""
        count = len(self._entries)
        for seq in tuple(self._entries):
            self._drop(seq)
        return count

    def _drop(self, seq: int) -> None:
        self._size -= len(self._entries.pop(seq).payload)
        self._memory.drop(self._name(seq))

    def _name(self, seq: int) -> str:
        return f"{self._prefix}{seq:016}"
