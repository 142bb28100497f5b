"""When to try again after a connection was lost."""

from collections.abc import Callable
from typing import Final

FIRST: Final = 0.5
"""Seconds within which the first attempt comes."""

LONGEST: Final = 5.0
"""Seconds within which every later one follows."""


class Backoff:
    """Doubles the wait, from ``first`` up to ``longest``, and spreads clients over its second half.

    ``chance`` gives numbers from 0 to 1.
    """

    def __init__(
        self, chance: Callable[[], float], first: float = FIRST, longest: float = LONGEST
    ) -> None:
        self._chance = chance
        self._first = self._bound = first
        self._longest = longest

    def wait(self) -> float:
        """Seconds until the next attempt."""
        bound, self._bound = self._bound, min(2 * self._bound, self._longest)
        return round(bound * (1 + self._chance()) / 2, 3)

    def reset(self) -> None:
        """An attempt has succeeded."""
        self._bound = self._first
