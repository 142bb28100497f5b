"""Readers who are behind a log, and come to its end while it grows."""

from itertools import count

import pytest

from geventim.chat import requests as ask
from geventim.chat.values import Conversation, EntryKind, Kind
from geventim.log.changes import Append, Create
from geventim.log.people import Register
from geventim.service.bounds import USUAL, Bounds
from geventim.service.feed import Pace
from tests.service.doubles import World, fresh_id, meet
from tests.service.identities import account, channel_key
from tests.service.schedules import Journal, Reader, explore, sample

INCARNATION = bytes(16)

SMALL_PAGES = pytest.mark.parametrize("bounds", [Bounds(page_entries=2)])


@SMALL_PAGES
class TestCatchingUp:
    @pytest.mark.parametrize("count", range(6))
    def test_cursor_gets_what_follows_it(self, world, count):
        room, alice, bob = meet(world, "alice", "bob")
        for _ in range(3):
            alice.append(room)
        bob.received.clear()
        bob.subscribe(room, count)
        alice.append(room)
        # The first entry was before bob's time.
        assert bob.entries(room) == list(range(max(count, 1) + 1, 7))
        assert bob.session.places[room].pace is Pace.LIVE

    @pytest.mark.parametrize("is_long_ago", [False, True])
    def test_one_page_at_a_time(self, world, is_long_ago):
        room, alice, bob = meet(world, "alice", "bob")
        bob.lazy = True
        for _ in range(3):
            alice.append(room)
        if is_long_ago:
            world.forget()
        bob.received.clear()
        bob.subscribe(room, 2)
        pages = []
        while world.service.catch_up(bob.session):
            pages.append(len(bob.entries(room)))
        assert pages == [2, 3]
        assert bob.session.places[room].pace is Pace.LIVE
        assert not world.service.catch_up(bob.session)

    def test_who_comes_where_nobody_is_yet_reads_page_after_page(self, world):
        room, alice, _ = meet(world, "alice", "bob")
        for _ in range(5):
            alice.append(room)
        world.service.end_all()
        again = world.enter("bob")  # its earlier connection is still there
        again.subscribe(room, 2)
        assert again.entries(room) == [3, 4, 5, 6, 7]
        assert again.session.places[room].pace is Pace.LIVE

    def test_congested_reader_reads_from_the_log_instead(self, world):
        room, alice, bob, carol = meet(world, "alice", "bob", "carol")
        bob.lazy = bob.congested = True
        for _ in range(4):
            alice.append(room)
        assert bob.behind
        assert bob.entries(room) == []
        assert carol.entries(room) == [4, 5, 6, 7]
        bob.congested = False
        alice.append(room)
        assert bob.entries(room) == []  # it is behind, and nothing may overtake
        bob.read()
        alice.append(room)
        assert bob.entries(room) == [4, 5, 6, 7, 8, 9]

    def test_several_conversations(self, world):
        alice, bob = world.enter("alice"), world.enter("bob")
        bob.lazy = True
        rooms = [alice.room(name) for name in ("one", "two")]
        for name in ("one", "two"):
            bob.room(name)
        for room in rooms:
            for _ in range(3):
                alice.append(room)
        bob.read()
        assert [bob.entries(room) for room in rooms] == [[2, 3, 4, 5], [2, 3, 4, 5]]

    @pytest.mark.parametrize("lazy", [False, True])
    def test_delete_is_the_last_thing_to_come(self, world, lazy):
        alice, bob = world.enter("alice"), world.enter("bob")
        group = alice.group("crew", "bob")
        bob.lazy = lazy
        bob.subscribe(group)
        alice.append(group)
        alice.delete(group)
        bob.read()
        assert bob.entries(group) == [1, 2, 3]
        assert group not in bob.session.places
        assert all(bob not in audience.outlets() for audience in world.audiences[1:])

    @pytest.mark.parametrize("lazy", [False, True])
    @pytest.mark.parametrize("congested", [False, True])
    def test_own_removal_is_the_last_thing_to_come(self, world, lazy, congested):
        room, alice, bob = meet(world, "alice", "bob")
        bob.lazy, bob.congested = lazy, congested
        alice.append(room)
        world.kick(room, "bob")
        alice.append(room, b"secret")
        bob.read()
        assert bob.entries(room) == [3, 4]
        assert room not in bob.session.places
        assert all(bob not in audience.outlets() for audience in world.audiences[1:])

    def test_who_is_removed_and_added_while_behind_reads_both(self, world):
        room, alice, bob = meet(world, "alice", "bob")
        bob.lazy = bob.congested = True
        alice.append(room)
        world.kick(room, "bob")
        alice.append(room, b"secret")
        bob.change(room, ["bob"])
        alice.append(room)
        bob.congested = False
        bob.read()
        assert bob.entries(room) == [3, 4, 6, 7]
        alice.append(room)
        assert bob.entries(room) == [3, 4, 6, 7, 8]

    def meanwhile(self, world, happens, page):
        """Let something happen while the page of this number is read."""
        read, numbers = world.store.entries, count()

        def entries(*arguments):
            found = read(*arguments)
            if next(numbers) == page:
                happens()
            return found

        world.store.entries = entries

    @pytest.mark.parametrize("page", [0, 1])
    def test_whoever_begins_elsewhere_while_a_page_is_read_misses_nothing(self, world, page):
        room, alice, bob = meet(world, "alice", "bob")
        for _ in range(3):
            alice.append(room)
        world.forget()
        bob.lazy = True
        bob.subscribe(room, 2)
        self.meanwhile(world, lambda: (bob.received.clear(), bob.subscribe(room, 2)), page)
        bob.read()
        assert bob.entries(room) == [3, 4, 5]
        assert bob.session.places[room].pace is Pace.LIVE

    @pytest.mark.parametrize("page", [0, 1])
    def test_who_is_added_while_the_end_is_read_goes_on(self, world, page):
        room, alice, bob = meet(world, "alice", "bob")
        bob.lazy = bob.congested = True
        alice.append(room)
        world.kick(room, "bob")
        self.meanwhile(world, lambda: bob.change(room, ["bob"]), page)
        bob.read()
        alice.append(room)
        bob.congested = False
        bob.read()
        assert bob.entries(room) == [3, 4, 5, 6]

    def test_leave_while_behind_ends_delivery(self, world):
        room, alice, bob = meet(world, "alice", "bob")
        bob.lazy = bob.congested = True
        alice.append(room)
        bob.leave(room)
        alice.append(room)
        bob.read()
        assert bob.entries(room) == []


