"""A server within the process, and clients that come to it."""

import logging

import gevent
import pytest

from geventim.net.journals.blob_keeper import BlobKeeper
from geventim.store.blobs.directory import BlobDirectory
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
