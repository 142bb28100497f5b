"""A server that has gone back: it was restored from an older backup, or has lost what it had."""

import copy

import pytest

from geventim.client.causes import Cause
from geventim.client.events import Error
from geventim.client.setback import CODE, Setback
from geventim.store.memory.store import MemoryStore


def back_up(world):
    """What the server keeps now."""
    kept = {name: each for name, each in vars(world.store).items() if name != "_lock"}
    return copy.deepcopy(kept)


def restore(world, backup):
    """Have everybody come back to a server that keeps what is in ``backup``."""
    vars(world.store).update(copy.deepcopy(backup))
    come_back(world)


def lose(world):
    """Have everybody come back to a server that has lost everything but its key."""
    kept = {name: each for name, each in vars(MemoryStore()).items() if name != "_lock"}
    restore(world, kept)


def come_back(world):
    world.restart_server()
    for person in world.people.values():
        person.news()
        person.connect()
    world.advance(30)


def run(world, person, *lines):
    person.news()
    person.say(*lines)
    world.advance(5)
    return person.news()


def codes(news):
    return [event.code for event in news if isinstance(event, Error)]


@pytest.fixture
def talking(world, alice, bob):
    """Two people with a room, a group and a conversation of two."""
    run(world, alice, "@group set team bob", "@group send team hello", "@bob hi", "hello all")
    run(world, bob, "@alice hi back", "@group send team yes", "hello alice")
    return alice, bob


class TestRestored:
    def test_it_is_told_once_and_one_confirmation_is_enough(self, world, talking):
        alice, bob = talking
        backup = back_up(world)
        run(world, alice, "@group send team more", "@bob more", "more")
        restore(world, backup)
        for person in talking:
            (told,) = [event for event in person.news() if isinstance(event, Error)]
            assert (told.code, told.count) == (CODE, 3)
            assert all(f"'{name}'" in told.text for name in ("lobby", "team"))
            assert "'@rejoin all'" in told.text
        assert codes(run(world, alice, "to whom?")) == ["replaced_history"]
        for person in talking:
            assert codes(run(world, person, "@rejoin all")) == []
        run(world, alice, "again", "@bob again", "@group send team again")
        assert [bob.texts(name)[-1] for name in ("lobby", "alice", "team")] == ["again"] * 3
        run(world, bob, "and back", "@alice and back", "@group send team and back")
        assert [alice.texts(name)[-1] for name in ("lobby", "bob", "team")] == ["and back"] * 3
        world.check_agreement()
        assert not world.faults

    def test_nothing_is_sent_before_and_it_outlives_the_process(self, world, talking):
        alice, bob = talking
        backup = back_up(world)
        run(world, alice, "more")
        restore(world, backup)
        alice.start()
        world.advance(30)
        assert codes(run(world, alice, "to whom?")) == ["replaced_history"]
        assert "to whom?" not in bob.texts()
        run(world, alice, "@rejoin all")
        run(world, bob, "@rejoin all")
        run(world, alice, "here")
        assert bob.texts()[-1] == "here"

    def test_who_came_after_the_backup_comes_again(self, world, talking):
        alice, bob = talking
        backup = back_up(world)
        (carol,) = world.enter("carol")
        run(world, carol, "me too")
        restore(world, backup)
        assert codes(carol.news()) == ["lost"]
        for person in (carol, alice, bob):
            assert codes(run(world, person, "@rejoin all")) == []
        run(world, carol, "here I am")
        assert alice.texts()[-1] == bob.texts()[-1] == "here I am"
        world.check_agreement()

    def test_all_are_in_order(self, world, talking):
        alice, _ = talking
        assert codes(run(world, alice, "@rejoin all")) == ["in_order"]


class TestLost:
    def test_rooms_and_pairs_begin_anew(self, world, talking):
        alice, bob = talking
        lose(world)
        for person in talking:
            assert codes(person.news()) == [CODE]
            assert codes(run(world, person, "to whom?")) == ["lost"]
        shown = [codes(run(world, person, "@rejoin all")) for person in talking]
        assert shown == [["no_more"]] * 2  # a group is nowhere any more
        run(world, alice, "again", "@bob again")
        run(world, bob, "and back", "@alice and back")
        assert [bob.texts(name)[-1] for name in ("lobby", "alice")] == ["again"] * 2
        assert [alice.texts(name)[-1] for name in ("lobby", "bob")] == ["and back"] * 2
        assert codes(run(world, alice, "@group set team bob", "@group send team new")) == []
        assert bob.texts("team")[-1] == "new"
        assert not world.faults

    def test_nobody_is_let_go_who_may_come_back(self, world, talking):
        alice, bob = talking
        bob.drop()
        del world.people["bob"]
        lose(world)
        assert codes(run(world, alice, "@rejoin all")) == ["no_more", "user_not_found"]
        world.people["bob"] = bob
        bob.connect()
        world.advance(30)
        run(world, bob, "@rejoin all")
        assert codes(run(world, alice, "@rejoin bob", "@bob there you are")) == []
        assert bob.texts("alice")[-1] == "there you are"

    def test_a_keyed_room_does_not_become_one_without_a_key(self, world, talking):
        alice, _ = talking
        run(world, alice, "@newkey vault")
        lose(world)
        (mallory,) = world.enter("mallory")
        run(world, mallory, "@create room vault")
        told = codes(run(world, alice, "@rejoin vault", "#vault secret"))
        assert told == ["not_keyed", "lost"]
        assert mallory.texts("vault") == []

    def test_a_room_that_is_left_is_not_missed(self, world, talking):
        alice, _ = talking
        run(world, alice, "@create room den", "@leave den")
        alice.drop()
        alice.connect()
        world.advance(5)
        assert codes(alice.news()) == []


class TestSetback:
    def test_what_is_no_setback_is_told_by_itself(self):
        setback = Setback()
        assert not setback.takes(Cause.LOST, "lobby")
        setback.begin()
        assert not setback.takes(Cause.NO_KEY, "lobby")
        assert setback.end() is None

    def test_one_alone_has_its_own_line(self):
        setback = Setback()
        setback.begin()
        assert setback.takes(Cause.LOST, "lobby")
        assert setback.end() == Error.of("lost", name="lobby")
        assert not setback.takes(Cause.LOST, "lobby")

    def test_many_are_told_together(self):
        setback = Setback()
        setback.begin()
        for number in range(12):
            setback.takes(Cause.REPLACED_HISTORY, f"room{number}")
        told = setback.end()
        assert (told.code, told.count) == (CODE, 12)
        assert told.facts["names"] == tuple(f"room{number}" for number in range(12))
