"""A connection that is dead ends, and one that is not goes on."""

import os
from contextlib import suppress
from dataclasses import replace
from types import SimpleNamespace

import gevent
import pytest
from gevent import socket

from geventim.app import vigil as module
from geventim.app.vigil import Vigil
from geventim.channel.connection import TruncationError
from geventim.channel.events import Frames
from geventim.channel.handshake import Initiator, Responder
from geventim.client.steps.pulse import Rhythm
from geventim.crypto.dh import PrivateKey
from geventim.errors import NetworkError
from geventim.net.connection import Connection
from tests.greenlets import until


class Clock:
    """The two clocks, of which a test moves one on."""

    def __init__(self):
        self.asleep = 0.0

    def monotonic(self):
        return gevent.get_hub().loop.now()

    def time(self):
        return self.monotonic() + self.asleep


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


FAST = Rhythm(look=0.005, idle=0.1, patience=0.2, away=60.0)
"""Has forty seconds pass in less than one."""


NEVER_ASKS = pytest.mark.parametrize("rhythm", [replace(FAST, idle=1000.0)])


@pytest.fixture
def rhythm():
    return FAST


@pytest.fixture
def ends(rhythm):
    """A vigil over a client's connection, and the server's side of it."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        ours = socket.create_connection(listening.getsockname())
        theirs, _ = listening.accept()
    client = Connection(ours, Initiator(os.urandom))
    server = Connection(theirs, Responder(os.urandom, PrivateKey(bytes(range(32)))))
    server.receive()
    client.receive()
    client.channel.accept(PrivateKey(bytes(range(1, 33))))
    client.write_handshake()
    server.receive()
    server.channel.agree_on_life_signs()
    agent = SimpleNamespace(signs_life=True, is_waiting=False)
    vigil = Vigil(client, agent, rhythm)
    yield vigil, agent, server
    vigil.end()
    client.abort()
    server.abort()


def answer(server):
    """Receive what comes, which is how it is answered."""
    with suppress(TruncationError, NetworkError):
        while True:
            server.receive()


def test_a_connection_that_is_answered_goes_on(ends):
    vigil, _, server = ends
    answering = gevent.spawn(answer, server)
    receiving = gevent.spawn(lambda: [vigil.receive() for _ in range(4)])
    assert receiving.get() == [[], [], [], []], "only PONGs come"
    assert server.channel.said == 4
    vigil._connection.abort()
    answering.get()


def test_a_connection_that_is_not_answered_ends(ends, background_errors):
    vigil, _, _ = ends
    receiving = gevent.spawn(vigil.receive)
    with pytest.raises((TruncationError, NetworkError)):
        receiving.get()
    background_errors.clear()


@NEVER_ASKS
def test_a_request_that_is_not_answered_ends_it(ends, background_errors):
    vigil, agent, _ = ends
    receiving = gevent.spawn(vigil.receive)
    gevent.sleep(0)
    agent.is_waiting = True
    with pytest.raises((TruncationError, NetworkError)):
        receiving.get()
    assert vigil._connection.channel.said == 0
    background_errors.clear()


@NEVER_ASKS
def test_who_wakes_up_asks_at_once(ends, clock):
    vigil, _, server = ends
    receiving = gevent.spawn(vigil.receive)
    gevent.sleep(0.02)
    assert vigil._connection.channel.said == 0
    clock.asleep = 3600.0
    assert server.receive() == []
    assert receiving.get() == []


@NEVER_ASKS
def test_what_is_taken_slowly_is_not_missed(ends):
    vigil, agent, server = ends
    agent.is_waiting = True
    server.send(b"one")
    assert vigil.receive() == [Frames(b"one")]
    gevent.sleep(2 * FAST.patience)  # a terminal that is stopped
    server.send(b"two")
    assert vigil.receive() == [Frames(b"two")]


def test_without_an_agreement_nobody_watches(ends):
    vigil, agent, server = ends
    agent.signs_life = False
    server.send(b"text")
    assert vigil.receive() == [Frames(b"text")]
    assert vigil._watching is None
    assert not vigil._connection.channel.signs_life
    agent.signs_life = True
    server.send(b"text")
    vigil.receive()
    assert vigil._connection.channel.signs_life


def test_a_vigil_that_has_ended_looks_no_more(ends):
    vigil, _, server = ends
    server.send(b"text")
    vigil.receive()
    watching = vigil._watching
    vigil.end()
    until(watching.ready)
    assert vigil._connection.channel.said == 0
