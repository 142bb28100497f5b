"""Finding and beginning rooms, groups and conversations of two, and reading their logs."""

import pytest

from geventim.chat import log
from geventim.chat import requests as ask
from geventim.chat.replies import Added, EntryEvent, Error, Subscribed
from geventim.chat.values import Conversation, EntryKind, Kind, dm_id, first_hash
from tests.service.doubles import START, account, fresh_id, person


def people(world, *nicks):
    return [world.enter(nick) for nick in nicks]


def create_group(client, name="crew", members=(), **fields):
    fields.setdefault("conversation", fresh_id())
    return client.ask(ask.CreateGroup, name=name, members=members, message_id=fresh_id(), **fields)


class TestRooms:
    def test_first_creates_and_others_find_it(self, world):
        alice, bob = people(world, "alice", "bob")
        made, found = alice.open("Lobby"), bob.open("lobby")
        assert made.name == found.name == "Lobby"
        assert (made.id, made.incarnation) == (found.id, found.incarnation)
        assert made.kind is Kind.ROOM
        assert made.gate is None

    def test_finding_makes_nobody_a_member(self, world):
        alice, bob = people(world, "alice", "bob")
        room = alice.room()
        info = bob.open()
        assert (info.member, info.since, info.head, info.members) == (False, 0, 0, 1)
        assert bob.subscribe(room).code == "not_a_member"
        assert bob.append(room).code == "not_a_member"

    def test_members_see_their_part_and_how_many_they_are(self, world):
        alice, bob = people(world, "alice", "bob")
        room = alice.room()
        bob.room()
        alice.append(room)
        info = bob.open()
        assert (info.member, info.since, info.head, info.members) == (True, 1, 3, 2)

    def test_each_log_has_an_incarnation_of_its_own(self, world):
        (alice,) = people(world, "alice")
        incarnations = {alice.open(name).incarnation for name in ("one", "two", "three")}
        assert len(incarnations) == 3

    def test_keyed_room_shows_its_gate(self, world):
        alice, bob = people(world, "alice", "bob")
        assert alice.open(gate=b"g" * 32).gate == b"g" * 32
        assert bob.open().gate == b"g" * 32
        assert bob.open(gate=b"h" * 32).gate == b"g" * 32

    @pytest.mark.parametrize("name", ["", "two words", "server", "\u0430b", "a\x07", "x" * 33])
    def test_name_must_be_one(self, world, name):
        (alice,) = people(world, "alice")
        assert alice.ask(ask.OpenRoom, name=name, conversation=fresh_id()).code == "bad_name"

    def test_look_alike_of_a_room_cannot_be_made(self, world):
        alice, bob = people(world, "alice", "bob")
        alice.open("paypal")
        assert isinstance(bob.ask(ask.OpenRoom, name="paypa1", conversation=fresh_id()), Error)

    def test_id_of_another_conversation_cannot_be_taken(self, world):
        alice, bob = people(world, "alice", "bob")
        room = alice.room()
        reply = bob.ask(ask.OpenRoom, name="other", conversation=room)
        assert reply.code == "no_conversation"
        assert bob.session.places == {}

    def test_room_that_somebody_else_makes_meanwhile_is_found(self, world):
        alice, bob = people(world, "alice", "bob")
        theirs = Conversation(fresh_id(), Kind.ROOM, "lobby", bob.session.account.id, bytes(16))
        find = world.store.conversation_named

        def find_late(kind, name):
            world.store.conversation_named = find
            found = find(kind, name)
            world.store.commit([log.Create(theirs, ())])
            return found

        world.store.conversation_named = find_late
        assert alice.open().id == theirs.id


