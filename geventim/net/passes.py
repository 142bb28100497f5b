"""Sharing the passes of the event loop among those who have much to do.

A pass in which everybody did all that they have at hand would last as long as that, and whoever has
a single message would wait for it. So once a pass has taken its share of time, the rest wait for
later ones. What people say to each other goes first, and of anything else each pass has a little.
Of both, those go first who have had the least of it: it is start-time fair queueing, in which the
time that somebody takes is that of the processor until their greenlet waits for something. Nobody
pays for what other threads and programs do meanwhile.
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


class Tab:
    """What somebody has had so far of one of the two: up to which of its virtual times."""

    def __init__(self) -> None:
        self.until = 0.0


class Customer(Protocol):
    """Whoever takes time, and is ``talking`` if that is for saying something."""

    talking: bool

    @property
    def talk(self) -> Tab:
        """What they have had for that."""

    @property
    def rest(self) -> Tab:
        """What they have had for anything else."""


class _Line:
    """Those who wait to talk, or for anything else."""

    def __init__(self) -> None:
        self._now = 0.0
        """The virtual time: when the last one that was let go on began."""
        self._waiting: list[tuple[float, int, Any, Tab]] = []
        self._numbers = count()

    def __len__(self) -> int:
        return len(self._waiting)

    def join(self, tab: Tab) -> Any:
        """The waiter of somebody with this ``tab``."""
        waiter: Any = Waiter()
        start = max(self._now, tab.until)
        heapq.heappush(self._waiting, (start, next(self._numbers), waiter, tab))
        return waiter

    def call(self) -> tuple[Any, Tab]:
        """The waiter of whoever is first, and their tab."""
        self._now, _, waiter, tab = heapq.heappop(self._waiting)
        tab.until = self._now
        return waiter, tab


class Passes:
    """Who is about to do something, or has more to do, calls :meth:`wait` before.

    ``elapsed`` tells how many seconds the present pass has lasted.
    """

    def __init__(self, elapsed: Callable[[], float], share: float = SHARE) -> None:
        self._elapsed = elapsed
        self._share = share
        self._talk = _Line()
        self._rest = _Line()
        self._present: Tab | None = None
        self._since = 0.0
        """The time of this thread up to which it was counted."""
        self._next_pass = get_hub().loop.timer(0)

    def wait(self, customer: Customer) -> None:
        """Wait for a pass of which something is left, unless that is this one."""
        is_talk = customer.talking
        if not self._talk and (is_talk or not self._rest) and self._elapsed() < self._share:
            return
        if self._present in {customer.talk, customer.rest}:
            self._charge()
        if not self._talk and not self._rest:
            self._next_pass.start(self._begin)
        waiter = self._talk.join(customer.talk) if is_talk else self._rest.join(customer.rest)
        waiter.get()

    def _begin(self) -> None:
        """The event loop has looked at everything else once."""
        self._since = time.thread_time()
        ends = time.perf_counter() + self._share
        for line in self._talk, self._rest:
            is_over = False
            while line and not is_over:
                waiter, self._present = line.call()
                waiter.switch(None)
                self._charge()
                is_over = time.perf_counter() >= ends
        self._present = None
        if self._talk or self._rest:
            self._next_pass.start(self._begin)

    def _charge(self) -> None:
        """Count what the present one has taken since it was counted last."""
        now = time.thread_time()
        if self._present is not None:
            self._present.until += now - self._since
        self._since = now
