"""Letting blobs go that are old, or have lost their place, and content that belongs to none.

What is known of a blob is written before its content, and dropped before it: so what is left of a
crash between the two is content that belongs to nothing, and is found here.
"""

from collections.abc import Callable
from functools import partial
from typing import Final

from geventim.errors import StoreError
from geventim.log.blobs import SweepBlobs, Swept
from geventim.service.conversations.retention import Clock
from geventim.service.files.blobs import UNFINISHED_AGE
from geventim.service.ports import Contents, Journal, Timers

INTERVAL: Final = 3_600.0
"""Seconds from the end of one round to the next."""

PAUSE: Final = 0.1
"""Seconds between two parts of a round."""

SOON: Final = 1.0
"""Seconds after which it is looked what a conversation has left that was deleted."""

REMEMBERED: Final = 30 * 86_400.0
"""Seconds for which members are told that a blob has expired."""


class Sweeping:
    """Lets go of blobs ``age`` seconds after they were finished; see :class:`.Clock` for doubt."""

    def __init__(
        self,
        journal: Journal,
        contents: Contents,
        timers: Timers,
        age: float,
        doubt: Callable[[float], None],
    ) -> None:
        self._journal = journal
        self._contents = contents
        self._timers = timers
        self._age = age
        self._clock = Clock(journal, timers, doubt)
        self._is_due = False

    def start(self) -> None:
        """Begin a round now, and others after it. Raises :class:`StoreError`."""
        self._clock.start()
        self._timers.later(0.0, self._go_on)

    def soon(self) -> None:
        """A conversation or an account has ended: look at what it has left. This does not wait."""
        if not self._is_due:
            self._is_due = True
            self._timers.later(SOON, self._look_once)

    def _look_once(self) -> None:
        self._is_due = False
        self._sweep(0, lambda: None)

    def _go_on(self) -> None:
        self._sweep(0, partial(self._find_strays, 0))

    def _sweep(self, start: int, then: Callable[[], None]) -> None:
        """A part of a round, then the next one, and ``then`` what follows."""
        now = self._clock.look()
        next_start = 0 if now is None else self._sweep_part(start, now)
        if next_start:
            self._timers.later(PAUSE, partial(self._sweep, next_start, then))
        else:
            then()

    def _sweep_part(self, start: int, now: float) -> int:
        """Where to go on; 0 when it is done, or cannot be done now."""
        change = SweepBlobs(now, now - UNFINISHED_AGE, now - self._age, now - REMEMBERED, start)
        try:
            (outcome,) = self._journal.commit([change])
            if not isinstance(outcome, Swept):
                return 0
            self._contents.remove(outcome.gone)
        except StoreError:  # of which the log tells for all
            return 0
        return outcome.start

    def _find_strays(self, place: int) -> None:
        """Delete the content in this place, and in those behind it, that belongs to nothing."""
        found: list[bytes] = []
        try:
            while not found and place < self._contents.places():
                found = self._contents.list(place)
                if found:
                    self._contents.remove(self._journal.strays(found))
                place += 1
        except StoreError:  # of which the log tells for all
            found = []
        if found:
            self._timers.later(PAUSE, partial(self._find_strays, place))
        else:
            self._timers.later(INTERVAL, self._go_on)
