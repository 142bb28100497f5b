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


class Customer(Protocol):
    """Whoever takes time, and is ``talking`` if that is for saying something.

    ``spoken`` is up to when they have had time for that, ``served`` for anything else; both are 0.0
    at first.
    """

    spoken: float
    served: float
    talking: bool


class _Line:
    """Those who wait to talk, or for anything else."""

    def __init__(self) -> None:
        self._now = 0.0
        """The virtual time: when the last one that was let go on began."""
        self._waiting: list[tuple[float, int, Any, Customer]] = []
        self._numbers = count()

    def __len__(self) -> int:
        return len(self._waiting)

    def join(self, customer: Customer, served: float) -> Any:
        """The waiter of ``customer``, who has been ``served`` up to then."""
        waiter: Any = Waiter()
        start = max(self._now, served)
        heapq.heappush(self._waiting, (start, next(self._numbers), waiter, customer))
        return waiter

    def call(self) -> tuple[float, Any, Customer]:
        """When whoever is first begins, and their waiter."""
        self._now, _, waiter, customer = heapq.heappop(self._waiting)
        return self._now, waiter, customer


class Passes:
    """Who is about to do something, or has more to do, calls :meth:`wait` before.

    ``elapsed`` tells how many seconds the present pass has lasted.
    """

    def __init__(self, elapsed: Callable[[], float], share: float = SHARE) -> None:
        self._elapsed = elapsed
        self._share = share
        self._talk = _Line()
        self._rest = _Line()
        self._present: Customer | None = None
        self._is_talk = False
        """Whether the present one has been let go on in order to talk."""
        self._since = 0.0
        """The time of this thread up to which it was counted."""
        self._next_pass = get_hub().loop.timer(0)

    def wait(self, customer: Customer) -> None:
        """Wait for a pass of which something is left, unless that is this one."""
        is_talk = customer.talking
        if not self._talk and (is_talk or not self._rest) and self._elapsed() < self._share:
            return
        if self._present is customer:
            self._charge()
        if not self._talk and not self._rest:
            self._next_pass.start(self._begin)
        if is_talk:
            waiter = self._talk.join(customer, customer.spoken)
        else:
            waiter = self._rest.join(customer, customer.served)
        waiter.get()

    def _begin(self) -> None:
        """The event loop has looked at everything else once."""
        self._since = time.thread_time()
        ends = time.perf_counter() + self._share
        while self._talk:
            start, waiter, customer = self._talk.call()
            customer.spoken = start
            self._let_go_on(waiter, customer, is_talk=True)
            if time.perf_counter() >= ends:
                break
        while self._rest:
            start, waiter, customer = self._rest.call()
            customer.served = start
            self._let_go_on(waiter, customer, is_talk=False)
            if time.perf_counter() >= ends:
                break
        self._present = None
        if self._talk or self._rest:
            self._next_pass.start(self._begin)

    def _let_go_on(self, waiter: Any, customer: Customer, *, is_talk: bool) -> None:
        self._present, self._is_talk = customer, is_talk
        waiter.switch(None)
        self._charge()

    def _charge(self) -> None:
        """Count what the present one has taken since it was counted last."""
        now = time.thread_time()
        present = self._present
        if present is None:
            pass
        elif self._is_talk:
            present.spoken += now - self._since
        else:
            present.served += now - self._since
        self._since = now
