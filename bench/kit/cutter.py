"""A relay that cuts every connection after so many bytes."""

import contextlib
import socket
import threading
from typing import Final

PIECE: Final = 256 * 1024


class Cutter:
    """Passes bytes between clients and :attr:`target`, and cuts a connection after ``most`` bytes.

    ``cuts`` is how often it has done that. Clients know it by its ``port``.
    """

    def __init__(self, target: tuple[str, int], most: int) -> None:
        self.target = target
        self.cuts = 0
        self._most = most
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take nobody any more."""
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self.target)
            except OSError:
                client.close()
                continue
            passed = [0]
            for source, sink in ((client, server), (server, client)):
                sink.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(
                    target=self._pass, args=(source, sink, passed), daemon=True
                ).start()

    def _pass(self, source: socket.socket, sink: socket.socket, passed: list[int]) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(PIECE):
                sink.sendall(data)
                passed[0] += len(data)
                if passed[0] > self._most:
                    self.cuts += 1
                    break
        for sock in (source, sink):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
