"""Calm after a commit, so that something else gets in before the next one.

A message that was sealed before a commit is refused, and comes again. So that not one commit after
the other comes before it, for a second only re-entries are let through, and none after who has
founded a group has removed somebody; or until one message is in. After each commit this happens
once at most.

Who got in anew is the only one who can help the others, whom the next one to get in would shut out
again. So no commit comes then while others ask for help, for two seconds at most.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from geventim.service.ports import Timers
from geventim.service.turns.lines import Rank

CALM: Final = 1.0
"""The most seconds of calm after a commit."""

HUSH: Final = 0.6
"""Seconds without anybody asking after which all are helped: one asks twice a second."""

HELP: Final = 2.0
"""The most seconds of calm after somebody got in anew."""

REMEMBERED: Final = 4_096
"""Conversations of which it is known that there was a calm since the last commit."""


@dataclass(slots=True)
class _Calm:
    """Until when turns wait, but for those of the ranks up to ``least``.

    Asking puts that off, up to ``most`` at the latest, if there is such a time.
    """

    until: float
    least: int
    most: float = 0.0


class Calms:
    """The calms of all conversations."""

    def __init__(self, timers: Timers, most: int = REMEMBERED) -> None:
        self._most = most
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

    def note_reentry(self, conversation: bytes) -> None:
        """Somebody got in anew, before others."""
        now = self._timers.now()
        self._calms[conversation] = _Calm(now + HUSH, -1, now + HELP)
        self._bound()

    def note_ask(self, conversation: bytes) -> None:
        """Somebody asks for help."""
        calm, now = self._calms.get(conversation), self._timers.now()
        if calm is not None and now < calm.until < calm.most:
            calm.until = min(now + HUSH, calm.most)

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
        if calm is None or calm.most:  # there is none, as nearly always
            return False
        now = self._timers.now()
        if calm.until <= now:
            return False
        calm.until = now
        return True

    def until(self, conversation: bytes, rank: Rank) -> float:
        """Until when turns of this rank have to wait, in seconds since the epoch."""
        calm = self._calms.get(conversation)
        return calm.until if calm is not None and rank > calm.least else 0.0

    def _bound(self) -> None:
        if len(self._calms) > self._most:
            self._calms.popitem(last=False)
