"""What is told about void commits, about a time out of step, and about a long wait."""

import pytest

from geventim.chat.replies import EntryEvent
from geventim.client.causes import Cause
from geventim.client.conversation.reports import (
    QUIET,
    SHORT,
    SLOW,
    Wait,
    has_missed,
    tell_missed,
    tell_void,
)
from geventim.client.events import Error, Notice
from geventim.client.kept.closed import ClosedEntry
from geventim.client.kept.stages import Stage
from geventim.client.sealing.gates import NewKey


def test_many_void_commits_of_one_author_are_one_line(world, alice, bob):
    room = alice.room()
    for author in ("bob", "bob", "carol", "bob"):
        tell_void(room, Cause.VOID, author)
    world.timers.time += QUIET
    tell_void(room, Cause.VOID, "bob")
    alice.tick()
    assert alice.errors() == ["void"] * 3


def test_a_short_time_in_which_nothing_was_missed_is_not_told(world, alice, bob):
    room = alice.room()
    room.record.author, room.record.shut_out = "bob", world.timers.time
    assert has_missed(room)
    tell_missed(room)
    assert not has_missed(room)
    alice.tick()
    assert alice.errors() == []


def test_a_long_one_is_with_who_it_was(world, alice, bob):
    room = alice.room()
    room.record.author, room.record.shut_out = "bob", world.timers.time - SHORT - 1
    tell_missed(room)
    room.record.missed = 2
    tell_missed(room)
    alice.tick()
    assert alice.errors() == ["shut_out", "missed"]


def test_what_was_told_of_an_author_is_forgotten_with_time(world, alice):
    room = alice.room()
    for number in range(3):
        tell_void(room, Cause.VOID, f"author{number}")
        world.timers.time += QUIET
    tell_void(room, Cause.VOID, "bob")
    assert set(room.told_void) == {"bob"}


def test_closed_messages_of_the_present_epoch_are_not_missed(world, alice, bob):
    """They are opened by the same help that brings us in step."""
    room = alice.room()
    present = room.group.epoch
    for seq, epoch in ((101, present), (102, present - 1), (103, present - 1)):
        event = EntryEvent(
            conversation=room.id,
            seq=seq,
            time=0,
            author="bob",
            account=b"b" * 16,
            message_id=b"m" * 16,
        )
        room.closed.put(ClosedEntry(epoch, 0.0, event, b"sealed"))
    room.record.missed = 5
    tell_missed(room)
    alice.tick()
    (error,) = alice.seen(Error)
    assert error.code == Cause.MISSED.code
    assert "7 messages" in error.text
    assert not has_missed(room)


def test_what_was_told_is_not_told_again_after_a_restart(world, alice, bob):
    room = alice.room()
    room.record.missed, room.record.author, room.record.shut_out = 2, "bob", world.timers.time
    room.keep()
    tell_missed(room)
    alice.tick()
    alice.start()
    assert not has_missed(alice.room())
    assert alice.room().record.author == ""


def test_who_comes_from_another_client_is_told_that_and_no_more(world, alice, bob):
    room = alice.room()
    room.came, room.record.missed, room.record.author = True, 3, "bob"
    tell_missed(room)
    alice.tick()
    assert [notice.code for notice in alice.seen(Notice)][-1:] == ["moved"]
    assert "'lobby' until now cannot be read here" in alice.notices()[-1]
    assert alice.errors() == []
    room.came = True
    tell_missed(room)
    alice.tick()
    assert [notice.code for notice in alice.seen(Notice)].count("moved") == 1
    assert not room.came


@pytest.mark.parametrize(
    ("stage", "what"), [(Stage.IN_LINE, "change the keys of"), (Stage.REQUEUED, "get into")]
)
def test_who_waits_for_a_turn_is_told_once_and_again_the_next_time(world, alice, stage, what):
    room = alice.room()
    room.intent.new_key = NewKey("key", b"s" * 64)

    def told(seconds):
        world.timers.time += seconds
        alice.stir()
        return [event.text for event in alice.news() if getattr(event, "code", "") == CODE]

    for _ in range(2):
        room.record.stage = stage
        assert told(0) == told(SLOW - 1) == []
        (text,) = told(1)
        assert f"to {what} 'lobby'" in text
        assert told(SLOW) == []
        room.record.stage = Stage.ACTIVE
        room.intent.new_key, key = None, room.intent.new_key
        assert told(0) == []
        room.intent.new_key = key


def test_it_is_told_in_time(world, alice):
    room, wait = alice.room(), Wait(alice.room())
    room.intent.new_key, room.record.stage = NewKey("key", b"s" * 64), Stage.IN_LINE
    wait.poll()
    assert wait.wake_at == world.timers.time + SLOW
    world.timers.time += SLOW
    wait.poll()
    assert wait.wake_at is None


def test_a_wait_for_which_nobody_waits_is_not_told(world, alice):
    room, wait = alice.room(), Wait(alice.room())
    room.record.stage = Stage.IN_LINE
    wait.poll()
    assert wait.wake_at is None


CODE = "waiting_for_turn"
