"""Live delivery and catching up: everything once, in order, whatever happens meanwhile."""

import pytest

from geventim.chat import limits, log
from geventim.chat import requests as ask
from geventim.chat.replies import EntryEvent
from geventim.chat.values import Conversation, EntryKind, Kind
from geventim.service.sessions import Pace
from tests.service.doubles import World, account, channel_key, fresh_id
from tests.service.schedules import Journal, Reader, explore, sample


@pytest.fixture
def small_pages(monkeypatch):
    monkeypatch.setattr(limits, "PAGE_ENTRIES", 2)


class TestLive:
    def test_entry_reaches_everyone_but_its_author(self, world):
        alice, bob, carol = (world.enter(nick) for nick in ("alice", "bob", "carol"))
        room = alice.room()
        bob.room()
        carol.room(after=None)
        reply = alice.append(room, b"hello")
        (event,) = bob.events(EntryEvent)
        assert event == EntryEvent(
            conversation=room, seq=1, time=reply.time, author="alice", payload=5
        )
        assert bob.payloads() == [b"hello"]
        assert alice.entries(room) == carol.entries(room) == []

    def test_authors_own_entries_are_not_sent_again_later(self, world):
        alice, bob = world.enter("alice"), world.enter("bob")
        room = alice.room()
        bob.room()
        alice.append(room)
        bob.append(room)
        alice.append(room)
        assert alice.entries(room) == [2]
        assert bob.entries(room) == [1, 3]

    def test_second_subscription_begins_where_it_says(self, world):
        alice, bob = world.enter("alice"), world.enter("bob")
        room = alice.room()
        bob.room()
        for _ in range(3):
            alice.append(room)
        bob.subscribe(room, 1)
        alice.append(room)
        assert bob.entries(room) == [1, 2, 3, 2, 3, 4]

    def test_lost_client_is_no_longer_delivered_to(self, world):
        alice, bob = world.enter("alice"), world.enter("bob")
        room = alice.room()
        bob.room()
        bob.lose()
        assert isinstance(alice.append(room).seq, int)
        assert bob.entries(room) == []


