"""What was said of late, so that who was away for a moment need not have it read from a log."""

from collections import OrderedDict
from typing import Final

from geventim.chat.values import Entry
from geventim.service.bounds import USUAL, Bounds

OVERHEAD: Final = 400
"""Bytes that an entry takes besides its frame."""


class Recent:
    """The last entries that all were told in the same words, in ``limit`` bytes of memory."""

    def __init__(self, limit: int, bounds: Bounds = USUAL) -> None:
        self._limit = limit
        self._bounds = bounds
        # By conversation and number: the running hash before the entry, and its frame.
        self._kept: OrderedDict[tuple[bytes, int], tuple[bytes, bytes]] = OrderedDict()
        self._size = 0

    def keep(self, entry: Entry, frame: bytes) -> None:
        """Remember ``frame``, and forget the oldest ones that it leaves no room for."""
        place = entry.conversation, entry.seq
        if place in self._kept:
            return
        self._kept[place] = entry.previous, frame
        self._size += len(frame) + OVERHEAD
        while self._size > self._limit:
            _, (_, oldest) = self._kept.popitem(last=False)
            self._size -= len(oldest) + OVERHEAD

    def hash_before(self, conversation: bytes, seq: int) -> bytes | None:
        """The running hash before the entry ``seq``, if that is kept."""
        kept = self._kept.get((conversation, seq))
        return kept and kept[0]

    def frames(self, conversation: bytes, after: int, last: int) -> list[bytes]:
        """The frames above ``after`` up to ``last``, a page of them; none if one is missing."""
        frames: list[bytes] = []
        size, bounds = 0, self._bounds
        for seq in range(after + 1, last + 1):
            kept = self._kept.get((conversation, seq))
            if kept is None:
                return []
            size += len(kept[1])
            if frames and (len(frames) == bounds.page_entries or size > bounds.page_size):
                break
            frames.append(kept[1])
        return frames

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()
        self._size = 0
