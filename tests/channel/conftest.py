"""Connections for the tests of the channel, from reproducible randomness."""

import random
from collections.abc import Callable
from typing import Any

import pytest

from geventim.channel.handshake import Initiator, Responder
from geventim.crypto.dh import PrivateKey

Connect = Callable[..., tuple[Initiator, Responder]]

DIRECTIONS = ["to the server", "to the client"]


@pytest.fixture(scope="session")
def client_key() -> PrivateKey:
    return PrivateKey(bytes(range(32)))


@pytest.fixture(scope="session")
def server_key() -> PrivateKey:
    return PrivateKey(bytes(range(32, 64)))


@pytest.fixture(scope="session")
def seeded() -> Callable[[int], Callable[[int], bytes]]:
    """A source of bytes that gives the same ones for the same seed."""
    return lambda seed: random.Random(seed).randbytes


@pytest.fixture(scope="session")
def initiate(seeded: Any) -> Callable[..., Initiator]:
    return lambda **options: Initiator(seeded(1), **options)


@pytest.fixture(scope="session")
def respond(seeded: Any, server_key: PrivateKey) -> Callable[..., Responder]:
    return lambda **options: Responder(seeded(2), server_key, **options)


@pytest.fixture(scope="session")
def connect(initiate: Any, respond: Any, client_key: PrivateKey) -> Connect:
    """A pair of connections that have finished their handshake."""

    def run(**options: Any) -> tuple[Initiator, Responder]:
        client, server = initiate(**options), respond(**options)
        server.receive_data(client.data_to_send())
        client.receive_data(server.data_to_send())
        client.accept(client_key)
        server.receive_data(client.data_to_send())
        return client, server

    return run


@pytest.fixture(scope="session", params=DIRECTIONS)
def ends(request: pytest.FixtureRequest, connect: Connect) -> Callable[..., Any]:
    """Makes (writer, reader) pairs, of either direction."""

    def run(**options: Any) -> tuple[Any, Any]:
        client, server = connect(**options)
        return (client, server) if request.param == DIRECTIONS[0] else (server, client)

    return run
