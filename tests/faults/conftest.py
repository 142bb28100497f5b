"""Clients for one test, honest and hostile, and an eye on the server they come to."""

import gc
import os
from pathlib import Path

import gevent
import pytest

from geventim.chat import administration as admin
from geventim.chat.codec import encode
from geventim.server.control import command
from geventim.server.data import DataDirectory
from tests.conftest import ServerProcess
from tests.e2e.conftest import environment, start_client
from tests.faults.relay import Relay
from tests.raw_client import RawClient

__all__ = ["environment", "start_client"]


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
        one, two = (clients(server.link, f"new{os.urandom(4).hex()}") for _ in range(2))
        room = one.room("check")
        two.room("check")
        one.append(room, b"as ever")
        assert [payload for _, payload in two.entries(1)] == [b"as ever"]
        one.close()
        two.close()
        assert server.process.poll() is None

    return check


@pytest.fixture
def start_relay():
    """Puts somebody between a server and the clients that come to ``relay.link``."""
    relays = []

    def start(server):
        relay = Relay((server.host, server.port))
        relay.link = server.link.replace(server.address, relay.address)
        relays.append(relay)
        return relay

    yield start
    for relay in relays:
        relay.close()


class HostileServer(ServerProcess):
    """Runs ``hostile_server.py``, which says what :meth:`announce` tells it to."""

    program = Path(__file__).with_name("hostile_server.py")

    def announce(self, text):
        done = command(DataDirectory.place(self.data), admin.Announce(text))
        assert done.done, done

    def say(self, message, payload=b""):
        """Have the server send a message, or the bytes of frames."""
        frame = message if isinstance(message, bytes) else encode(message, payload)
        self.announce(f"frame {frame.hex()}")

    def swap(self, old, new):
        """Have it write ``new`` for ``old`` from now on, in JSON as they are."""
        self.announce(f"swap {old.encode().hex()} {new.encode().hex()}")


@pytest.fixture
def hostile_server(start_server):
    return start_server(kind=HostileServer)


@pytest.fixture
def start_hostile_client(start_client):
    """Starts clients who choose the bytes of their contents: ``mallory.say("hex 00")``."""
    program = Path(__file__).with_name("hostile_client.py")
    return lambda *words: start_client(*words, program=program)
