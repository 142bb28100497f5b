"""Those who work for a journal, so that the event loop goes on while a store blocks."""

import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final, Protocol, TypeVar

import gevent
from gevent.hub import Waiter
from gevent.monkey import get_original

READERS: Final = 4
"""Threads that read."""

SHARE: Final = 0.001
"""Seconds of each pass of the event loop that go to those whose calls are done."""

_Queue = get_original("queue", "SimpleQueue")
_start_thread = get_original("_thread", "start_new_thread")

T = TypeVar("T")

_Answer = tuple[Any, Any, BaseException | None]
"""The waiter, and what the call returned or raised."""


class Crew(Protocol):
    """What a journal has others do."""

    def write(self, call: Callable[[], T]) -> T:
        """What ``call`` returns; one at a time."""

    def look_up(self, call: Callable[[], T]) -> T:
        """What ``call`` returns, which takes but a moment; meanwhile something may be written."""

    def read(self, call: Callable[[], T]) -> T:
        """What ``call`` returns, which may take longer; nothing else waits for it."""

    def dismiss(self) -> None:
        """Nothing will be asked for any more."""


class Threads:
    """A thread that writes, and some that read: for a store on this machine's disk.

    What takes but a moment is done here. The way to a thread and back takes ten times as long, in
    which the threads fight for the interpreter.
    """

    def __init__(self) -> None:
        self._writer = Team(1)
        self._readers = Team(READERS)

    def write(self, call: Callable[[], T]) -> T:
        """What ``call`` returns or raises in the thread that writes."""
        return self._writer.do(call)

    def look_up(self, call: Callable[[], T]) -> T:
        """What ``call`` returns or raises, at once."""
        return call()

    def read(self, call: Callable[[], T]) -> T:
        """What ``call`` returns or raises in one of the others, which does only that."""
        return self._readers.do(call)

    def dismiss(self) -> None:
        """End the threads when they have done what they were asked."""
        self._writer.dismiss()
        self._readers.dismiss()


class Team:
    """At most ``size`` threads that take calls from one queue, started when they are needed.

    A call of gevent's own thread pool takes twice the processor time: it has a watcher for each.
    When many are done at once, their callers go on in several passes of the event loop, of each of
    which they get a ``share`` of so many seconds.
    """

    def __init__(self, size: int, share: float = SHARE) -> None:
        self._size = size
        self._share = share
        self._started = 0
        self._pending = 0
        self._calls: Any = _Queue()
        self._done: deque[_Answer] = deque()
        self._waker = gevent.get_hub().loop.async_()

    def do(self, call: Callable[[], T]) -> T:
        """What ``call`` returns or raises in a thread."""
        if self._pending == self._started < self._size:
            self._started += 1
            _start_thread(self._work, ())
        if not self._pending:
            self._waker.start(self._hand_back)
        self._pending += 1
        waiter: Any = Waiter()
        self._calls.put((call, waiter))
        found: T = waiter.get()
        return found

    def dismiss(self) -> None:
        """End the threads when they have done what they were asked."""
        for _ in range(self._started):
            self._calls.put(None)
        self._started = 0

    def _work(self) -> None:
        while asked := self._calls.get():
            self._done.append(_attempt(*asked))
            del asked  # what it holds may be large, and the next may be long in coming
            self._waker.send()

    def _hand_back(self) -> None:
        end = time.perf_counter() + self._share
        while self._done:
            waiter, found, error = self._done.popleft()
            self._pending -= 1
            if not self._pending:
                self._waker.stop()
            if error is None:
                waiter.switch(found)
            else:
                waiter.throw(error)
            if time.perf_counter() >= end:
                break
        if self._done:
            self._waker.send()


def _attempt(call: Callable[[], object], waiter: Any) -> _Answer:
    """What ``call`` returns, or raises, for ``waiter``."""
    try:
        return waiter, call(), None
    except BaseException as error:
        return waiter, None, error
