"""What is told about void commits and about a time out of step."""

from geventim.client.causes import Cause
from geventim.client.reports import QUIET, SHORT, has_missed, tell_missed, tell_void


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
