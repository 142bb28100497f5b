"""The clock, and calls in the future, on the event loop."""

import time
from collections.abc import Callable

import gevent
from gevent import Greenlet


class Call:
    """A call that will happen unless it is cancelled."""

    __slots__ = ("_greenlet",)

    def __init__(self, greenlet: "Greenlet[[], None]") -> None:
        self._greenlet = greenlet

    def cancel(self) -> None:
        """Let it not happen."""
        self._greenlet.kill(block=False)


class Timers:
    """Implements :class:`geventim.service.ports.Timers`."""

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    def elapsed(self) -> float:
        """Seconds since the event loop has last looked at what has come.

        None if the clock was set back meanwhile.
        """
        return max(0.0, time.time() - gevent.get_hub().loop.now())

    def soon(self, call: Callable[[], None]) -> None:
        """Have ``call`` made at the end of this pass of the event loop."""
        gevent.get_hub().loop.run_callback(call)

    def later(self, seconds: float, call: Callable[[], None]) -> Call:
        """Have ``call`` made in ``seconds``."""
        return Call(gevent.spawn_later(seconds, call))
