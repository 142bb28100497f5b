"""Messages that are to be deleted some time after they were read, by this client's own clock.

They are listed by their numbers here, ``fading/ID/CHUNK``, so that nothing is read to delete one.
"""

import heapq
from collections import deque
from collections.abc import Iterator
from functools import partial
from typing import Final

import msgspec
from msgspec import Struct

from geventim.client.kept.memory import Memory
from geventim.errors import StoreError

PREFIX: Final = "fading/"

CHUNK: Final = 256
"""Numbers of messages that are listed together."""


class Fade(Struct, array_like=True):
    """``message_id`` has so many seconds from when it was read; that is 0 before."""

    message_id: bytes
    lifetime: int
    read_at: float = 0

    def __repr__(self) -> str:
        return f"<fades {self.lifetime} seconds after it was read>"


_encode = msgspec.msgpack.Encoder().encode
_chunks = msgspec.msgpack.Decoder(dict[int, Fade])

_Chunk = tuple[bytes, int]


class Fading:
    """What is to be deleted, as it is in ``memory``. Raises :class:`StoreError`.

    Times are in seconds since the epoch, by a clock that does not go back as long as we run.
    """

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._chunks: dict[_Chunk, dict[int, Fade]] = {}
        self._unread: dict[bytes, deque[int]] = {}
        self._ends: list[tuple[float, int, bytes]] = []
        for name, kept in memory.under(PREFIX):
            conversation, _, chunk = name.partition("/")
            try:
                fades = _chunks.decode(kept)
                place, number = bytes.fromhex(conversation), int(chunk)
            except (msgspec.MsgspecError, ValueError):
                raise StoreError("what is kept of messages that fade is damaged") from None
            self._chunks[place, number] = fades
        # The numbers in the names have no fixed width.
        for (place, _), fades in sorted(self._chunks.items(), key=lambda chunk: chunk[0]):
            for order in sorted(fades):
                self._note(place, order, fades[order])

    @property
    def next(self) -> float | None:
        """When the next one is to be deleted."""
        return self._ends[0][0] if self._ends else None

    def begin(self, now: float) -> None:
        """What was read after ``now``, by a clock that was wrong then, was read now."""
        self._ends.clear()
        for place, number in self._chunks:
            for order, fade in self._chunks[place, number].items():
                if fade.read_at > now:
                    fade.read_at = now
                    self._keep(place, number)
                if fade.read_at:
                    heapq.heappush(self._ends, (fade.read_at + fade.lifetime, order, place))

    def put(self, conversation: bytes, order: int, fade: Fade) -> None:
        """The message with the number ``order``, the last in its ``conversation``, is to fade."""
        number = order // CHUNK
        self._chunks.setdefault((conversation, number), {})[order] = fade
        self._note(conversation, order, fade)
        self._keep(conversation, number)

    def read(self, conversation: bytes, order: int, now: float) -> None:
        """The user has read everything in a ``conversation`` up to ``order``."""
        unread = self._unread.get(conversation, deque())
        while unread and unread[0] <= order:
            each = unread.popleft()
            fade = self._chunks.get((conversation, each // CHUNK), {}).get(each)
            if fade is not None:
                fade.read_at = now
                self._note(conversation, each, fade)
                self._keep(conversation, each // CHUNK)

    def take(self, now: float) -> Iterator[tuple[bytes, int, bytes]]:
        """What is to be deleted ``now``: its conversation, its number and its message id."""
        while self._ends and self._ends[0][0] <= now:
            _, order, conversation = heapq.heappop(self._ends)
            chunk = conversation, order // CHUNK
            fade = self._chunks.get(chunk, {}).pop(order, None)
            if fade is not None:
                self._keep(*chunk)
                yield conversation, order, fade.message_id

    def _note(self, conversation: bytes, order: int, fade: Fade) -> None:
        if fade.read_at:
            heapq.heappush(self._ends, (fade.read_at + fade.lifetime, order, conversation))
        else:
            self._unread.setdefault(conversation, deque()).append(order)

    def _keep(self, conversation: bytes, number: int) -> None:
        name = f"{PREFIX}{conversation.hex()}/{number}"
        fades = self._chunks[conversation, number]
        if fades:
            self._memory.put_later(name, partial(_encode, fades))
        else:
            del self._chunks[conversation, number]
            self._memory.drop(name)
