"""How fast a transfer is, and how much of it may be on its way."""

from collections.abc import Callable
from typing import Final

OFTEN: Final = 0.25
"""Seconds between two reports of a transfer."""

INERTIA: Final = 0.7
"""How much of the rate is what it was before, at each report."""

MOST: Final = 8
"""Chunks that may be on their way; a server answers more with ``busy``."""

FAST: Final = 0.1
SLOW: Final = 0.5
"""Seconds for a chunk to be answered below which more of them help, and above which fewer do."""


class Pace:
    """Counts bytes. ``clock`` gives seconds; ``done`` bytes were there before."""

    def __init__(self, clock: Callable[[], float], done: int) -> None:
        self._clock = clock
        self._since = clock()
        self._counted = self.done = done
        self.rate = 0.0

    def count(self, done: int) -> bool:
        """So many bytes are there now; whether it is time to report that."""
        self.done = done
        passed = self._clock() - self._since
        if passed < OFTEN:
            return False
        rate = (done - self._counted) / passed
        self.rate = INERTIA * self.rate + (1 - INERTIA) * rate if self.rate else rate
        self._since, self._counted = self._since + passed, done
        return True

    def left(self, size: int) -> float | None:
        """Seconds until all ``size`` bytes are there, if that can be told."""
        return (size - self.done) / self.rate if self.rate > 0 else None


class Window:
    """How many chunks may be on their way: more while they are answered soon.

    ``running`` transfers share them.
    """

    def __init__(self) -> None:
        self.size = 2
        self.running = 1

    @property
    def share(self) -> int:
        """Those of one transfer."""
        return max(1, self.size // max(1, self.running))

    def answered(self, seconds: float) -> None:
        """A chunk was answered after so long."""
        if seconds < FAST:
            self.size = min(MOST, self.size + 1)
        elif seconds > SLOW:
            self.size = max(1, self.size - 1)
