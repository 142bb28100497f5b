"""Getting in by the state of somebody else, until it is certain."""

import pytest

from geventim.chat.requests import Help
from geventim.client.arrival import (
    CONTESTED,
    DOUBT,
    INTERVAL,
    NEWNESS,
    adopt,
    certain_at,
    disown,
    doubt,
    rejoin,
)
from geventim.client.causes import Cause
from geventim.client.conversation import NEEDED
from geventim.client.events import Sent
from geventim.client.stages import Stage
from tests.client.hostile import shut_out


@pytest.fixture
def carol(world, alice, bob):
    person = world.person("carol")
    person.connect()
    world.run()
    return person


def test_what_a_newcomer_writes_waits_a_moment(world, alice, carol):
    carol.say("hello")
    world.run()
    assert alice.texts() == []
    assert certain_at(carol.room()) == carol.room().record.entered_at + DOUBT
    world.advance(DOUBT)
    assert alice.texts() == ["hello"]


def test_who_got_in_anew_writes_when_others_know_the_secrets_too(world, alice, bob):
    """Until then it is the only one: if it were gone, nobody could ever read what it wrote."""
    world.advance(20)
    bob.forge = lambda request, payload: [] if isinstance(request, Help) else [(request, payload)]
    shut_out(alice, alice.room())
    alice.say("here I am")
    while alice.room().stage is not Stage.ACTIVE:
        world.advance(0.1)
    assert certain_at(alice.room()) > world.timers.time
    assert len(alice.seen(Sent)) == 0
    world.advance(0.5)
    assert bob.room().stage is Stage.ACTIVE
    assert len(alice.seen(Sent)) == 0
    world.advance(NEEDED)
    assert bob.texts() == ["here I am"]


def test_it_is_certain_when_others_were_read_and_some_time_has_passed(world, alice, carol):
    room = carol.room()
    alice.say("welcome")
    world.run()
    assert room.record.entered
    world.advance(NEWNESS + 1)
    assert room.record.entered, "nothing was read since"
    alice.say("still there?")
    world.run()
    assert not room.record.entered
    assert certain_at(room) == 0


def test_who_disowns_a_state_believes_no_more_than_before(world, alice, carol):
    room, seat = carol.room(), carol.room().seat
    disown(room)
    assert (room.stage, room.seat, room.record.epoch) == (Stage.OUTSIDE, None, -1)
    assert list(room.attempts) == [seat]
    adopt(room, seat)
    assert (room.stage, room.seat) == (Stage.ACTIVE, seat)
    assert len(room.attempts) == 0


def test_an_attempt_is_found_again_after_a_restart(world, alice, carol):
    """The state of another member has it, and what was written meanwhile opens in it."""
    room = carol.room()
    disown(room)
    carol.tick()
    carol.start()
    assert len(carol.room().attempts) == 1
    world.run()
    alice.say("welcome")
    world.advance(15)
    assert carol.texts() == ["welcome"]
    assert carol.room().stage is Stage.ACTIVE
    world.check_agreement()


def test_who_goes_back_to_an_attempt_keeps_what_it_had(world, alice, carol):
    room, first = carol.room(), carol.room().seat
    entered = room.record.entered
    disown(room)
    carol.tick()
    world.advance(15)
    assert room.seat is first, "the state of another member has it"
    assert (room.record.entered, room.record.contested) == (entered, True)
    world.advance(NEWNESS + 1)
    alice.say("welcome")
    world.advance(1)
    assert room.record.entered, "somebody has said that it is not certain"
    world.advance(CONTESTED)
    alice.say("still there?")
    world.advance(1)
    assert not room.record.entered
    assert not room.record.contested


def test_one_account_is_listened_to_once_in_a_while(world, alice, carol):
    room = carol.room()
    doubt(room, b"a" * 16)
    assert room.seat is None
    carol.tick()
    world.advance(15)
    doubt(room, b"a" * 16)
    assert room.seat is not None
    world.advance(INTERVAL)
    doubt(room, b"a" * 16)
    assert room.seat is None


def test_who_rejoins_forgets_what_was_known(world, alice, bob):
    room = alice.room()
    room.stop(Cause.REPLACED_HISTORY)
    rejoin(room)
    assert (room.stage, room.seat, room.record.epoch) == (Stage.OUTSIDE, None, -1)
    assert {each.nick for each in room.before_rejoin.values()} == {"alice", "bob"}