class TestGroups:
    def test_sender_alone_is_a_member_and_the_others_are_looked_up(self, world):
        alice, bob, carol = people(world, "alice", "bob", "carol")
        reply = create_group(alice, members=("BOB", "carol", "bob", "alice"))
        assert reply.people == (person("alice"), person("bob"), person("carol"))
        info = reply.conversation
        assert (info.kind, info.name, info.member) == (Kind.GROUP, "crew", True)
        assert (info.since, info.head, info.members) == (0, 0, 1)
        assert [each.events(Added) for each in (alice, bob, carol)] == [[], [], []]
        assert world.store.members(info.id) == [account("alice").id]

    @pytest.mark.parametrize("name", ["crew", "CREW", "cr\u0435w"])
    def test_name_is_taken(self, world, name):
        alice, bob = people(world, "alice", "bob")
        create_group(alice)
        reply = create_group(bob, name)
        assert reply.code in {"group_exists", "bad_name"}
        if reply.code == "group_exists":
            assert reply.text == "Group name already exists."

    def test_unknown_members_are_named_and_nothing_is_made(self, world):
        (alice,) = people(world, "alice")
        reply = create_group(alice, members=("bob", "x y"))
        assert (reply.code, reply.text) == ("unknown_users", "Users 'bob', 'x y' not found.")
        assert world.conversation(Kind.GROUP, "crew") is None
        assert create_group(alice, members=("bob",)).text == "User 'bob' not found."

    def test_repeated_creation_is_harmless(self, world):
        alice, _ = people(world, "alice", "bob")
        first = create_group(alice, members=("bob",))
        alice.lose()
        again = create_group(
            world.enter("alice"), members=("bob",), conversation=first.conversation.id
        )
        assert (again.conversation, again.people) == (first.conversation, first.people)

    def test_repeated_creation_does_not_bring_back_who_left(self, world):
        alice, _ = people(world, "alice", "bob")
        group = alice.group("crew", "bob")
        alice.leave(group)
        reply = create_group(alice, conversation=group)
        assert not reply.conversation.member
        assert alice.subscribe(group).code == "not_a_member"

    def test_open_group_finds_it_for_its_members(self, world):
        alice, bob, carol = people(world, "alice", "bob", "carol")
        group = alice.group("crew", "bob")
        info = bob.ask(ask.OpenGroup, name="CREW").conversation
        assert (info.id, info.member, info.members) == (group, True, 2)
        missing = bob.ask(ask.OpenGroup, name="none")
        assert (missing.code, missing.text) == ("no_group", "Group 'none' does not exist.")
        foreign = carol.ask(ask.OpenGroup, name="crew")
        assert (foreign.code, foreign.text) == (
            "not_a_member",
            "You are not a member of group crew.",
        )

    def test_open_group_does_not_find_it_for_who_was_removed(self, world):
        alice, bob = people(world, "alice", "bob")
        group = alice.group("crew", "bob")
        alice.change(group, remove=["bob"])
        assert bob.ask(ask.OpenGroup, name="crew").code == "not_a_member"

    def test_operator_finds_it_to_delete_it(self, world):
        alice, carol = people(world, "alice", "carol")
        group = alice.group("crew")
        world.service.make_operator("carol")
        info = carol.ask(ask.OpenGroup, name="crew").conversation
        assert (info.id, info.member) == (group, False)
        assert carol.subscribe(group).code == "not_a_member"
        assert carol.delete(group).seq == 2
        assert alice.events(EntryEvent)[-1].kind == "delete"


class TestConversationsOfTwo:
    def test_each_sees_the_other(self, world):
        alice, bob = people(world, "alice", "bob")
        opened = alice.ask(ask.OpenDm, nick="BOB").conversation
        assert (opened.kind, opened.name, opened.peer) == (Kind.DM, "bob", person("bob"))
        assert opened.id == dm_id(account("alice").id, account("bob").id)
        assert (opened.member, opened.members) == (True, 2)
        (added,) = bob.events(Added)
        assert (added.conversation.id, added.conversation.name) == (opened.id, "alice")
        assert added.conversation.peer == person("alice")
        assert alice.events(Added) == []

    def test_it_is_the_same_from_both_sides_and_told_once(self, world):
        alice, bob = people(world, "alice", "bob")
        conversation = alice.dm("bob")
        assert bob.dm("alice") == conversation
        assert alice.dm("bob") == conversation
        assert len(bob.events(Added)) == 1
        assert alice.events(Added) == []

    def test_unknown_user_and_oneself(self, world):
        (alice,) = people(world, "alice")
        reply = alice.ask(ask.OpenDm, nick="bob")
        assert (reply.code, reply.text) == ("user_not_found", "User 'bob' not found.")
        assert alice.ask(ask.OpenDm, nick="Alice").code == "oneself"

    def test_nobody_else_gets_anything(self, world):
        alice, bob, carol = people(world, "alice", "bob", "carol")
        conversation = alice.dm("bob")
        bob.subscribe(conversation)
        carol.received.clear()
        alice.append(conversation, b"private")
        assert bob.payloads() == [b"private"]
        assert carol.received == []
        assert carol.subscribe(conversation).code == "not_a_member"
        assert carol.append(conversation).code == "not_a_member"
        assert carol.turn(conversation).code == "not_a_member"

    def test_absent_people_find_it_when_they_log_in(self, world):
        alice, bob = people(world, "alice", "bob")
        bob.lose()
        conversation = alice.dm("bob")
        reply = alice.append(conversation, b"later")
        assert (reply.recipient.nick, reply.recipient.connected) == ("bob", False)
        bob = world.client("bob")
        (listed,) = bob.ask(ask.Login, nick="bob").conversations
        assert (listed.id, listed.kind, listed.name) == (conversation, Kind.DM, "alice")
        assert listed.peer == person("alice")
        bob.subscribe(conversation)
        assert bob.payloads() == [b"later"]

    def test_whoever_took_its_id_does_not_get_it(self, world):
        # Ids of groups are chosen by clients, and that of two people can be computed.
        alice, bob, mallory = people(world, "alice", "bob", "mallory")
        conversation = alice.dm("bob")
        assert create_group(mallory, "trap", conversation=conversation).code == "group_exists"
        assert mallory.subscribe(conversation).code == "not_a_member"
        alice.append(conversation)
        bob.subscribe(conversation)
        assert bob.payloads() == [b"text"]

    def test_group_under_its_id_is_not_mistaken_for_it(self, world):
        alice, bob, mallory = people(world, "alice", "bob", "mallory")
        pair = (account("alice").id, account("bob").id)
        create_group(mallory, "trap", conversation=dm_id(*pair))
        assert alice.ask(ask.OpenDm, nick="bob").code == "no_conversation"
        assert alice.session.places == bob.session.places == {}


