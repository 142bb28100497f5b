"""The connections that are there: those of strangers make room for others.

Anybody on the machine can connect and say nothing. Who has shown a token is not put out by that.
"""

from contextlib import suppress

from gevent import socket


class Crowd:
    """At most so many ``strangers`` at the same time; the oldest has to go."""

    def __init__(self, strangers: int) -> None:
        self._most = strangers
        self._strangers: dict[socket.socket, None] = {}

    def enter(self, sock: socket.socket) -> None:
        """Somebody has connected."""
        self._strangers[sock] = None
        if len(self._strangers) > self._most:
            oldest = next(iter(self._strangers))
            del self._strangers[oldest]
            with suppress(OSError):
                oldest.shutdown(socket.SHUT_RDWR)

    def leave(self, sock: socket.socket) -> None:
        """They are gone, or have shown that they are no stranger."""
        self._strangers.pop(sock, None)
