"""What an operator learns about people."""

import pytest

from geventim.chat.limits import ENTRY_SIZE
from geventim.chat.log import Seen
from geventim.chat.values import Nearness
from tests.service.doubles import World


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


def test_nobody_waits_for_that(world):
    world.journal.stepwise = True
    client = world.client("alice")
    world.journal.stepwise = False
    world.enter("alice").lose()
    world.journal.failing = True
    assert world.enter("alice").session.logged_in
    assert not client.closed


def test_bytes_are_those_of_messages_that_are_kept(world):
    alice = world.enter("alice")
    alice.append(alice.room(), bytes(100))
    (known,) = world.service.census.take()
    assert known.usage.stored == 100 + ENTRY_SIZE
