"""Letting old messages go, bit by bit, so that nobody waits for it."""

import math
from collections.abc import Callable
from typing import Final

from geventim.errors import StoreError
from geventim.log.changes import Expire
from geventim.log.outcomes import Expired, Outcome
from geventim.service.ports import Journal, Timers

INTERVAL: Final = 3600.0
"""Seconds from the end of one round to the next."""

PAUSE: Final = 0.1
"""Seconds between two parts of a round."""


DAY: Final = 86_400.0
"""Seconds from one sign of the time to the next after which the clock may have been set wrong."""


class Retention:
    """Drops messages that are older than ``age`` seconds; ``forget`` those kept in memory.

    A clock that is wrong must not drop everything. When it has gone ahead by more than a day since
    somebody was here, or since the last round, ``doubt`` is called with the seconds, and nothing is
    dropped for a day.
    """

    def __init__(
        self,
        journal: Journal,
        timers: Timers,
        age: float,
        forget: Callable[[], None],
        doubt: Callable[[float], None],
    ) -> None:
        self._journal = journal
        self._timers = timers
        self._age = age
        self._forget = forget
        self._doubt = doubt
        self._looked = -math.inf

    def start(self) -> None:
        """Begin a round now, and others after it. Raises :class:`StoreError`."""
        seen = self._journal.last_seen().values()
        self._looked = max((each.time for each in seen), default=self._timers.now())
        self._expire(0)

    def _expire(self, start: int) -> None:
        now, before = self._timers.now(), self._looked
        self._looked = now
        if now - before > DAY + INTERVAL:
            self._doubt(now - before)
            self._timers.later(DAY, self._go_on)
            return
        change = Expire(now - self._age, start=start)
        self._journal.submit(change, self._expired)

    def _go_on(self) -> None:
        self._expire(0)

    def _expired(self, outcome: Outcome | StoreError) -> None:
        self._forget()
        start = outcome.start if isinstance(outcome, Expired) else 0
        self._timers.later(PAUSE if start else INTERVAL, lambda: self._expire(start))
