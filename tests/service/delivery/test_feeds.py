"""Live delivery and catching up: everything once, in order, whatever happens meanwhile."""

from itertools import count

import pytest

from geventim.chat import requests as ask
from geventim.chat.replies import EntryEvent
from geventim.chat.values import Conversation, EntryKind, Kind, next_hash
from geventim.log.changes import Append, Create, Expire
from geventim.log.people import Register
from geventim.service.bounds import USUAL, Bounds
from geventim.service.feed import Pace
from tests.service.doubles import World, fresh_id, meet
from tests.service.identities import account, channel_key, person
from tests.service.schedules import Journal, Reader, explore, sample
from tests.service.surroundings import START

INCARNATION = bytes(16)


SMALL_PAGES = pytest.mark.parametrize("bounds", [Bounds(page_entries=2)])


class TestLive:
    def test_entry_reaches_everyone_but_its_author(self, world):
        room, alice, bob, carol = meet(world, "alice", "bob", "carol")
        dave = world.enter("dave")
        dave.room(read=False)
        reply = alice.append(room, b"hello", message_id=bytes(16))
        expected = EntryEvent(
            conversation=room,
            seq=5,
            time=reply.time,
            author="alice",
            account=account("alice").id,
            message_id=bytes(16),
            head=4,
            payload=5,
        )
        for reader in (bob, carol):
            assert reader.events(EntryEvent)[-1] == expected
            assert reader.payloads()[-1] == b"hello"
        assert alice.entries(room) == [4]
        assert dave.entries(room) == []

    def test_authors_own_entries_are_not_sent_again_later(self, world):
        room, alice, bob = meet(world, "alice", "bob")
        alice.append(room)
        bob.append(room)
        alice.append(room)
        assert alice.entries(room) == [4]
        assert bob.entries(room) == [3, 5]

    def test_second_subscription_begins_where_it_says(self, world):
        room, alice, bob = meet(world, "alice", "bob")
        for _ in range(3):
            alice.append(room)
        bob.subscribe(room, 3)
        alice.append(room)
        assert bob.entries(room) == [3, 4, 5, 4, 5, 6]

    def test_lost_client_is_no_longer_delivered_to(self, world):
        room, alice, bob = meet(world, "alice", "bob")
        bob.lose()
        assert isinstance(alice.append(room).seq, int)
        assert bob.entries(room) == []

    def test_commit_names_people_and_tells_only_the_added_their_welcome(self, world):
        alice, bob, carol, dave = map(world.enter, ("alice", "bob", "carol", "dave"))
        group = alice.group("crew", "bob", "carol")
        for member in (bob, carol):
            member.subscribe(group)
        alice.change(group, ["dave"], ["carol"], message=b"add", welcome=b"welcome dave")
        dave.subscribe(group)
        for reader in (bob, carol, dave):
            event = reader.events(EntryEvent)[-1]
            assert event.kind is EntryKind.COMMIT
            assert (event.added, event.removed) == ((person("dave"),), (person("carol"),))
        assert bob.payloads()[-1] == carol.payloads()[-1] == b"add"
        assert bob.events(EntryEvent)[-1].welcome == 0
        assert dave.payloads() == [b"addwelcome dave"]
        assert dave.events(EntryEvent)[-1].welcome == len(b"welcome dave")

    def test_member_who_is_added_anew_gets_the_welcome_live(self, world):
        alice, bob, carol = map(world.enter, ("alice", "bob", "carol"))
        group = alice.group("crew", "bob", "carol")
        for member in (bob, carol):
            member.subscribe(group)
        before = world.store.head(group).hash
        alice.change(group, ["bob"], ["bob"], welcome=b"again")
        assert bob.payloads()[-1] == b"commitagain"
        assert bob.events(EntryEvent)[-1].previous == before
        assert carol.payloads()[-1] == b"commit"
        assert carol.events(EntryEvent)[-1].previous is None


