"""What waits to be written to one socket.

Its duties: keep the order; never block whoever puts something in; write at once when nothing
waits; have a writer greenlet only while something does; say how much waits; and give up on a peer
that takes nothing for a long time.
"""

from collections import deque
from typing import Any, Final

import gevent
from gevent.socket import socket

STALL: Final = 300.0
"""Seconds in which the peer must take something, if something waits."""


class Outbox:
    """The bytes on their way to ``sock``; ``size`` of them wait.

    ``taken`` is how many had to wait and went in the end.
    """

    __slots__ = ("_queue", "_send", "_socket", "_stall", "_writer", "size", "taken")

    def __init__(self, sock: socket, stall: float = STALL) -> None:
        self._stall = stall
        self._socket = sock
        # The system call itself, which gevent does not offer: its own serves those who would wait.
        inner: Any = sock  # the types that gevent declares do not have it
        self._send = inner._sock.send  # noqa: SLF001 - the system call has no public name
        # An idle connection keeps neither queue nor greenlet.
        self._queue: deque[bytes | memoryview] | None = None
        self._writer: gevent.Greenlet[[], None] | None = None
        self.size = 0
        self.taken = 0

    def put(self, data: bytes) -> None:
        """Write ``data`` after everything before it; a broken socket swallows it.

        Whoever reads from the socket learns that it is broken.
        """
        if self._queue is not None:
            self._queue.append(data)
            self.size += len(data)
            return
        try:
            sent = self._send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            return
        if sent < len(data):
            self._queue = deque([memoryview(data)[sent:]])
            self.size = len(data) - sent
            self._writer = gevent.spawn(self._write)

    def join(self, timeout: float | None = None) -> None:
        """Wait until nothing waits, or for ``timeout`` seconds."""
        if self._writer is not None:
            self._writer.join(timeout)

    def _write(self) -> None:
        queue = self._queue
        try:
            while queue:
                data = queue[0]
                with gevent.Timeout(self._stall, TimeoutError()):
                    sent = self._socket.send(data)
                self.size -= sent
                self.taken += sent
                if sent == len(data):
                    queue.popleft()
                else:
                    queue[0] = memoryview(data)[sent:]
        except OSError:
            self._give_up()
        self._queue = self._writer = None
        self.size = 0

    def _give_up(self) -> None:
        try:
            self._socket.shutdown(gevent.socket.SHUT_RDWR)
        except OSError:
            return
