"""Saying that a commit does not count, and being told so."""

import pytest

from geventim.chat.replies import StateWanted
from geventim.chat.requests import Void
from geventim.client.vouching import contradicts
from tests.client.insiders import change_commits, commit, other_history


@pytest.fixture
def newcomer(world, alice, bob):
    """Somebody of whom it is not certain yet whether they are in."""
    person = world.person("carol")
    person.connect()
    world.run()
    assert person.room().record.entered
    return person


def test_every_member_of_a_small_room_says_that_a_commit_does_not_count(world, alice, bob):
    change_commits(bob, lambda message, info: (bytes(len(message)), info))
    commit(world, bob)
    (void,) = alice.requests(Void)
    assert void.seq == alice.room().record.head


def test_who_is_asked_gives_a_state(world, alice, bob):
    alice.tell(StateWanted(conversation=alice.room().id))
    (void,) = alice.requests(Void)
    assert void.seq == 0


def test_the_state_of_another_group_contradicts(newcomer):
    room = newcomer.room()
    engine = newcomer.world.people["bob"].agent.context.engine
    other = other_history(engine, newcomer.world.people["bob"])
    assert contradicts(room, room.record.entered, other)


def test_what_does_not(world, alice, newcomer):
    room = newcomer.room()
    entered = room.record.entered
    other = other_history(alice.agent.context.engine, alice)
    assert not contradicts(room, entered - 1, other), "that is not our commit"
    assert not contradicts(room, entered, alice.room().group.group_info()), "we are in that state"
    for nonsense in (b"", b"nonsense", other[:-1]):
        assert not contradicts(room, entered, nonsense)
    room.record.entered = 0
    assert not contradicts(room, entered, other), "it is certain that we are in"
