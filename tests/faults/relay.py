"""Somebody in the middle, who passes what a client and a server say, or something else."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, repeat
from typing import BinaryIO

from geventim.channel.preamble import SIZE

UP, DOWN = "up", "down"
"""From the client to the server, and back."""

Trick = Callable[[bytes, Iterator[bytes]], Iterable[bytes]]
"""What to pass instead of one record; the records after it can be taken too."""


class Relay:
    """Passes whole preambles, handshake messages and records to ``target``, as :attr:`shape` says.

    ``seen`` has all that was passed on each way. ``begun`` is set when a trick has its record.
    """

    def __init__(self, target: tuple[str, int]) -> None:
        self.seen: dict[str, list[bytes]] = {UP: [], DOWN: []}
        self.shape: Callable[[bytes], Iterable[bytes]] = lambda unit: [unit]
        self.begun = threading.Event()
        self._target = target
        self._tricks: dict[str, Trick] = {}
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._open = [self._listening]
        self.address = f"127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def play(self, way: str, trick: Trick) -> None:
        """Play ``trick`` on the next record that goes this ``way``."""
        self.begun.clear()
        self._tricks[way] = trick

    def cut(self) -> None:
        """End every connection, both ways."""
        for sock in self._open[1:]:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.cut()
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        for sock in self._open:
            sock.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
                server = socket.create_connection(self._target)
            except OSError:
                return
            self._open += [client, server]
            for way, source, sink in ((UP, client, server), (DOWN, server, client)):
                sink.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self._pass, args=(way, source, sink), daemon=True).start()

    def _pass(self, way: str, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError), source.makefile("rb") as stream:
            units = _read_units(stream, way)
            for unit in units:
                self.seen[way].append(unit)
                for part in self._play(way, unit, units):
                    for piece in self.shape(part):
                        sink.sendall(piece)
        for sock in (source, sink):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def _play(self, way: str, unit: bytes, units: Iterator[bytes]) -> Iterable[bytes]:
        trick = self._tricks.pop(way, None)
        if trick is None:
            return [unit]
        self.begun.set()
        return trick(unit, units)


def _read_units(stream: BinaryIO, way: str) -> Iterator[bytes]:
    """The preamble, the handshake messages and the records of one way."""
    if way == UP:
        yield stream.read(SIZE)
    for size in chain(repeat(2, 2 if way == UP else 1), repeat(4)):
        length = stream.read(size)
        if len(length) < size:
            return
        yield length + stream.read(int.from_bytes(length, "big"))
