"""Old messages go, bit by bit and again and again, if the operator wants that."""

from dataclasses import replace

import pytest

from geventim.log.changes import EXPIRED_AT_ONCE
from geventim.service.conversations.retention import DAY, INTERVAL, PAUSE
from tests.service.doubles import World

WEEK = 7 * 86_400.0


def seqs(world, client, room):
    return [entry.seq for entry in world.store.entries(room, client.session.account.id, 0).entries]


@pytest.fixture
def world():
    return World(keep=WEEK)


@pytest.fixture
def doubts(world):
    """By how many seconds the clock seemed to be ahead, each time."""
    doubts = []
    world.policy = replace(world.policy, doubt_clock=doubts.append)
    restart(world)
    return doubts


def restart(world):
    world.timers.forget()
    world.start()


def test_messages_go_when_they_are_old(world):
    alice = world.enter("alice")
    room = alice.room()
    alice.append(room)
    world.timers.advance(WEEK - 2 * INTERVAL)
    alice.append(room)
    assert seqs(world, alice, room) == [1, 2, 3]
    world.timers.advance(3 * INTERVAL)
    assert seqs(world, alice, room) == [1, 3]
    world.timers.advance(WEEK)
    assert seqs(world, alice, room) == [1]


def test_round_goes_on_where_it_stopped(world):
    alice = world.enter("alice")
    rooms = [alice.room(name) for name in ("one", "two")]
    for room in rooms:
        for _ in range(EXPIRED_AT_ONCE - 1):
            alice.append(room)
    world.timers.advance(WEEK + INTERVAL)
    world.timers.advance(PAUSE)
    assert [seqs(world, alice, room) for room in rooms] == [[1], [1]]


def test_round_is_tried_again_after_a_failure(world):
    alice = world.enter("alice")
    room = alice.room()
    alice.append(room)
    world.journal.failing = True
    world.timers.advance(WEEK + INTERVAL)
    world.journal.failing = False
    assert seqs(world, alice, room) == [1, 2]
    world.timers.advance(INTERVAL)
    assert seqs(world, alice, room) == [1]


def test_without_it_nothing_goes():
    world = World()
    alice = world.enter("alice")
    room = alice.room()
    alice.append(room)
    world.timers.advance(100 * WEEK)
    assert seqs(world, alice, room) == [1, 2]


def test_a_clock_that_is_ahead_at_the_start_drops_nothing(world, doubts):
    alice = world.enter("alice")
    room = alice.room()
    alice.append(room)
    world.service.census.keep()
    world.timers.set(52 * WEEK)
    restart(world)
    world.timers.advance(DAY - INTERVAL)
    assert doubts == [52 * WEEK]
    assert seqs(world, alice, room) == [1, 2]
    world.timers.set(-52 * WEEK)
    restart(world)
    world.timers.advance(2 * DAY)
    assert seqs(world, alice, room) == [1, 2]


def test_after_a_day_the_clock_is_believed(world, doubts):
    alice = world.enter("alice")
    room = alice.room()
    alice.append(room)
    world.service.census.keep()
    world.timers.set(2 * WEEK)
    restart(world)
    world.timers.advance(DAY + INTERVAL)
    assert len(doubts) == 1
    assert seqs(world, alice, room) == [1]


def test_a_clock_that_goes_ahead_meanwhile_drops_nothing_for_a_day(world, doubts):
    alice = world.enter("alice")
    room = alice.room()
    alice.append(room)
    world.timers.advance(INTERVAL)
    world.timers.set(2 * WEEK)
    world.timers.advance(2 * INTERVAL)
    assert len(doubts) == 1
    assert seqs(world, alice, room) == [1, 2]
    world.timers.advance(DAY)
    assert seqs(world, alice, room) == [1]


def test_a_quiet_day_is_no_reason_to_doubt(world, doubts):
    world.enter("alice")
    world.service.census.keep()
    world.timers.set(DAY)
    restart(world)
    world.timers.advance(WEEK)
    assert doubts == []
