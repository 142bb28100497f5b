"""Sharing the passes of the event loop among those who have much to do.

A pass in which everybody did all that they have at hand would last as long as that, and whoever has
a single message would wait for it. So once a pass has taken its share of time, the rest wait for
later ones, and those go first who have had the least: it is start-time fair queueing, in which the
time that somebody takes is the time until their greenlet waits for something.
"""

import heapq
import time
from collections.abc import Callable
from itertools import count
from typing import Any, Final, Protocol

from gevent import get_hub
from gevent.hub import Waiter

SHARE: Final = 0.001
"""Seconds of each pass that go to those who have something to do."""

DEARER: Final = 8
"""For how much of it time counts that goes to anything but words.

Where hundreds want as much as there is, nobody's share is more than a few messages a second cost.
"""


class Customer(Protocol):
    """Whoever takes time; ``served`` is up to when they have had it, and 0.0 at first.

    They are ``talking`` when what they asked for last was to say something.
    """

    served: float
    talking: bool


class Passes:
    """Who is about to do something, or has more to do, calls :meth:`wait` before.

    ``elapsed`` tells how many seconds the present pass has lasted.
    """

    def __init__(self, elapsed: Callable[[], float], share: float = SHARE) -> None:
        self._elapsed = elapsed
        self._share = share
        self._now = 0.0
        """The virtual time: when the last one that was let go on began."""
        self._line: list[tuple[float, int, Any, Customer]] = []
        self._numbers = count()
        self._present: Customer | None = None
        self._since = 0.0
        self._next_pass = get_hub().loop.timer(0)

    def wait(self, customer: Customer) -> None:
        """Wait for a pass of which something is left, unless that is this one."""
        if not self._line and self._elapsed() < self._share:
            return
        if self._present is customer:
            self._charge()
        waiter: Any = Waiter()
        start = max(self._now, customer.served)
        heapq.heappush(self._line, (start, next(self._numbers), waiter, customer))
        if len(self._line) == 1:
            self._next_pass.start(self._begin)
        waiter.get()

    def _begin(self) -> None:
        """The event loop has looked at everything else once."""
        self._since = time.perf_counter()
        ends = self._since + self._share
        while self._line:
            self._now, _, waiter, customer = heapq.heappop(self._line)
            customer.served = self._now
            self._present = customer
            waiter.switch(None)
            self._charge()
            if self._since >= ends:
                break
        self._present = None
        if self._line:
            self._next_pass.start(self._begin)

    def _charge(self) -> None:
        """Count what the present one has taken since it was counted last."""
        now = time.perf_counter()
        present = self._present
        if present is not None:
            present.served += (now - self._since) * (1 if present.talking else DEARER)
        self._since = now
