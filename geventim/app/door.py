"""The way in for front ends in other processes of the same user.

They come through a Unix socket in the directory of the user's vault. Each writes wishes and reads
answers and events, as lines of JSON. Whoever holds the vault holds the door: a socket that is there
already was left by a process that is dead.
"""

import os
import select
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

import gevent
from gevent import socket
from gevent.monkey import get_original

from geventim import __version__
from geventim.app import socket_place
from geventim.app.front import Front
from geventim.app.hub import Hub
from geventim.app.note import Note
from geventim.client import wishes
from geventim.client.events import Connected
from geventim.client.stream import Attached, Closing
from geventim.client.wish_lines import WISH_SIZE, too_large
from geventim.client.wishes import BadWishError, Wish
from geventim.errors import UserError
from geventim.store.files import FILE_MODE
from geventim.wire.lines import LineSplitter

READ_SIZE: Final = 64 * 1024

MOST: Final = 64
"""Front ends that may be attached at the same time."""

FAREWELL: Final = 1.0
"""Seconds for the last that they are told to be written."""

PROTOCOL: Final = 1
"""The version of what is said through the socket."""


class Host(Protocol):
    """Whoever grants what they wish for."""

    def grant(self, wish: Wish, front: Front) -> None:
        """Take a wish of ``front``; waits while too much is under way."""

    def reject(self, error: UserError, front: Front) -> None:
        """Take, in its turn, a line of ``front`` that cannot be read."""

    def welcome(self) -> Connected | None:
        """What somebody is told who comes while we are connected."""


class Door:
    """The socket in ``directory``, and everybody who has come through it.

    Raises :class:`OSError` if there can be none.
    """

    def __init__(
        self,
        directory: Path,
        host: Host,
        hub: Hub,
        *,
        most: int = MOST,
        farewell: float = FAREWELL,
    ) -> None:
        self._most = most
        self._farewell = farewell
        self._host = host
        self._hub = hub
        self._path = directory / socket_place.NAME
        self._listener = _listen(directory)
        self._visitors: set[Visitor] = set()
        self._accepting = gevent.spawn(self._accept)

    def close(self) -> None:
        """Let nobody in any more, and say goodbye to everybody."""
        self._accepting.kill()
        with suppress(OSError):
            self._path.unlink()
        self._listener.close()
        gevent.joinall([gevent.spawn(visitor.close) for visitor in list(self._visitors)])

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                # There are too many descriptors, or the other one is gone already.
                gevent.sleep(FAREWELL)
                continue
            if len(self._visitors) >= self._most or not _is_own(sock):
                sock.close()
                continue
            visitor = Visitor(sock, self._host, self._hub, self._farewell)
            self._visitors.add(visitor)
            gevent.spawn(self._receive, visitor)

    def _receive(self, visitor: "Visitor") -> None:
        try:
            visitor.run()
        finally:
            self._visitors.discard(visitor)


class Visitor:
    """A front end behind ``sock``, which has ``farewell`` seconds to read the last of it."""

    def __init__(self, sock: socket.socket, host: Host, hub: Hub, farewell: float) -> None:
        self._farewell = farewell
        self._socket = sock
        self._host = host
        self._hub = hub
        self._front = hub.open()
        self._front.put(Note(Attached(__version__, PROTOCOL), hub.last))
        self._reading: gevent.Greenlet[[], None] | None = None
        welcome = host.welcome()
        if welcome is not None:
            self._front.put(Note(welcome))
        self._writing = gevent.spawn(self._write)

    def run(self) -> None:
        """Read until there is nothing more, and until everything is answered."""
        self._reading = gevent.spawn(self._read)
        gevent.joinall([self._reading, self._writing], count=1)
        self._front.end_when_answered()
        while not self._writing.ready() and not _is_gone(self._socket):
            self._writing.join(self._farewell)
        self._writing.kill()
        self._reading.kill()
        self._hub.dismiss(self._front)
        self._socket.close()

    def close(self) -> None:
        """Say what was taken and is not answered, and end."""
        if self._reading is not None:
            self._reading.kill()
        self._front.put(Note(Closing(tuple(self._front.granting))))
        self._hub.dismiss(self._front)
        self._writing.join(self._farewell)
        self._writing.kill()

    def _read(self) -> None:
        lines = LineSplitter(WISH_SIZE, too_large)
        with suppress(OSError):
            while data := self._socket.recv(READ_SIZE):
                for line in lines.feed(data):
                    self._take(line)
        for line in lines.end():
            self._take(line)

    def _take(self, line: str | UserError) -> None:
        self._front.await_turn()
        try:
            wish = wishes.decode(_text(line))
        except BadWishError as error:
            self._front.wished(error.id)
            self._host.reject(error, self._front)
        else:
            self._front.wished(wish.id)
            self._host.grant(wish, self._front)

    def _write(self) -> None:
        with suppress(OSError):
            while (notes := self._front.take()) is not None:
                self._socket.sendall("".join(note.to_json() for note in notes).encode())


def _text(line: str | UserError) -> str:
    """``line``, if it is one. Raises :class:`BadWishError`."""
    if isinstance(line, BadWishError):
        raise line
    if isinstance(line, UserError):
        raise BadWishError(None, line.code, said=str(line))
    return line


def _listen(directory: Path) -> socket.socket:
    path = directory / socket_place.NAME
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        path.unlink(missing_ok=True)
        # The directory is closed to others, so that nobody comes in between.
        with socket_place.address(directory) as address:
            listener.bind(address)
        path.chmod(FILE_MODE)
        listener.listen(MOST)
    except BaseException:
        listener.close()
        raise
    return listener


def _is_own(sock: socket.socket) -> bool:
    """Whether the other process is one of our user."""
    try:
        return socket_place.peer_user(sock) == os.geteuid()
    except OSError:
        return False


def _is_gone(sock: socket.socket) -> bool:
    """Whether nobody reads at the other end; who only writes nothing more is still there."""
    poll = get_original("select", "poll")()
    poll.register(sock, 0)
    return any(events & select.POLLHUP for _, events in poll.poll(0))
