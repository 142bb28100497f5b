"""How long to wait before something is tried again."""

from collections.abc import Callable
from typing import Final

FIRST: Final = 0.25
"""Seconds after the first failure, at most."""

LONGEST: Final = 60.0
"""Seconds after any failure, at most."""

DOUBLINGS: Final = 8
"""Failures after which it is that long; some things fail for days."""


class Patience:
    """Doubles the wait with each failure, spread over its second half.

    ``clock`` gives seconds since the epoch, ``random`` so many unpredictable bytes.
    """

    def __init__(self, clock: Callable[[], float], random: Callable[[int], bytes]) -> None:
        self._clock = clock
        self._random = random
        self._failures = 0
        self._until = 0.0

    @property
    def failures(self) -> int:
        """Failures in a row."""
        return self._failures

    @property
    def until(self) -> float:
        """When the wait ends, in seconds since the epoch."""
        return self._until

    @property
    def waits(self) -> bool:
        """Whether it is too early."""
        return bool(self._until) and self._clock() < self._until

    def fail(self, longest: float = LONGEST) -> None:
        """It came to nothing; it may be tried again in ``longest`` seconds at most."""
        bound = min(longest, FIRST * 2 ** min(self._failures, DOUBLINGS))
        chance = int.from_bytes(self._random(2), "big") / 0xFFFF
        self._until = self._clock() + bound * (1 + chance) / 2
        self._failures += 1

    def pause(self, seconds: float) -> None:
        """Something else is to be tried, so many seconds from now."""
        self._until = self._clock() + seconds

    def reset(self) -> None:
        """It has worked, or everything is different now."""
        self._failures, self._until = 0, 0.0
