"""A view that remembers, and a server within the process."""

from dataclasses import replace

import gevent
import pytest
from gevent.server import StreamServer

from geventim.app.settings import Settings
from geventim.chat.links import Link
from geventim.client.events import (
    Connected,
)
from geventim.lines.sentences import describe
from tests.app.desks import desk, failures, settled, shelf, world
from tests.app.users import SOON, Screen, User
from tests.greenlets import background_errors, deadline
from tests.house import KEY, House

__all__ = [
    "background_errors",
    "deadline",
    "desk",
    "failures",
    "settled",
    "shelf",
    "world",
]


@pytest.fixture
def screen():
    return Screen()


@pytest.fixture
def house():
    opened = House()
    yield opened
    opened.close()
    gevent.sleep(0)


@pytest.fixture
def settings(house, tmp_path):
    data = tmp_path / "data"
    return Settings(house.link, "alice", "lobby", data, describe=describe, bounds=SOON)


@pytest.fixture
def start(settings):
    """Starts sessions, and waits until they are in: ``start("bob", link=...)``."""
    users = []

    def start(nick="alice", *, enters=True, bounds=SOON, **fields):
        user = User(replace(settings, nick=nick, bounds=bounds, **fields))
        users.append(user)
        if enters:
            user.screen.expect(Connected)
        return user

    yield start
    for user in users:
        user.stop()


@pytest.fixture
def listen():
    """Makes a server that treats each connection as it is told; its link."""
    servers = []

    def listen(serve):
        server = StreamServer(("127.0.0.1", 0), lambda sock, _: serve(sock))
        server.start()
        servers.append(server)
        return Link("127.0.0.1", server.server_port, KEY.public)

    yield listen
    for server in servers:
        server.stop(timeout=0.01)
