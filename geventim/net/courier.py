"""Gives a client what is large, one after the other, and only when nothing else waits for it.

So whatever is said meanwhile waits behind one of them at most, and of one who does not read there
is no more than that in memory.
"""

from collections import deque
from collections.abc import Callable
from typing import Final

import gevent
from gevent.socket import IPPROTO_TCP

from geventim.net.connection import Connection

UNSENT: Final = 64 * 1024
"""Bytes that the system may have of a client that is given something large, and not sent yet."""

_TCP_NOTSENT_LOWAT: Final = getattr(gevent.socket, "TCP_NOTSENT_LOWAT", 25)


class Courier:
    """Makes calls that send something over ``connection``, each when nothing waits there."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._calls: deque[Callable[[], None]] = deque()
        self._greenlet: gevent.Greenlet[[], None] | None = None
        connection.set_option(IPPROTO_TCP, _TCP_NOTSENT_LOWAT, UNSENT)

    def add(self, call: Callable[[], None]) -> None:
        """Have ``call`` made after those before it; none is when the connection is being ended."""
        self._calls.append(call)
        if self._greenlet is None:
            self._greenlet = gevent.spawn(self._work)

    def _work(self) -> None:
        connection = self._connection
        try:
            while self._calls:
                connection.flush()
                connection.outbox.join()
                if connection.closing:
                    self._calls.clear()
                    return
                self._calls.popleft()()
        finally:
            self._greenlet = None
