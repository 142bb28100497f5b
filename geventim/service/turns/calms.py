"""Calm after a commit, so that a message gets in before the next one.

A message that was sealed before a commit is refused, and comes again. So that not one commit after
the other comes before it, for a second only re-entries are let through, and none after who has
founded a group has removed somebody; or until one message is in. After each commit this happens
once at most.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from geventim.service.ports import Timers
from geventim.service.turns.lines import Rank

CALM: Final = 1.0
"""The most seconds of calm after a commit."""

REMEMBERED: Final = 4_096
"""Conversations of which it is known that there was a calm since the last commit."""


@dataclass(slots=True)
class _Calm:
    """Until when turns wait, but for those of the ranks up to ``least``."""

    until: float
    least: int


class Calms:
    """The calms of all conversations."""

    def __init__(self, timers: Timers) -> None:
        self._timers = timers
        self._calms: OrderedDict[bytes, _Calm] = OrderedDict()

    def note_commit(self, conversation: bytes, *, removal: bool) -> None:
        """A commit is in the log; a ``removal`` is followed by a calm without exception."""
        known = self._calms.get(conversation)
        if removal:
            self._calms[conversation] = _Calm(self._timers.now() + CALM, -1)
            self._bound()
        elif known is not None and known.until <= self._timers.now():
            del self._calms[conversation]

    def note_refused(self, conversation: bytes) -> bool:
        """A message was refused because of the last commit; whether a calm begins with that."""
        if conversation in self._calms:
            return False
        self._calms[conversation] = _Calm(self._timers.now() + CALM, Rank.REENTRY)
        self._bound()
        return True

    def note_message(self, conversation: bytes) -> bool:
        """A message is in the log; whether a calm ends with that."""
        calm = self._calms.get(conversation)
        now = self._timers.now()
        if calm is None or calm.until <= now:
            return False
        calm.until = now
        return True

    def until(self, conversation: bytes, rank: Rank) -> float:
        """Until when turns of this rank have to wait, in seconds since the epoch."""
        calm = self._calms.get(conversation)
        return calm.until if calm is not None and rank > calm.least else 0.0

    def _bound(self) -> None:
        if len(self._calms) > REMEMBERED:
            self._calms.popitem(last=False)
