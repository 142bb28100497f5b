"""What arrives at one socket.

Nearly every greenlet of a server waits here nearly all the time, and while it does, keeps a copy of
its C stack. What gevent does for ``recv`` is safe for anyone, but it waits five C calls deep and
holds on to the failed attempt to read: 1.5 KiB more for each connection, and a system call for each
request.
"""

import errno
import os
from collections.abc import Callable
from typing import Any

import gevent
from gevent.socket import socket


def read(sock: socket, size: int, take_turn: Callable[[], None] | None = None) -> bytes:
    """Wait for bytes; at most ``size`` of them, and none when the peer has closed its side.

    With ``take_turn``, wait for that, too, while they are still with the system. One greenlet at a
    time may do that. Raises :class:`OSError`, also in who waits while another closes the socket.
    """
    inner: Any = sock  # the types that gevent declares do not have what is used here
    while True:
        # What ``sock.recv`` would wait for; gone once the socket is closed. gevent makes neither it
        # nor the socket below public.
        arrival = inner._read_event  # noqa: SLF001 - the watcher has no public name
        if arrival is None:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        arrival.start(gevent.getcurrent().switch)
        try:
            inner.hub.switch()
        finally:
            arrival.stop()
        if take_turn is not None:
            take_turn()
        try:
            data: bytes = inner._sock.recv(size)  # noqa: SLF001 - nor has the system call
        except BlockingIOError:
            continue  # there were none after all
        return data
