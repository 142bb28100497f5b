"""Doors of real clients that nobody runs, and whoever comes to them."""

import gevent
import pytest

from geventim.app.settings import Settings
from geventim.chat.links import Link
from geventim.web.bounds import USUAL, Bounds
from geventim.web.door import WebDoor
from geventim.web.place import Place
from geventim.web.shelf import Shelf
from tests.greenlets import background_errors, deadline
from tests.web.clients import Client
from tests.web.knocking import Knocker

__all__ = ["background_errors", "deadline"]


@pytest.fixture
def shelf(tmp_path):
    shelf = Shelf(tmp_path)
    yield shelf
    shelf.close()


@pytest.fixture
def box(shelf):
    return shelf.box()


@pytest.fixture
def settings(tmp_path):
    return Settings(Link("127.0.0.1", 1), "alice", "lobby", tmp_path)


@pytest.fixture
def open_door(settings, shelf):
    """Opens doors to alice's client, which does not run."""
    doors = []

    def open_door(place=None, bounds=USUAL):
        door = WebDoor(settings, place or Place(), shelf, bounds)
        doors.append(door)
        return door

    yield open_door
    for door in doors:
        door.close()
    gevent.sleep(0)


@pytest.fixture
def come(open_door):
    """Brings somebody to a door of their own, with these bounds."""
    knockers = []

    def come(**bounds):
        knocker = Knocker(open_door(bounds=Bounds(**bounds)))
        knockers.append(knocker)
        return knocker

    yield come
    for knocker in knockers:
        knocker.close()


@pytest.fixture
def knock(come):
    """Somebody at a door."""
    return come()


@pytest.fixture
def start_client(tmp_path):
    """Starts alice's client, or the next one."""
    clients = []
    tmp_path.chmod(0o700)

    def start_client(run="run", **door):
        client = Client(tmp_path, run, **door)
        clients.append(client)
        return client

    yield start_client
    for client in clients:
        client.close()
    gevent.sleep(0)


@pytest.fixture
def client(start_client):
    """Alice's client."""
    return start_client()


@pytest.fixture
def page(knock):
    """Our own page, which is in."""
    knock.come_in()
    return knock