class TestGathering:
    """What one pass of the event loop brings is delivered together."""

    @pytest.fixture
    def people(self, world):
        clients = [world.enter(nick) for nick in ("alice", "bob", "carol")]
        (self.room,) = {client.room() for client in clients}
        world.timers.advance(1)
        world.timers.gathering = True
        return clients

    def deliveries(self, world, monkeypatch):
        """What the room's audience is given, each time: how many frames, and who is left out."""
        seen = []
        (audience,) = (each for each in world.audiences[1:] if each.outlets())
        deliver = audience.deliver
        monkeypatch.setattr(
            audience,
            "deliver",
            lambda frames, but: seen.append((len(frames), set(but))) or deliver(frames, but),
        )
        return seen

    def test_entries_of_several_authors_go_to_all_of_them(self, world, people, monkeypatch):
        alice, bob, carol = people
        seen = self.deliveries(world, monkeypatch)
        for client in (alice, bob, alice):
            client.append(self.room)
        assert carol.entries(self.room) == []
        world.timers.finish_pass()
        for client in people:
            assert client.entries(self.room) == [1, 2, 3]
        assert seen == [(3, set())]

    def test_an_author_is_left_out_of_what_is_all_its_own(self, world, people, monkeypatch):
        alice, bob, _ = people
        seen = self.deliveries(world, monkeypatch)
        for _ in range(2):
            alice.append(self.room)
        world.timers.finish_pass()
        bob.append(self.room)
        world.timers.finish_pass()
        assert seen == [(2, {alice}), (1, {bob})]
        assert [client.entries(self.room) for client in people] == [[3], [1, 2], [1, 2, 3]]

    def test_the_reply_comes_before_the_entries(self, world, people):
        alice, bob, _ = people
        bob.append(self.room)
        alice.append(self.room)
        world.timers.finish_pass()
        names = [type(message).__name__ for message, _ in alice.received[-3:]]
        assert names == ["Appended", "EntryEvent", "EntryEvent"]

    def test_who_leaves_gets_what_came_before_and_nothing_after(self, world, people):
        alice, bob, carol = people
        alice.append(self.room)
        bob.append(self.room, b"", kind=EntryKind.LEAVE)
        alice.append(self.room)
        world.timers.finish_pass()
        assert bob.entries(self.room) == [1]
        assert carol.entries(self.room) == [1, 2, 3]

    def test_who_is_congested_reads_all_of_it_from_the_log(self, world, people):
        alice, bob, _ = people
        alice.append(self.room)
        world.timers.finish_pass()
        bob.lazy = bob.congested = True
        for _ in range(3):
            alice.append(self.room)
        world.timers.finish_pass()
        assert bob.entries(self.room) == [1]
        bob.congested = False
        bob.read()
        assert bob.entries(self.room) == [1, 2, 3, 4]
        alice.append(self.room)
        world.timers.finish_pass()
        assert bob.entries(self.room) == [1, 2, 3, 4, 5]

    def test_what_was_read_from_the_log_is_not_delivered_again(self, world, people):
        alice, bob, carol = people
        carol.append(self.room)
        alice.append(self.room)
        bob.subscribe(self.room)  # and reads both from the log, before they are delivered
        alice.append(self.room)
        world.timers.finish_pass()
        assert bob.entries(self.room) == [1, 2, 3]
        alice.append(self.room)
        world.timers.finish_pass()
        assert bob.entries(self.room) == [1, 2, 3, 4]
        assert carol.entries(self.room) == [1, 2, 3, 4]

    def test_who_is_lost_meanwhile_is_passed_over(self, world, people):
        alice, bob, carol = people
        bob.subscribe(self.room)
        alice.append(self.room)
        carol.subscribe(self.room)
        world.service.end(bob.session)  # its outlet stays a little longer
        bob.congested = True
        world.timers.finish_pass()
        assert bob.entries(self.room) == []
        assert carol.entries(self.room) == [1]


class TestKeys:
    """Whoever is out can read nothing that is delivered later."""

    def generations(self, world):
        (audience,) = (each for each in world.audiences[1:] if each.keys)
        return audience.generation, audience.keys

    @pytest.fixture
    def people(self, world):
        return [world.enter(nick) for nick in ("alice", "bob", "carol")]

    def test_a_leave_changes_the_key(self, world, people):
        alice, bob, carol = people
        (room,) = {client.room() for client in people}
        alice.append(room)
        before, _ = self.generations(world)
        bob.append(room, b"", kind=EntryKind.LEAVE)
        alice.append(room)
        after, keys = self.generations(world)
        assert after > before
        assert bob not in keys
        assert keys[carol] == after

    def test_a_lost_connection_does_not(self, world, people):
        alice, bob, _ = people
        (room,) = {client.room() for client in people}
        alice.append(room)
        before, _ = self.generations(world)
        bob.lose()
        alice.append(room)
        assert self.generations(world)[0] == before

    def test_nobody_keeps_the_key_of_a_deleted_group(self, world, people):
        alice = people[0]
        group = alice.group("crew", "bob", "carol")
        for client in people[1:]:
            client.subscribe(group)
        alice.append(group)
        assert self.generations(world)[1]
        alice.append(group, b"", kind=EntryKind.DELETE)
        assert all(not audience.keys for audience in world.audiences[1:])


