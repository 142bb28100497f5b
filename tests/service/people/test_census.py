"""What an operator learns about people."""

import pytest

from geventim.chat.limits import ENTRY_SIZE
from geventim.chat.values import Nearness
from geventim.log.people import Seen
from geventim.service.people.census import LEISURE
from tests.service.doubles import World
from tests.service.identities import account


@pytest.fixture
def world():
    return World()


def test_it_is_noted_when_somebody_comes_and_goes(world):
    alice = world.enter("alice")
    came = world.timers.now()
    (known,) = world.service.census.take()
    assert known.is_connected
    assert known.seen == Seen(came, Nearness.LOOPBACK)
    world.timers.advance(60)
    alice.session.nearness = Nearness.PUBLIC
    alice.lose()
    (known,) = world.service.census.take()
    assert not known.is_connected
    assert known.seen == Seen(came + 60, Nearness.PUBLIC)


def test_it_is_kept_a_little_later_once_for_all_of_them(world):
    for _ in range(3):
        world.enter("alice").lose()
    assert world.store.last_seen() == {}
    world.timers.advance(LEISURE)
    assert set(world.store.last_seen()) == {account("alice").id}
    world.journal.failing = True
    world.enter("alice")
    world.timers.advance(LEISURE)
    assert world.service.connected.names() == ("alice",)


def test_it_is_kept_at_the_end(world):
    world.enter("alice")
    world.service.census.keep()
    world.start()
    (known,) = world.service.census.take()
    assert known.seen is not None


def test_bytes_are_those_of_messages_that_are_kept(world):
    alice = world.enter("alice")
    alice.append(alice.room(), bytes(100))
    (known,) = world.service.census.take()
    assert known.usage.stored == 100 + ENTRY_SIZE
