"""A place between clients and a server where every byte passes by."""

import socket
import threading


class Relay:
    """Passes bytes between clients and a server, and keeps them all."""

    def __init__(self, address: str) -> None:
        host, _, port = address.rpartition(":")
        self._target = (host, int(port))
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._open = [self._listening]
        self._flows: list[bytearray] = []
        self.address = f"127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def flows(self) -> list[bytes]:
        """What each side of each connection has sent."""
        return [bytes(flow) for flow in self._flows]

    def close(self) -> None:
        for sock in self._open:
            sock.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            server = socket.create_connection(self._target)
            self._open += [client, server]
            for source, sink in ((client, server), (server, client)):
                flow = bytearray()
                self._flows.append(flow)
                passing = threading.Thread(
                    target=self._pass, args=(source, sink, flow), daemon=True
                )
                passing.start()

    def _pass(self, source: socket.socket, sink: socket.socket, flow: bytearray) -> None:
        try:
            while data := source.recv(65536):
                flow += data
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            return
