"""How long something took, counted by size: little is kept of much."""

from bisect import bisect_left
from typing import Final

BOUNDS: Final = (
    *(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05),
    *(0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
"""Seconds up to which durations are counted together; there may be longer ones."""


class Durations:
    """``counts`` has, for each of the bounds and for what is longer, how many there were.

    ``seconds`` is the sum of all.
    """

    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS) + 1)
        self.seconds = 0.0

    def note(self, seconds: float) -> None:
        """Something has taken so long."""
        self.counts[bisect_left(BOUNDS, seconds)] += 1
        self.seconds += seconds
