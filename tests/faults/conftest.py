"""Clients for one test, and an eye on the server they come to."""

import gc

import gevent
import pytest

from tests.raw_client import RawClient


@pytest.fixture
def clients():
    """Makes clients that have registered: ``clients(link, nick)``; all are gone afterwards."""
    made = []

    def make(link, nick=None, keys=None):
        client = RawClient(link, keys)
        made.append(client)
        if nick:
            assert client.register(nick).nick == nick
        return client

    yield make
    for client in made:
        client.close()
    gevent.sleep(0)
    gc.collect()


@pytest.fixture
def server(start_server):
    return start_server()


@pytest.fixture
def check_service(clients):
    """Newcomers find that a server does all that it should."""

    def check(server):
        one, two = (clients(server.link, f"new{index}-{server.pid}") for index in range(2))
        room = one.room("check")
        two.room("check")
        one.append(room, b"as ever")
        assert [payload for _, payload in two.entries(1)] == [b"as ever"]
        one.close()
        two.close()
        assert server.process.poll() is None

    return check
