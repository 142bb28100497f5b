"""Letting old messages go, bit by bit, so that nobody waits for it."""

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


class Retention:
    """Drops messages that are older than ``age`` seconds; ``forget`` those kept in memory."""

    def __init__(
        self, journal: Journal, timers: Timers, age: float, forget: Callable[[], None]
    ) -> None:
        self._journal = journal
        self._timers = timers
        self._age = age
        self._forget = forget

    def start(self) -> None:
        """Begin a round now, and others after it."""
        self._expire(0)

    def _expire(self, start: int) -> None:
        change = Expire(self._timers.now() - self._age, start=start)
        self._journal.submit(change, self._expired)

    def _expired(self, outcome: Outcome | StoreError) -> None:
        self._forget()
        start = outcome.start if isinstance(outcome, Expired) else 0
        self._timers.later(PAUSE if start else INTERVAL, lambda: self._expire(start))