@pytest.mark.usefixtures("small_pages")
class TestCatchingUp:
    @pytest.mark.parametrize("count", range(6))
    def test_cursor_gets_what_follows_it(self, world, count):
        alice, bob = world.enter("alice"), world.enter("bob")
        room = alice.room()
        bob.room(after=None)
        for _ in range(5):
            alice.append(room)
        bob.subscribe(room, count)
        alice.append(room)
        assert bob.entries(room) == list(range(count + 1, 7))
        assert bob.session.places[room].pace is Pace.LIVE

    def test_one_page_at_a_time(self, world):
        alice, bob = world.enter("alice"), world.enter("bob")
        room = alice.room()
        bob.room(after=None)
        for _ in range(3):
            alice.append(room)
        bob.lazy = True
        bob.subscribe(room)
        pages = []
        while world.service.catch_up(bob.session):
            pages.append(len(bob.entries(room)))
        assert pages == [2, 3, 3]
        assert not world.service.catch_up(bob.session)

    def test_congested_reader_reads_from_the_log_instead(self, world):
        alice, bob, carol = (world.enter(nick) for nick in ("alice", "bob", "carol"))
        room = alice.room()
        bob.room()
        carol.room()
        bob.lazy = bob.congested = True
        for _ in range(4):
            alice.append(room)
        assert bob.behind
        assert bob.entries(room) == []
        assert carol.entries(room) == [1, 2, 3, 4]
        bob.congested = False
        alice.append(room)
        assert bob.entries(room) == []  # it is behind, and nothing may overtake
        bob.read()
        alice.append(room)
        assert bob.entries(room) == [1, 2, 3, 4, 5, 6]

    def test_several_conversations(self, world):
        alice, bob = world.enter("alice"), world.enter("bob")
        rooms = [alice.room(name) for name in ("one", "two")]
        bob.lazy = True
        for name in ("one", "two"):
            bob.room(name)
        for room in rooms:
            for _ in range(3):
                alice.append(room)
        bob.read()
        assert [bob.entries(room) for room in rooms] == [[1, 2, 3], [1, 2, 3]]

    @pytest.mark.parametrize("lazy", [False, True])
    def test_delete_is_the_last_thing_to_come(self, world, lazy):
        alice, bob = world.enter("alice"), world.enter("bob")
        group = alice.group("crew", "bob")
        bob.lazy = lazy
        bob.subscribe(group)
        alice.append(group)
        alice.append(group, b"", kind=EntryKind.DELETE)
        bob.read()
        assert bob.entries(group) == [1, 2, 3]
        assert group not in bob.session.places
        assert all(bob not in audience.outlets() for audience in world.audiences)

    def test_leave_while_behind_ends_delivery(self, world):
        alice, bob = world.enter("alice"), world.enter("bob")
        room = alice.room()
        bob.room()
        bob.lazy = bob.congested = True
        alice.append(room)
        bob.append(room, b"", kind=EntryKind.LEAVE)
        alice.append(room)
        bob.read()
        assert bob.entries(room) == []


class TestEveryOrder:
    """Others may have their turn whenever somebody waits for the journal."""

    def story(self, play, expected, earlier=1):
        """The story in which ``play(schedule, alice, bob, room)`` must give bob ``expected``.

        The server was started just now, and their room has ``earlier`` entries.
        """

        def run(schedule):
            world = World()
            people = [account(nick) for nick in ("alice", "bob", "carol")]
            room = Conversation(fresh_id(), Kind.ROOM, "lobby", people[0].id)
            members = tuple(person.id for person in people)
            world.store.commit([log.Register(person) for person in people])
            world.store.commit([log.Create(room, members, fresh_id(), 1.0)])
            for _ in range(earlier):
                entry = (room.id, people[0].id, EntryKind.MESSAGE, fresh_id(), 1.0)
                world.store.commit([log.Append(*entry)])
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
        client.say(ask.Subscribe(id=2, conversation=room, after=after))

    @pytest.mark.parametrize("page", [1, 2])
    def test_append_during_catch_up(self, page, monkeypatch):
        monkeypatch.setattr(limits, "PAGE_ENTRIES", page)

        def play(schedule, alice, bob, room):
            schedule.spawn(lambda: self.append(alice, room))
            schedule.spawn(lambda: self.subscribe(bob, room))

        assert explore(self.story(play, [1, 2])) > 1000

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
