"""What arrives at one socket.

Nearly every greenlet of a server waits here nearly all the time, and while it does, keeps a copy of
its C stack. What gevent does for ``recv`` is safe for anyone, but it waits five C calls deep and
holds on to the failed attempt to read: 1.5 KiB more for each connection, and a system call for each
request.
"""

import errno
import os

import gevent
from gevent.socket import socket


def read(sock: socket, size: int) -> bytes:
    """Wait for bytes; at most ``size`` of them, and none when the peer has closed its side.

    One greenlet at a time may do that. Raises :class:`OSError`, also in who waits while another
    closes the socket.
    """
    while True:
        # What ``sock.recv`` would wait for; gone once the socket is closed. gevent makes neither it
        # nor the socket below public.
        arrival = sock._read_event  # type: ignore[attr-defined]  # noqa: SLF001
        if arrival is None:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        arrival.start(gevent.getcurrent().switch)
        try:
            sock.hub.switch()  # type: ignore[attr-defined]
        finally:
            arrival.stop()
        try:
            return sock._sock.recv(size)  # type: ignore[attr-defined,no-any-return]  # noqa: SLF001
        except BlockingIOError:
            continue  # there were none after all
