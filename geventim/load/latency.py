"""How long deliveries took, in a bounded amount of memory."""

import math
from array import array
from typing import Final

SHORTEST: Final = 1e-6
"""Seconds; what is shorter counts as this."""

LONGEST: Final = 1e4
"""Seconds; what is longer counts as this."""

PRECISION: Final = 0.01
"""The error of a percentile is at most this share of it."""

_STEP: Final = math.log(1 + 2 * PRECISION)
_FIRST: Final = math.log(SHORTEST)
_COUNT: Final = int((math.log(LONGEST) - _FIRST) / _STEP) + 1


class Latencies:
    """A histogram of durations whose classes grow with what they hold."""

    __slots__ = ("_counts", "_total", "longest")

    def __init__(self) -> None:
        self._counts = array("Q", bytes(8 * _COUNT))
        self._total = 0
        self.longest = 0.0

    def add(self, seconds: float) -> None:
        """Count one duration."""
        bounded = min(max(seconds, SHORTEST), LONGEST)
        self._counts[int((math.log(bounded) - _FIRST) / _STEP)] += 1
        self._total += 1
        self.longest = max(self.longest, seconds)

    def percentile(self, percent: float) -> float:
        """Seconds in which ``percent`` of all deliveries were made; 0 if there were none."""
        wanted = self._total * percent / 100
        passed = 0
        for place, count in enumerate(self._counts):
            passed += count
            if count and passed >= wanted:
                return math.exp(_FIRST + (place + 0.5) * _STEP)
        return 0.0
