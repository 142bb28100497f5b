"""A server within the process, and clients that come to it."""

import pytest

from tests.greenlets import background_errors, deadline
from tests.house import House
from tests.raw_client import RawClient

__all__ = ["background_errors", "deadline"]


@pytest.fixture
def house():
    opened = House()
    yield opened
    opened.close()


@pytest.fixture
def enter(house):
    """Makes clients; with a nick, they have registered."""
    made = []

    def enter(nick=None):
        client = RawClient(str(house.link))
        made.append(client)
        if nick:
            assert client.register(nick).nick == nick
        return client

    yield enter
    for client in made:
        client.close()
