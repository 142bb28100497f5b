"""The connections that have not logged in: bounded in number, in time, and in the work they make.

At the bound the oldest one is dropped, so that a newcomer is never refused. A handshake takes
longer than a message. So when many come at once they take turns, a few in each pass of the event
loop, and the messages of those who are in do not wait for all of them. The time that a peer has to
finish does not pass while it waits for its turn.
"""

from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Any, Final

import gevent
from gevent import Greenlet, get_hub
from gevent.hub import Waiter

PATIENCE: Final = 10.0
"""Seconds from accepting a connection to its login."""

BOUND: Final = 4096
"""Connections that may be without a login at the same time."""

TURNS: Final = 4
"""Connections without a login that are worked for in one pass of the event loop."""


class Handshakes:
    """Connections by the call that drops them, oldest first."""

    def __init__(self, clock: Callable[[], float], bound: int = BOUND, turns: int = TURNS) -> None:
        self._clock = clock
        self._bound = bound
        self._turns = turns
        self._unfinished: OrderedDict[Callable[[], None], float] = OrderedDict()
        self._sweeper: Greenlet[[], None] | None = None
        self._taken = 0
        # Who has begun comes before who has not: better some are in soon than all of them late.
        self._begun: deque[Any] = deque()
        self._new: deque[Any] = deque()
        self._in_line: set[Callable[[], None]] = set()
        self._next_pass = get_hub().loop.timer(0)

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

    def take_turn(self, drop: Callable[[], None], *, is_new: bool) -> None:
        """Wait until it is the turn of a connection from which something has come.

        ``is_new`` says that it is the first thing.
        """
        if not self._taken:
            self._next_pass.start(self._give_turns)
        if self._taken < self._turns:
            self._taken += 1
            return
        waiter: Any = Waiter()
        (self._new if is_new else self._begun).append(waiter)
        self._in_line.add(drop)
        try:
            waiter.get()
        finally:
            self._in_line.discard(drop)
        if is_new:
            self._renew(drop)

    def _renew(self, drop: Callable[[], None]) -> None:
        """Let the time of a connection begin again, unless it was dropped."""
        if self._unfinished.pop(drop, None) is not None:
            self._unfinished[drop] = self._clock() + PATIENCE

    def _give_turns(self) -> None:
        """The event loop has looked at everything else once."""
        self._taken = 0
        while self._taken < self._turns and (line := self._begun or self._new):
            self._taken += 1
            line.popleft().switch(None)
        if self._taken:
            self._next_pass.start(self._give_turns)

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
            elif drop in self._in_line:
                self._renew(drop)
            elif self._unfinished.pop(drop, None) is not None:
                drop()
        self._sweeper = None
