"""A desk and its connection to a whole server, from the first question to the end."""

import os
import time
from types import SimpleNamespace

import gevent
import pytest
from gevent.socket import wait_read

from geventim.app.desk import Desk
from geventim.app.visit import TURN, Visit
from geventim.channel.connection import TruncationError
from geventim.channel.events import Frames
from geventim.chat.codec import encode
from geventim.chat.requests import Quit
from geventim.client.agent import Agent
from geventim.client.events import Connected
from geventim.client.kept.memory import Memory
from geventim.client.people.profile import Keys, Profile
from geventim.client.phases import Phase
from geventim.errors import NetworkError, PeerError
from geventim.net.dial import dial
from tests.house import House


@pytest.fixture
def house():
    served = House()
    yield served
    served.close()


@pytest.fixture
def desk(house, screen):
    """The desk of alice, who has connected to nothing yet."""
    keys = Keys.generate(os.urandom)
    profile = Profile("alice", "lobby", house.link.address, house.key.public, keys)
    shelf = SimpleNamespace(keep=lambda changes: None, close=lambda: None)
    seated = Desk(profile, Memory({}), shelf, screen, lambda agent: None, lambda error: None)
    yield seated
    seated.close()


@pytest.fixture
def visit(house, desk):
    begun = Visit(desk, dial(house.link, lambda server_key: desk.profile.keys.channel))
    begun.begin("there")
    yield begun
    begun.end()


def come_in(desk, visit):
    while desk.agent.phase is Phase.ENTERING:
        assert visit.take(visit.receive())


def test_who_begins_comes_in_at_that_address(desk, visit, screen):
    come_in(desk, visit)
    assert desk.agent.phase is Phase.READY
    (connected,) = screen.of(Connected)
    assert (connected.nick, connected.server) == ("alice", "there")


def hear_out(visit):
    while visit.take(visit.receive()):
        pass


def test_nothing_more_comes_when_the_server_ends_it_well(house, desk, visit):
    come_in(desk, visit)
    (session,) = house.service.connected
    session.outlet.connection.close()
    hear_out(visit)
    assert not visit.take(None)


def test_a_connection_that_is_cut_is_an_error(house, desk, visit):
    come_in(desk, visit)
    house.cut("alice")
    with pytest.raises((TruncationError, NetworkError)):
        hear_out(visit)


def test_what_a_server_must_not_say_is_its_fault(desk, visit):
    come_in(desk, visit)
    with pytest.raises(PeerError):
        visit.take([Frames(b"noise")])


def test_after_the_end_the_agent_is_offline_and_the_desk_without_a_connection(desk, visit):
    come_in(desk, visit)
    connection = desk.connection
    visit.end()
    assert desk.agent.phase is Phase.OFFLINE
    assert desk.connection is None
    assert connection.closing


def test_an_agent_that_fails_is_replaced_and_its_visit_is_over(desk, visit, monkeypatch):
    come_in(desk, visit)
    assert not visit.is_replaced

    def fail(agent, record):
        raise ZeroDivisionError

    monkeypatch.setattr(Agent, "receive", fail)
    visit.take([Frames(encode(Quit(id=1)))])
    assert visit.is_replaced
    assert desk.agent.phase is Phase.OFFLINE


def test_others_have_their_turn_while_much_is_read(desk, visit, monkeypatch):
    done = []

    def work(_):
        until = time.perf_counter() + 2 * TURN
        while time.perf_counter() < until:
            pass
        done.append("message")

    monkeypatch.setattr(desk, "attempt", work)
    gevent.spawn(done.append, "key")
    assert visit.take([Frames(encode(Quit(id=1)) * 2), Frames(encode(Quit(id=2)))])
    assert done == ["message", "key", "message", "message"]


def test_what_is_typed_is_seen_between_two_messages_of_a_record(desk, visit, monkeypatch):
    ours, its = os.pipe()
    done = []

    def read():
        wait_read(ours)
        done.append("key")

    def work(_):
        until = time.perf_counter() + 2 * TURN
        while time.perf_counter() < until:
            pass
        done.append("message")

    monkeypatch.setattr(desk, "attempt", work)
    reading = gevent.spawn(read)
    gevent.sleep(0)
    os.write(its, b"k")
    assert visit.take([Frames(encode(Quit(id=1)) * 3)])
    reading.get()
    os.close(ours)
    os.close(its)
    assert done == ["message", "key", "message", "message"]