class TestSubscribing:
    def test_reply_says_where_it_begins_and_where_the_log_ends(self, world):
        (alice,) = people(world, "alice")
        room = alice.room(read=False)
        for _ in range(3):
            alice.append(room)
        reply = alice.subscribe(room, 1)
        running = world.store.position(room, 1).hash
        assert reply == Subscribed(id=reply.id, after=1, head=4, hash=running)

    def test_log_that_was_never_read_begins_with_its_first_hash(self, world):
        alice, bob = people(world, "alice", "bob")
        room = alice.room()
        incarnation = alice.open().incarnation
        bob.room(read=False)
        reply = bob.subscribe(room)
        assert (reply.after, reply.hash) == (0, first_hash(incarnation))
        assert bob.entries(room) == [2]

    def test_whoever_knows_the_hash_goes_on(self, world):
        (alice,) = people(world, "alice")
        room = alice.room()
        alice.append(room)
        for seq in range(3):
            running = world.store.position(room, seq).hash
            assert alice.subscribe(room, seq, hash=running).after == seq

    def test_other_history_is_told(self, world):
        (alice,) = people(world, "alice")
        room = alice.room()
        alice.append(room)
        hashes = [world.store.position(room, seq).hash for seq in range(3)]
        for reply in (
            alice.subscribe(room, 3),
            alice.subscribe(room, 99, hash=hashes[2]),
            alice.subscribe(room, 1, hash=hashes[2]),
            alice.subscribe(room, 0, hash=hashes[1]),
            alice.subscribe(room, 2, incarnation=bytes(16)),
        ):
            assert reply.code == "other_history"
        assert alice.subscribe(room, 2, hash=hashes[2]).after == 2

    def test_hash_of_what_has_expired_is_not_compared(self, world):
        (alice,) = people(world, "alice")
        room = alice.room()
        for _ in range(3):
            alice.append(room)
        world.store.commit([log.Expire(START + 1)])
        world.forget()
        assert alice.subscribe(room, 2, hash=bytes(32)).after == 4
        assert alice.subscribe(room, 1, hash=bytes(32)).code == "other_history"

    def test_newcomers_are_not_told_of_what_expired_before_their_time(self, world):
        alice, bob = people(world, "alice", "bob")
        room = alice.room()
        alice.append(room)
        bob.room()
        world.store.commit([log.Expire(START + 1)])
        assert bob.subscribe(room).expired == 0
        assert alice.subscribe(room).expired == 2
        alice.append(room)
        world.store.commit([log.Expire(START + 1)])
        assert bob.subscribe(room).expired == 4
        assert bob.subscribe(room, 4, hash=world.store.head(room).hash).expired == 0

    def test_who_was_removed_reads_up_to_that(self, world):
        alice, bob = people(world, "alice", "bob")
        room = alice.room()
        bob.room(read=False)
        alice.append(room, b"before")
        world.kick(room, "bob")
        alice.append(room, b"after")
        reply = bob.subscribe(room, 2)
        assert reply.head == 4
        assert bob.payloads()[0] == b"before"
        assert bob.events(EntryEvent)[-1].kind is EntryKind.KICK
        assert bob.subscribe(room).code == "not_a_member"

    def test_unknown_conversation(self, world):
        (alice,) = people(world, "alice")
        assert alice.subscribe(fresh_id()).code == "not_a_member"
