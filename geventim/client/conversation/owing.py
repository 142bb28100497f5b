"""Commits that we owe though we have nothing to say, and when they are due.

While we lack the key of a node above us, part of every path is closed to us; our own commit gives
that node another key. The nearest of those who owe one comes first, and heals it for all others.
The leaf of somebody who is out is taken out by whichever member comes first.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from geventim.mls.epochs.vantage import Vantage

LEVEL: Final = 0.3
"""Seconds that each level between us and who made a key costs, and over which those are spread who
are on the same one."""

REMOVAL: Final = (2.0, 10.0)
"""Seconds between which somebody who is out is taken out."""


@dataclass(frozen=True, slots=True)
class Committer:
    """Who made the last commit that counts: an account, and the leaf ``index`` that it has."""

    account: bytes
    index: int


class Owing:
    """What one member owes; ``random`` gives so many unpredictable bytes."""

    def __init__(self, clock: Callable[[], float], random: Callable[[int], bytes]) -> None:
        self._clock = clock
        self._random = random
        self.healing_at: float | None = None
        self.removal_at: float | None = None
        self.knock_at: float | None = None

    def look(self, vantage: Vantage) -> None:
        """See what is lacking after a commit; no later commit puts off what is owed."""
        level = vantage.lacking()
        if level is None:
            self.healing_at = None
            return
        due = self._clock() + self.wait(level)
        self.healing_at = due if self.healing_at is None else min(due, self.healing_at)

    def wait(self, level: int) -> float:
        """Seconds that we let those pass who have fewer levels between them and the author."""
        return LEVEL * (max(1, level) - 1) + LEVEL * self._chance()

    def part(self) -> None:
        """Somebody is out, whose leaf is still there."""
        first, last = REMOVAL
        if self.removal_at is None:
            self.removal_at = self._clock() + first + (last - first) * self._chance()

    def knock(self, seconds: float) -> None:
        """Others are to see soon where we are."""
        self.knock_at = self._clock() + seconds

    def settle(self) -> None:
        """Nobody is left to be taken out."""
        self.removal_at = None

    def clear(self) -> None:
        """We are out ourselves, or have another seat."""
        self.healing_at = self.removal_at = self.knock_at = None

    def _chance(self) -> float:
        return int.from_bytes(self._random(2), "big") / 0xFFFF
