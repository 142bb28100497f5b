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


class Clock:
    """What time it is, as far as that can be believed.

    A clock that is wrong must not drop everything. When it has gone ahead by more than a day since
    somebody was here, or since it was looked at, ``doubt`` is called with the seconds, and it is
    not believed for a day, unless it is set back.
    """

    def __init__(self, journal: Journal, timers: Timers, doubt: Callable[[float], None]) -> None:
        self._journal = journal
        self._timers = timers
        self._doubt = doubt
        self._looked = self._believed = -math.inf

    def start(self) -> None:
        """Look at it from now on, once an :data:`INTERVAL`. Raises :class:`StoreError`."""
        seen = self._journal.last_seen().values()
        self._looked = max((each.time for each in seen), default=self._timers.now())

    def look(self) -> float | None:
        """The time in seconds since the epoch; None if that is in doubt."""
        now, before = self._timers.now(), self._looked
        self._looked = now
        if now - before > DAY + INTERVAL:
            self._doubt(now - before)
            self._believed = now + DAY
        elif now < before:
            self._believed = now
        return now if now >= self._believed else None


class Retention:
    """Drops messages that are older than ``age`` seconds; ``forget`` those kept in memory.

    Nothing is dropped for a day when it is in ``doubt`` what time it is.
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
        self._clock = Clock(journal, timers, doubt)

    def start(self) -> None:
        """Begin a round now, and others after it. Raises :class:`StoreError`."""
        self._clock.start()
        self._expire(0)

    def _expire(self, start: int) -> None:
        now = self._clock.look()
        if now is None:
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
