"""What a group looked like in epochs whose messages are still closed to us.

With that, and the member secret of such an epoch, its messages can be opened later on.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from geventim.client.kept.memory import Memory
from geventim.client.kept.record import OUTLOOK
from geventim.client.sealing.engine import Engine
from geventim.errors import StoreError
from geventim.mls.epochs.vantage import Vantage

MOST: Final = 64
"""Epochs that are kept: as many as members help with."""

AGE: Final = 3600.0
"""Seconds for which members help with an epoch."""

_HEAD: Final = struct.Struct(">Qd")


@dataclass(frozen=True, slots=True)
class Outlook:
    """The group as it was between the commit ``base`` and the next, until ``ended``.

    ``ended`` is in seconds since the epoch (of 1970).
    """

    vantage: Vantage = field(repr=False)
    base: int
    ended: float

    @property
    def epoch(self) -> int:
        """The number of the epoch."""
        return self.vantage.public.context.epoch


class Outlooks:
    """The outlooks of one conversation, by epoch. Raises :class:`StoreError` for damaged ones."""

    def __init__(
        self, memory: Memory, engine: Engine, conversation: bytes, most: int = MOST
    ) -> None:
        self._memory = memory
        self._most = most
        self._prefix = f"{OUTLOOK}{conversation.hex()}/"
        self._outlooks: dict[int, Outlook] = {}
        for _, kept in sorted(memory.under(self._prefix)):
            if len(kept) < _HEAD.size:
                raise StoreError("what is kept of a group is damaged")
            base, ended = _HEAD.unpack_from(kept)
            outlook = Outlook(engine.restore_outlook(kept[_HEAD.size :]), base, ended)
            self._outlooks[outlook.epoch] = outlook

    def __iter__(self) -> Iterator[Outlook]:
        return iter(tuple(self._outlooks.values()))

    def __len__(self) -> int:
        return len(self._outlooks)

    def get(self, epoch: int) -> Outlook | None:
        """That of one epoch."""
        return self._outlooks.get(epoch)

    def put(self, outlook: Outlook, kept: bytes) -> None:
        """Add one, whose vantage was saved as ``kept``; beyond ``most`` the oldest goes."""
        self._outlooks[outlook.epoch] = outlook
        self._memory.put(self._name(outlook.epoch), _HEAD.pack(outlook.base, outlook.ended) + kept)
        while len(self._outlooks) > self._most:
            self.drop(next(iter(self._outlooks)))

    def drop(self, epoch: int) -> None:
        """Forget that of one epoch."""
        if self._outlooks.pop(epoch, None) is not None:
            self._memory.drop(self._name(epoch))

    def clear(self) -> None:
        """Forget all."""
        for epoch in tuple(self._outlooks):
            self.drop(epoch)

    def _name(self, epoch: int) -> str:
        return f"{self._prefix}{epoch:016x}"
