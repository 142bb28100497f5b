"""What time it is: by a clock that never goes back, by this machine's, and by the server's.

A machine's clock may be wrong, and is set right while we run. What has to wait must not wait until
then, and what others judge by their clocks must not be made by one that is far from theirs.
"""

import math
from collections.abc import Callable
from typing import Final

TOLERANCE: Final = 12 * 3600.0
"""Seconds that our clock and the server's may be apart; what we sign is good from a day before."""


class Clocks:
    """``date`` is what this machine says, in seconds since the epoch."""

    def __init__(self, date: Callable[[], float]) -> None:
        self.date = date
        self._last = -math.inf
        self._lag = 0.0
        self._server = 0.0

    def now(self) -> float:
        """Like ``date``, but what it was set back by is added: for what lasts or has to wait."""
        now = self.date() + self._lag
        if now < self._last:
            self._lag += self._last - now
            return self._last
        self._last = now
        return now

    def hear(self, time: float) -> None:
        """By the server's clock it is ``time``; 0 if it does not say."""
        self._server = time - self.now() if time else self.date() - self.now()

    @property
    def error(self) -> float:
        """Seconds that this machine's clock is ahead of the server's, as far as is known."""
        return self.date() - (self.now() + self._server)

    @property
    def is_off(self) -> bool:
        """Whether nothing is to be signed that others judge by the time."""
        return abs(self.error) > TOLERANCE
