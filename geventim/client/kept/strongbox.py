"""Secrets that were received and wait for their key; they outlive the process."""

from typing import Final

import msgspec
from msgspec import Struct

from geventim.client.kept.memory import Memory
from geventim.errors import StoreError

CAPACITY: Final = 1_000
"""Secrets that are kept; beyond it the oldest is dropped."""

_ENTRY: Final = "secret/"
_LAST: Final = "last-secret"


class Sealed(Struct, frozen=True):
    """A secret as it came: who wrote it, when by their clock, which entry it was, and its bytes.

    ``verified`` says whether its author was, then. ``conversation`` and ``message_id`` are empty
    for what was kept before they were.
    """

    nick: str
    date: float
    seq: int
    sealed: bytes
    verified: bool = False
    conversation: bytes = b""
    message_id: bytes = b""

    def __repr__(self) -> str:
        return f"<sealed by {self.nick!r}>"


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Sealed)


class Strongbox:
    """Numbers secrets from 1, never using a number twice."""

    def __init__(self, memory: Memory, capacity: int = CAPACITY) -> None:
        self._memory = memory
        self._capacity = capacity
        self._last = int(memory.get(_LAST) or b"0")
        self._numbers = sorted(int(number) for number, _ in memory.under(_ENTRY))

    def keep(self, secret: Sealed) -> int:
        """The number under which ``secret`` can be had from now on."""
        self._last += 1
        self._memory.put(_LAST, str(self._last).encode())
        self._memory.put(f"{_ENTRY}{self._last}", _encoder.encode(secret))
        self._numbers.append(self._last)
        if len(self._numbers) > self._capacity:
            self._memory.drop(f"{_ENTRY}{self._numbers.pop(0)}")
        return self._last

    @property
    def numbers(self) -> tuple[int, ...]:
        """Those of all secrets that are kept, in order."""
        return tuple(self._numbers)

    def find(self, number: int) -> Sealed | None:
        """The secret with this number. Raises :class:`StoreError` if what was kept is damaged."""
        kept = self._memory.get(f"{_ENTRY}{number}")
        if kept is None:
            return None
        try:
            return _decoder.decode(kept)
        except msgspec.MsgspecError:
            raise StoreError("a kept secret is damaged") from None
