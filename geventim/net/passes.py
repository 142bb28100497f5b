"""Sharing the passes of the event loop among those who have much to do.

A pass in which everybody did all that they have at hand would last as long as that, and whoever has
a single message would wait for it. So in each pass only a little more than the first thing of each
is done, by one after the other in the order in which they came.
"""

import time
from collections import deque
from typing import Any, Final

from gevent import get_hub
from gevent.hub import Waiter

SHARE: Final = 0.001
"""Seconds of each pass that go to those who have more to do."""


class Passes:
    """Who has done something, and has more to do, calls :meth:`wait` in between."""

    def __init__(self, share: float = SHARE) -> None:
        self._share = share
        self._ends = 0.0
        self._line: deque[Any] = deque()
        self._next_pass = get_hub().loop.timer(0)

    def wait(self) -> None:
        """Wait for a pass of which something is left."""
        if not self._line and time.perf_counter() < self._ends:
            return
        waiter: Any = Waiter()
        self._line.append(waiter)
        if len(self._line) == 1:
            self._next_pass.start(self._begin)
        waiter.get()

    def _begin(self) -> None:
        """The event loop has looked at everything else once."""
        self._ends = time.perf_counter() + self._share
        while self._line:
            self._line.popleft().switch(None)
            if time.perf_counter() >= self._ends:
                break
        if self._line:
            self._next_pass.start(self._begin)
