"""Live delivery and catching up: everything once, in order, whatever happens meanwhile."""

import pytest

from geventim.chat.replies import EntryEvent
from geventim.chat.values import EntryKind, next_hash
from geventim.log.changes import Expire
from geventim.service.feed import Pace
from tests.service.doubles import meet
from tests.service.identities import account, person
from tests.service.surroundings import START

INCARNATION = bytes(16)


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
