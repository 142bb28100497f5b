"""The connections that have not logged in: bounded in number and in time.

At the bound the oldest one is dropped, so that a newcomer is never refused.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

import gevent
from gevent import Greenlet

PATIENCE: Final = 10.0
"""Seconds from accepting a connection to its login."""

BOUND: Final = 4096
"""Connections that may be without a login at the same time."""


class Handshakes:
    """Connections by the call that drops them, oldest first."""

    def __init__(self, clock: Callable[[], float], bound: int = BOUND) -> None:
        self._clock = clock
        self._bound = bound
        self._unfinished: OrderedDict[Callable[[], None], float] = OrderedDict()
        self._sweeper: Greenlet[[], None] | None = None

    def __len__(self) -> int:
        return len(self._unfinished)

    def begin(self, drop: Callable[[], None]) -> None:
        """A connection was accepted; ``drop`` ends it."""
        if len(self._unfinished) >= self._bound:
            oldest, _ = self._unfinished.popitem(last=False)
            oldest()
        self._unfinished[drop] = self._clock() + PATIENCE
        if self._sweeper is None:
            self._sweeper = gevent.spawn(self._sweep)

    def finish(self, drop: Callable[[], None]) -> None:
        """The connection has logged in, or is gone."""
        self._unfinished.pop(drop, None)

    def drop_all(self) -> None:
        """End every connection that has not logged in."""
        while self._unfinished:
            drop, _ = self._unfinished.popitem(last=False)
            drop()

    def _sweep(self) -> None:
        while self._unfinished:
            drop, deadline = next(iter(self._unfinished.items()))
            wait = deadline - self._clock()
            if wait > 0:
                gevent.sleep(wait)
            elif self._unfinished.pop(drop, None) is not None:
                drop()
        self._sweeper = None
