"""Old messages go, bit by bit and again and again, if the operator wants that."""

import pytest

from geventim.log import changes
from geventim.service.conversations.retention import INTERVAL
from tests.service.doubles import World

WEEK = 7 * 86_400.0


def seqs(world, client, room):
    return [entry.seq for entry in world.store.entries(room, client.session.account.id, 0).entries]


@pytest.fixture
def world():
    return World(keep=WEEK)


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


def test_round_goes_on_where_it_stopped(world, monkeypatch):
    monkeypatch.setattr(changes, "EXPIRED_AT_ONCE", 2)
    alice = world.enter("alice")
    rooms = [alice.room(name) for name in ("one", "two")]
    for room in rooms:
        for _ in range(3):
            alice.append(room)
    world.timers.advance(WEEK + INTERVAL)
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