class TestEveryOrder:
    """Others may have their turn whenever somebody waits for the journal."""

    def story(self, play, expected, earlier=1, bounds=USUAL):
        """The story in which ``play(schedule, alice, bob, room)`` must give bob ``expected``.

        The server was started just now, and their room has ``earlier`` entries.
        """

        def run(schedule):
            world = World(bounds=bounds)
            people = [account(nick) for nick in ("alice", "bob", "carol")]
            room = Conversation(fresh_id(), Kind.ROOM, "lobby", people[0].id, INCARNATION)
            members = tuple(person.id for person in people)
            world.store.commit([Register(person) for person in people])
            world.store.commit([Create(room, members)])
            for _ in range(earlier):
                entry = (room.id, people[0].id, EntryKind.MESSAGE, fresh_id(), 1.0)
                world.store.commit([Append(*entry)])
            world.journal = Journal(world.store, schedule)
            world.timers.soon = schedule.spawn
            world.start()
            alice, bob = (Reader(world, channel_key(nick), schedule) for nick in ("alice", "bob"))
            alice.ask(ask.Login, nick="alice")
            bob.ask(ask.Login, nick="bob")
            play(schedule, alice, bob, room.id)
            schedule.run()
            assert bob.entries(room.id) == expected
            assert bob.session.places[room.id].pace is Pace.LIVE

        return run

    @staticmethod
    def append(client, room):
        client.say(ask.Append(id=1, conversation=room, message_id=fresh_id(), payload=1), b"!")

    @staticmethod
    def subscribe(client, room, after=0):
        client.say(ask.Subscribe(id=2, conversation=room, incarnation=INCARNATION, after=after))

    @pytest.mark.parametrize("page", [1, 2])
    def test_append_during_catch_up(self, page):
        def play(schedule, alice, bob, room):
            schedule.spawn(lambda: self.append(alice, room))
            schedule.spawn(lambda: self.subscribe(bob, room))

        assert explore(self.story(play, [1, 2], bounds=Bounds(page_entries=page))) > 300

    def test_two_appends_one_after_the_other(self, rounds):
        def play(schedule, alice, bob, room):
            def write():
                self.append(alice, room)
                schedule.pause()
                self.append(alice, room)

            schedule.spawn(write)
            schedule.spawn(lambda: self.subscribe(bob, room))

        sample(self.story(play, [1, 2], earlier=0), rounds(5000))

    def test_two_authors_speak_for_the_first_time(self, rounds):
        """Their nicks have to be read before anybody can be told who speaks."""

        def play(schedule, alice, bob, room):
            carol = Reader(alice.world, channel_key("carol"), schedule)
            carol.ask(ask.Login, nick="carol")
            self.subscribe(bob, room)
            for client in (alice, carol, alice, carol):
                schedule.spawn(lambda client=client: self.append(client, room))

        sample(self.story(play, [1, 2, 3, 4, 5]), rounds(2000))

    def test_congestion_comes_and_goes(self, rounds):
        def play(schedule, alice, bob, room):
            self.subscribe(bob, room)

            def congest():
                bob.congested = True
                schedule.pause()
                bob.congested = False

            schedule.spawn(lambda: self.append(alice, room))
            schedule.spawn(lambda: self.append(alice, room))
            schedule.spawn(congest)

        sample(self.story(play, [1, 2, 3]), rounds(5000))
