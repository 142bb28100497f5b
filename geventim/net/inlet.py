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

Answer = Callable[[bytes], bool]
"""Takes what has come, or does nothing and returns False."""


class Inlet:
    """The bytes that come from ``sock``, for one greenlet at a time."""

    __slots__ = ("_early", "_socket")

    def __init__(self, sock: socket) -> None:
        # The types that gevent declares do not have what is used here.
        self._socket: Any = sock
        self._early = b""
        """What was read while the greenlet waited, and is for it."""

    def read(self, size: int, take_turn: Callable[[], None] | None = None) -> bytes:
        """Wait for bytes; about ``size`` at most, and none when the peer has closed its side.

        With ``take_turn``, wait for that, too, while they are still with the system. Raises
        :class:`OSError`, also in who waits while another closes the socket.
        """
        while True:
            arrival = self._arrival
            if arrival is None:
                raise OSError(errno.EBADF, os.strerror(errno.EBADF))
            arrival.start(gevent.getcurrent().switch)
            try:
                self._socket.hub.switch()
            finally:
                arrival.stop()
            if take_turn is not None:
                take_turn()
            early, self._early = self._early, b""
            try:
                return early + self._receive(size)
            except BlockingIOError:
                if early:
                    return early
                # There were none after all.

    def offer(self, size: int, answer: Answer) -> None:
        """Have ``answer`` called once with the first ``size`` bytes that come, or fewer.

        It is called by the event loop, and the greenlet that waits for them sleeps on if it has
        taken them. That is for what comes seldom and is soon answered: to wake a greenlet takes
        longer. Nothing happens where no greenlet waits.
        """
        arrival = self._arrival
        if arrival is not None and arrival.active and not arrival.args:
            arrival.args = (arrival.callback, size, answer)
            arrival.callback = self._arrive

    def withdraw(self) -> None:
        """Have the greenlet woken by whatever comes, as it must be before the socket is closed.

        gevent throws the news into who waits, and takes the one whose method is called for that.
        """
        arrival = self._arrival
        if arrival is not None and arrival.args:
            arrival.callback, arrival.args = arrival.args[0], ()

    @property
    def _arrival(self) -> Any:
        """What ``sock.recv`` would wait for; None once the socket is closed."""
        # gevent makes neither this nor the socket below public.
        return self._socket._read_event  # noqa: SLF001 - the watcher has no public name

    def _receive(self, size: int) -> bytes:
        data: bytes = self._socket._sock.recv(size)  # noqa: SLF001 - nor has the system call
        return data

    def _arrive(self, wake: Callable[[], object], size: int, answer: Answer) -> None:
        arrival = self._arrival
        arrival.callback, arrival.args = wake, ()
        try:
            data = self._receive(size)
        except BlockingIOError:
            return  # there were none after all
        except OSError:
            data = b""  # who reads on is told the end
        if not data or not answer(data):
            self._early = data
            wake()
