"""A member of the crowd, on a socket that never blocks; each kind of server has a dialect of it."""

import socket
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from kit.transcript import Echo, FaultError

READ = 256 * 1024
PATIENCE = 30.0

SEGMENT = 1460
"""Bytes in a TCP segment on an Ethernet; the loopback lets 4 MiB wait in ones of 64 KiB."""

WINDOW = 64 * 1024
"""Bytes that such a system takes for somebody who does not read."""


class EndedError(FaultError):
    """The server has ended a connection."""


class Member:
    """One connection; ``speaks`` says whether it will send, ``position`` how far it has heard."""

    hears_itself = False
    is_remote = False
    """Whether the system is to hold no more for it than for somebody behind a thin line."""

    def __init__(self, address: str, number: int, transcript: Any, *, speaks: bool) -> None:
        self.address = address
        self.number = number
        self.transcript = transcript
        self.position = 0
        self.echo = Echo(transcript, number) if speaks and not self.hears_itself else None
        self.sock: socket.socket
        self._out: deque[bytes] = deque()

    @property
    def heard(self) -> int:
        """How many messages it has heard, its own among them."""
        if self.echo is None:
            return int(self.transcript.heard(self.position))
        self.echo.settle()
        return self.echo.heard

    def dial(self) -> None:
        """Connect the socket, from one of many addresses, so that ports do not run out."""
        host, _, port = self.address.rpartition(":")
        self.sock = socket.socket()
        self.sock.settimeout(PATIENCE)
        if self.is_remote:
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, SEGMENT)
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, WINDOW)
        self.sock.bind((f"127.0.0.{2 + self.number // 5_000}", 0))
        self.sock.connect((host, int(port)))
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def enter(self) -> None:
        """Connect, log in and join; blocks."""
        raise NotImplementedError

    @classmethod
    def enter_together(cls, members: Sequence[Any]) -> None:
        """Have ``members`` enter at the same time; blocks."""
        with ThreadPoolExecutor(len(members)) as threads:
            for _ in threads.map(cls.enter, members):
                pass

    def say(self, messages: list[bytes]) -> None:
        """Send ``messages``, as far as the socket takes them; :meth:`flush` sends the rest."""
        self._out += self.encode(messages)
        self.flush()

    def encode(self, messages: list[bytes]) -> list[bytes]:
        """The writes that say ``messages``."""
        raise NotImplementedError

    def flush(self) -> None:
        """Write what waits."""
        while self._out:
            try:
                sent = self.sock.send(self._out[0])
            except BlockingIOError:
                return
            if sent < len(self._out[0]):
                self._out[0] = self._out[0][sent:]
            else:
                self._out.popleft()

    def receive(self) -> bytes:
        """What has arrived."""
        try:
            data = self.sock.recv(READ)
        except BlockingIOError:
            return b""
        if not data:
            raise EndedError("the server has ended a connection")
        return data

    def take(self) -> None:
        """Take what has arrived, and check it."""
        raise NotImplementedError

    def forget(self) -> None:
        """Throw away what has arrived before the measurement."""
        while self.receive():
            pass

    def leave(self) -> None:
        """End the connection."""
        self.sock.close()
