"""Connected sockets, connected channels, and an eye on what goes wrong in the background."""

import os

import pytest
from gevent import socket

from geventim.channel.handshake import Initiator, Responder
from geventim.crypto.dh import PrivateKey
from geventim.net.connection import Connection
from tests.greenlets import background_errors, deadline

__all__ = ["background_errors", "deadline"]

SERVER_KEY = PrivateKey(bytes(range(32)))
CLIENT_KEY = PrivateKey(bytes(range(32, 64)))


@pytest.fixture
def sockets():
    """Makes pairs of connected TCP sockets on the loopback."""
    made = []

    def connect():
        with socket.socket() as listening:
            listening.bind(("127.0.0.1", 0))
            listening.listen()
            made.append(socket.create_connection(listening.getsockname()))
            made.append(listening.accept()[0])
        return made[-2], made[-1]

    yield connect
    for sock in made:
        sock.close()


@pytest.fixture
def channels(sockets):
    """Makes pairs of connections, client and server, past the handshake."""

    def connect(**options):
        ours, theirs = sockets()
        client = Connection(ours, Initiator(os.urandom, **options))
        server = Connection(theirs, Responder(os.urandom, SERVER_KEY, **options))
        server.receive()
        client.receive()
        client.channel.accept(CLIENT_KEY)
        client.write_handshake()
        server.receive()
        return client, server

    return connect


@pytest.fixture
def read_all():
    """Reads so many bytes from a socket, or everything up to its end."""

    def read(sock, count=None):
        data = bytearray()
        while count is None or len(data) < count:
            part = sock.recv(65536 if count is None else count - len(data))
            if not part:
                break
            data += part
        return bytes(data)

    return read
