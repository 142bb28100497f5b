"""Doing what takes long without disturbing others.

A gate lets few in at the same time, and others in the order in which they came; a semaphore of
gevent looks at all who wait whenever one goes in.
"""

from collections import deque
from typing import Any

from gevent import get_hub
from gevent.hub import Waiter


class Gate:
    """Used with ``with``, by at most ``count`` greenlets at a time."""

    def __init__(self, count: int) -> None:
        self._free = count
        self._line: deque[Any] = deque()

    def __enter__(self) -> None:
        if self._free:
            self._free -= 1
            return
        waiter: Any = Waiter()
        self._line.append(waiter)
        try:
            waiter.get()
        except BaseException:
            if waiter in self._line:
                self._line.remove(waiter)
            else:
                self._leave()  # it was let in meanwhile
            raise

    def __exit__(self, *_: object) -> None:
        self._leave()

    def _leave(self) -> None:
        if self._line:
            get_hub().loop.run_callback(self._line.popleft().switch, None)
        else:
            self._free += 1


def await_next_pass() -> None:
    """Let the event loop look at everything else, in the middle of something that takes long."""
    waiter: Any = Waiter()
    timer = get_hub().loop.timer(0)
    timer.start(waiter.switch, None)
    try:
        waiter.get()
    finally:
        timer.close()