class TestHash:
    """Whoever has read an entry can compute the hash after it; others are told it."""

    def follow(self, client, room, running):
        for event, payload in client.received:
            if isinstance(event, EntryEvent):
                if event.previous is not None:
                    running = event.previous
                running = next_hash(running, event.seq, payload[: len(payload) - event.welcome])
        return running

    def test_entries_in_a_row_need_no_hash(self, world):
        room, alice, bob = meet(world, "alice", "bob")
        reply = bob.subscribe(room, 2)
        for number in range(3):
            alice.append(room, b"%d" % number)
        assert [event.previous for event in bob.events(EntryEvent)] == [None] * 3
        assert self.follow(bob, room, reply.hash) == world.store.head(room).hash

    def test_own_entries_count_as_sent(self, world):
        room, alice, bob = meet(world, "alice", "bob")
        bob.append(room)
        alice.append(room)
        assert bob.events(EntryEvent)[-1].previous is None

    @pytest.mark.parametrize("lazy", [False, True])
    def test_hash_is_told_after_a_gap(self, world, lazy):
        room, alice, bob = meet(world, "alice", "bob")
        world.kick(room, "bob")
        alice.append(room, b"secret")
        before = world.store.head(room).hash
        bob.received.clear()
        bob.change(room, ["bob"])
        bob.lazy = lazy
        bob.subscribe(room, 3)
        alice.append(room, b"public")
        bob.read()
        assert bob.entries(room) == [5, 6]
        assert [event.previous for event in bob.events(EntryEvent)] == [before, None]
        assert self.follow(bob, room, b"") == world.store.head(room).hash

    def test_hash_is_told_to_whoever_joins(self, world):
        alice, bob = world.enter("alice"), world.enter("bob")
        room = alice.room()
        alice.append(room)
        before = world.store.head(room).hash
        bob.room()
        assert [event.previous for event in bob.events(EntryEvent)] == [before]

    def test_hash_is_told_where_messages_have_expired(self, world):
        room, alice, bob = meet(world, "alice", "bob")
        for _ in range(2):
            alice.append(room)
        alice.change(room)
        alice.append(room)
        world.store.commit([Expire(START + 1, size=0)])
        world.forget()
        alice.append(room)
        bob.received.clear()
        reply = bob.subscribe(room, 3)
        assert (reply.after, reply.expired, reply.head) == (4, 6, 7)
        assert bob.entries(room) == [5, 7]
        assert [event.previous is None for event in bob.events(EntryEvent)] == [True, False]
        assert self.follow(bob, room, reply.hash) == world.store.head(room).hash

    def test_hash_is_told_to_who_was_behind_while_messages_expired(self, world):
        room, alice, bob = meet(world, "alice", "bob")
        bob.lazy = bob.congested = True
        alice.append(room)
        world.store.commit([Expire(START + 1)])
        world.forget()
        bob.read()
        alice.append(room)
        bob.read()
        (event,) = (each for each in bob.events(EntryEvent) if each.seq == 4)
        assert next_hash(event.previous, 4, b"text") == world.store.head(room).hash
        assert bob.session.places[room].pace is Pace.LIVE


class TestWaiting:
    """While passes that deliver take long, messages wait for each other, and nothing else does."""

    @pytest.fixture
    def people(self, world):
        self.room, *clients = meet(world, "alice", "bob", "carol")
        world.timers.advance(1)
        return clients

    def leisure(self, world, client):
        client.post(self.room)
        return world.journal.leisure

    def test_where_passes_are_short_nobody_waits(self, world, people):
        for client in people * 3:
            assert self.leisure(world, client) == 0

    def test_after_a_long_one_the_next_messages_wait(self, world, people):
        alice, bob, _ = people
        world.timers.length = 0.02
        assert self.leisure(world, alice) == 0
        world.timers.advance(0.005)
        assert self.leisure(world, bob) == pytest.approx(0.015, abs=1e-6)

    def test_who_writes_to_another_room_waits_as_well(self, world, people):
        dora = world.enter("dora")
        other = dora.open("other").id
        dora.change(other, ["dora"])
        dora.subscribe(other, 1)
        world.timers.length = 0.02
        people[0].post(self.room)
        dora.post(other)
        assert world.journal.leisure > 0

    def test_two_people_and_other_entries_do_not_wait(self, world, people):
        alice, bob, _ = people
        world.timers.length = 0.02
        alice.post(self.room)
        assert self.leisure(world, alice) > 0
        alice.post(alice.dm("bob"))
        assert world.journal.leisure == 0
        assert self.leisure(world, alice) > 0
        bob.leave(self.room)
        assert world.journal.leisure == 0


