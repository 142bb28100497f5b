"""How long messages wait for each other on their way to the disk.

A delivery costs the same for one message as for several that come together. So a server that has
too much to do lets them gather, and one that has not lets each go at once. Whether it has is seen
from the passes of the event loop in which something was delivered: the longer they take, the later
does whatever comes meanwhile.
"""

from typing import Final

from geventim.service.ports import Timers

BUSY: Final = 0.003
"""Seconds of a pass below which nothing waits."""

MOST: Final = 0.05
"""The most seconds that a message waits: less than people notice."""

FORGOTTEN: Final = 8
"""A pass that is shorter counts as one part in so many; one that is longer counts at once."""


class Gathering:
    """What the passes of late took, and until when messages wait because of the last one."""

    def __init__(self, timers: Timers) -> None:
        self._timers = timers
        self._length = 0.0
        self._until = 0.0
        self._measures = False

    @property
    def wait(self) -> float:
        """Seconds that a message which comes now may wait for others."""
        if not self._until:
            return 0.0
        # A clock that was set back changes nothing.
        return max(0.0, min(self._until - self._timers.now(), self._length, MOST))

    def note_delivery(self) -> None:
        """Something is delivered in this pass of the event loop."""
        if not self._measures:
            self._measures = True
            self._timers.soon(self._measure)

    def _measure(self) -> None:
        """The pass is over."""
        self._measures = False
        length = self._timers.elapsed()
        if length > self._length:
            self._length = length
        else:
            self._length -= (self._length - length) / FORGOTTEN
        is_busy = self._length >= BUSY
        self._until = self._timers.now() + self._length if is_busy else 0.0
