"""A server within the process, and clients that come to it."""

import logging

import gevent
import pytest

from geventim.chat import limits
from geventim.net.journals.blob_keeper import BlobKeeper
from geventim.server.clients.bounds import USUAL
from geventim.service import bounds as service
from geventim.store.blobs.directory import BlobDirectory
from tests.greenlets import background_errors, deadline
from tests.house import House
from tests.raw_client import RawClient

__all__ = ["background_errors", "deadline"]


@pytest.fixture
def bounds():
    """Those of the listener; a test that needs others says so by ``parametrize``."""
    return USUAL


@pytest.fixture
def pages():
    """How many entries are read from a log at a time."""
    return limits.PAGE_ENTRIES


@pytest.fixture
def house(bounds, pages):
    opened = House(bounds=bounds, service=service.Bounds(page_entries=pages))
    yield opened
    opened.close()


@pytest.fixture
def blobs(tmp_path):
    """What keeps files, though no server here takes any."""
    directory = BlobDirectory(tmp_path / "blobs", "house")
    keeper = BlobKeeper(directory)
    yield keeper
    keeper.close()
    directory.close()


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


@pytest.fixture
def restored(monkeypatch):
    """What a test does to the logger of the package ends with it."""
    monkeypatch.setattr(gevent.get_hub(), "print_exception", None, raising=False)
    logger = logging.getLogger("geventim")
    before = logger.handlers, logger.level, logger.propagate
    yield
    for handler in logger.handlers:
        handler.close()
    logger.handlers, logger.level, logger.propagate = before