class TestGathering:
    """What one pass of the event loop brings is delivered together."""

    @pytest.fixture
    def people(self, world):
        self.room, *clients = meet(world, "alice", "bob", "carol")
        # Once something was delivered, all of them are where the feed is.
        clients[0].append(self.room)
        self.before = world.store.head(self.room).seq
        world.timers.advance(1)
        world.timers.gathering = True
        return clients

    def read(self, client):
        """The entries that a client was sent since then, counted from there."""
        seqs = client.entries(self.room)
        return [seq - self.before for seq in seqs if seq > self.before]

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
            client.post(self.room)
        assert self.read(carol) == []
        world.timers.finish_pass()
        for client in people:
            assert self.read(client) == [1, 2, 3]
        assert seen == [(3, set())]

    def test_an_author_is_left_out_of_what_is_all_its_own(self, world, people, monkeypatch):
        alice, bob, _ = people
        seen = self.deliveries(world, monkeypatch)
        for _ in range(2):
            alice.post(self.room)
        world.timers.finish_pass()
        bob.post(self.room)
        world.timers.finish_pass()
        assert seen == [(2, {alice}), (1, {bob})]
        assert [self.read(client) for client in people] == [[3], [1, 2], [1, 2, 3]]

    def test_a_commit_is_the_same_for_all_whom_it_is_not_about(self, world, people, monkeypatch):
        alice, bob, carol = people
        seen = self.deliveries(world, monkeypatch)
        dave = world.enter("dave")
        dave.change(self.room, ["dave"])
        world.kick(self.room, "carol")
        world.timers.finish_pass()
        assert seen == [(1, {dave}), (1, {carol})]
        dave.subscribe(self.room, self.before + 2)
        alice.change(self.room)
        world.timers.finish_pass()
        assert seen[2:] == [(1, {alice})]
        read = [self.read(client) for client in (bob, carol, dave)]
        assert read == [[1, 2, 3], [1, 2], [3]]

    def test_many_leave_together(self, world, people, monkeypatch):
        alice, bob, carol = people
        seen = self.deliveries(world, monkeypatch)
        first = alice.post(self.room)
        second, third = (each.post(self.room, b"", kind=EntryKind.LEAVE) for each in (bob, alice))
        carol.post(self.room)
        # Who has left has got what was before that, then the replies, and nothing later.
        (text, _), (left, _) = bob.received[-2:]
        assert (text.seq - self.before, text.previous) == (1, None)
        assert (left.seq - self.before, left.id) == (2, second)
        (sent, _), (leave, _), (left, _) = alice.received[-3:]
        assert (sent.seq - self.before, sent.id) == (1, first)
        assert (leave.seq - self.before, leave.kind) == (2, EntryKind.LEAVE)
        assert (left.seq - self.before, left.id) == (3, third)
        gone = [len(each.received) for each in (alice, bob)]
        assert self.read(carol) == []
        world.timers.finish_pass()
        assert self.read(carol) == [1, 2, 3, 4]
        assert seen == [(4, set())]
        assert gone == [len(each.received) for each in (alice, bob)]

    def test_the_reply_comes_behind_what_was_before_it(self, world, people):
        alice, bob, _ = people
        for client in (bob, alice, bob):
            client.post(self.room)
        world.timers.finish_pass()
        names = [type(message).__name__ for message, _ in alice.received[-4:]]
        assert names == ["EntryEvent", "EntryEvent", "EntryEvent", "Appended"]

    def test_the_reply_stands_in_its_place_for_who_is_served_apart(self, world, people):
        alice, bob, _ = people
        world.forget()
        bob.post(self.room)
        alice.subscribe(self.room, self.before - 1)  # and reads that from the log
        for client in (alice, bob):
            client.post(self.room)
        world.timers.finish_pass()
        names = [type(message).__name__ for message, _ in alice.received[-2:]]
        assert names == ["Appended", "EntryEvent"]

    def test_who_leaves_gets_what_came_before_and_nothing_after(self, world, people):
        alice, bob, carol = people
        alice.post(self.room)
        bob.append(self.room, b"", kind=EntryKind.LEAVE)
        alice.post(self.room)
        world.timers.finish_pass()
        assert self.read(bob) == [1]
        assert self.read(carol) == [1, 2, 3]

    def test_who_is_congested_reads_all_of_it_from_the_log(self, world, people):
        alice, bob, _ = people
        alice.post(self.room)
        world.timers.finish_pass()
        bob.lazy = bob.congested = True
        for _ in range(3):
            alice.post(self.room)
        world.timers.finish_pass()
        assert self.read(bob) == [1]
        bob.congested = False
        bob.read()
        assert self.read(bob) == [1, 2, 3, 4]
        alice.post(self.room)
        world.timers.finish_pass()
        assert self.read(bob) == [1, 2, 3, 4, 5]

    def test_what_was_read_from_the_log_is_not_delivered_again(self, world, people):
        alice, bob, carol = people
        carol.post(self.room)
        alice.post(self.room)
        bob.subscribe(
            self.room, self.before
        )  # and reads both from the log, before they are delivered
        alice.post(self.room)
        world.timers.finish_pass()
        assert self.read(bob) == [1, 2, 3]
        alice.post(self.room)
        world.timers.finish_pass()
        assert self.read(bob) == [1, 2, 3, 4]
        assert self.read(carol) == [1, 2, 3, 4]

    def test_who_is_lost_meanwhile_is_passed_over(self, world, people):
        alice, bob, carol = people
        bob.subscribe(self.room, self.before)
        alice.post(self.room)
        carol.subscribe(self.room, self.before)
        world.service.end(bob.session)  # its outlet stays a little longer
        bob.congested = True
        world.timers.finish_pass()
        assert self.read(bob) == []
        assert self.read(carol) == [1]


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
        assert pages == [2, 3, 3] if is_long_ago else [2, 3]
        assert not world.service.catch_up(bob.session)

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

    @pytest.mark.parametrize("page", [0, 1, 2])
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
