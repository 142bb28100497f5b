"""Keeping apart what many conversations want to do at the same time.

Strangers can put us into as many groups as they like, with Welcomes that do not open; to look for
the state of each costs requests, of which the server answers only so many in a while. So that what
the user does need not wait for that, these come one after the other.
"""

from collections.abc import Callable
from typing import Final

SPACE: Final = 0.25
"""Seconds from one to the next: two requests each, of 20 a second that are answered."""

FREE: Final = 4
"""So many in a row need not wait."""


class Spacing:
    """Gives out times, in seconds since the epoch; ``clock`` says what it is now.

    They are ``space`` seconds apart, but for the first that are ``free``.
    """

    def __init__(self, clock: Callable[[], float], space: float = SPACE, free: int = FREE) -> None:
        self._clock = clock
        self._space = space
        self._free = free
        self._next = 0.0

    def reserve(self) -> float:
        """When the next one may go."""
        now = self._clock()
        self._next = max(self._next, now - self._free * self._space) + self._space
        return max(self._next, now)

    def reset(self) -> None:
        """Nobody waits any more."""
        self._next = 0.0
