"""Finding and beginning rooms, groups and conversations of two, and reading their logs."""

import json
from base64 import b64encode

import pytest

from geventim.chat import requests as ask
from geventim.chat.replies import Added, EntryEvent, ListedRoom, Subscribed
from geventim.chat.values import EntryKind, Kind, dm_id, first_hash
from geventim.log.changes import Expire
from geventim.service.bounds import Bounds
from geventim.wire.frames import prefix
from tests.service.doubles import fresh_id
from tests.service.identities import account, identity, person, registration
from tests.service.surroundings import START


def people(world, *nicks):
    return [world.enter(nick) for nick in nicks]


def create_group(client, name="crew", members=(), **fields):
    fields.setdefault("message_id", fresh_id())
    return client.ask(ask.CreateGroup, name=name, members=members, **fields)


def create_room(client, name="lobby", **fields):
    fields.setdefault("message_id", fresh_id())
    return client.ask(ask.CreateRoom, name=name, **fields)


class TestRooms:
    def test_one_creates_and_others_find_it(self, world):
        alice, bob = people(world, "alice", "bob")
        made = create_room(alice, "Lobby").conversation
        found = bob.ask(ask.OpenRoom, name="lobby").conversation
        assert made.name == found.name == "Lobby"
        assert (made.id, made.incarnation) == (found.id, found.incarnation)
        assert made.kind is Kind.ROOM
        assert not made.keyed

    def test_looking_for_a_room_makes_none(self, world):
        (alice,) = people(world, "alice")
        for _ in range(2):
            reply = alice.ask(ask.OpenRoom, name="lab")
            assert (reply.code, reply.text) == ("no_room", "There is no room 'lab'.")

    @pytest.mark.parametrize("bounds", [Bounds(rooms_listed=2)])
    def test_all_rooms_are_listed_by_pages_to_anybody(self, world):
        alice, bob = people(world, "alice", "bob")
        for name in ("Den", "lobby", "attic"):
            create_room(alice, name)
        create_room(alice, "vault", gate=identity("gate").public)
        create_group(alice, "secret")
        first = bob.ask(ask.ListRooms)
        assert first.rooms == (ListedRoom("attic"), ListedRoom("Den"))
        assert first.more
        rest = bob.ask(ask.ListRooms, after="Den")
        assert (rest.rooms, rest.more) == ((ListedRoom("lobby"), ListedRoom("vault", True)), False)
        assert bob.ask(ask.ListRooms, after="\x00 no name").rooms == first.rooms
        assert bob.ask(ask.ListRooms, after="zoo").rooms == ()

    def test_creation_that_is_repeated_is_answered_like_the_first_time(self, world):
        (alice,) = people(world, "alice")
        made = create_room(alice, message_id=b"m" * 16)
        alice.lose()
        again = create_room(world.enter("alice"), message_id=b"m" * 16)
        assert again.conversation == made.conversation

    def test_creation_is_recognised_after_a_restart_and_not_for_others(self, world):
        alice, _ = people(world, "alice", "bob")
        made = create_room(alice, message_id=b"m" * 16)
        world.start()
        again = create_room(world.enter("alice"), message_id=b"m" * 16)
        assert again.conversation == made.conversation
        assert create_room(world.enter("bob"), message_id=b"m" * 16).code == "name_taken"

    def test_ids_are_drawn_by_the_server(self, world):
        alice, bob = people(world, "alice", "bob")
        drawn = {create_room(alice, name).conversation.id for name in ("one", "two")}
        drawn |= {create_group(bob, name).conversation.id for name in ("one", "two")}
        assert len(drawn) == 4

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

    def test_gate_of_a_keyed_room_is_shown_to_members_only(self, world):
        alice, bob = people(world, "alice", "bob")
        gate = identity("gate").public
        info = create_room(alice, gate=gate).conversation
        alice.turn(info.id, gate_signature=alice.prove(info))
        alice.commit(info.id, ["alice"])
        for client, shown in [(alice, gate), (bob, None)]:
            found = client.open()
            assert (found.keyed, found.gate) == (True, shown)
        bob.turn(info.id, gate_signature=bob.prove(info))
        assert bob.commit(info.id, ["bob"]).seq == 2
        assert bob.open().gate == gate
        world.kick(info.id, "bob")
        assert bob.open().gate is None

    @pytest.mark.parametrize("name", ["", "two words", "server", "\u0430b", "a\x07", "x" * 33])
    def test_name_must_be_one(self, world, name):
        (alice,) = people(world, "alice")
        assert create_room(alice, name).code == "bad_name"
        assert alice.ask(ask.OpenRoom, name=name).code == "bad_name"

    @pytest.mark.parametrize("name", ["paypal", "PAYPAL", "paypa1", "bob", "b0b", "mallory"])
    def test_name_of_a_room_or_of_somebody_is_taken_in_the_same_words(self, world, name):
        alice, bob, _ = people(world, "alice", "bob", "mallory")
        create_room(alice, "paypal")
        reply = create_room(bob, name)
        text = f"The name '{name}' is taken, or looks too much like one that is."
        assert (reply.code, reply.text) == ("name_taken", text)

    @pytest.mark.parametrize("nick", ["paypal", "paypa1"])
    def test_name_of_a_room_is_nobodys_nick(self, world, nick):
        (alice,) = people(world, "alice")
        create_room(alice, "paypal")
        taken = world.client("eve").ask(ask.Register, **registration("ALICE", "eve"))
        reply = world.client(nick).ask(ask.Register, **registration(nick))
        assert (reply.code, reply.text) == ("nick_taken", taken.text.replace("ALICE", nick))

    def test_name_of_a_deleted_room_is_free(self, world):
        alice, bob = people(world, "alice", "bob")
        room = alice.room("den")
        world.service.moderation.make_operator("alice")
        alice.delete(room)
        assert bob.ask(ask.OpenRoom, name="den").code == "no_room"
        assert create_room(bob, "den").conversation.id != room


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

    @pytest.mark.parametrize("name", ["crew", "CREW", "alice", "lobby"])
    def test_name_is_a_label_that_anything_may_have(self, world, name):
        alice, bob = people(world, "alice", "bob")
        alice.room()
        first = create_group(alice).conversation
        second = create_group(bob, name).conversation
        assert (second.name, second.kind, second.member) == (name, Kind.GROUP, True)
        assert (first.founder, second.founder) == (account("alice").id, account("bob").id)
        assert first.id != second.id

    def test_name_must_be_one(self, world):
        (alice,) = people(world, "alice")
        assert create_group(alice, "two words").code == "bad_name"

    def test_unknown_members_are_named_and_nothing_is_made(self, world):
        (alice,) = people(world, "alice")
        reply = create_group(alice, members=("bob", "x y"))
        assert (reply.code, reply.text) == ("unknown_users", "Users 'bob', 'x y' not found.")
        assert world.conversation(Kind.GROUP, "crew") is None
        assert create_group(alice, members=("bob",)).text == "User 'bob' not found."

    def test_repeated_creation_is_harmless(self, world):
        alice, _ = people(world, "alice", "bob")
        first = create_group(alice, members=("bob",), message_id=b"m" * 16)
        alice.lose()
        again = create_group(world.enter("alice"), members=("bob",), message_id=b"m" * 16)
        assert (again.conversation, again.people) == (first.conversation, first.people)

    def test_repeated_creation_does_not_bring_back_who_left(self, world):
        (alice,) = people(world, "alice")
        group = create_group(alice, message_id=b"m" * 16).conversation.id
        alice.change(group)
        alice.leave(group)
        reply = create_group(alice, message_id=b"m" * 16)
        assert (reply.conversation.id, reply.conversation.member) == (group, False)
        assert alice.subscribe(group).code == "not_a_member"

    def test_members_are_told_how_it_is(self, world):
        alice, bob = people(world, "alice", "bob")
        group = alice.group("crew", "bob")
        info = bob.ask(ask.OpenGroup, conversation=group).conversation
        assert (info.id, info.name, info.member, info.members) == (group, "crew", True, 2)

    def test_no_group_and_not_yours_are_one_answer(self, world):
        alice, bob, carol, dave = people(world, "alice", "bob", "carol", "dave")
        group, dm = alice.group("crew", "bob"), alice.dm("bob")
        alice.change(group, remove=["bob"])
        world.service.moderation.make_operator("dave")
        asked = [(bob, group), (carol, group), (carol, dm), (carol, fresh_id()), (alice, dm)]
        replies = [who.ask(ask.OpenGroup, conversation=each) for who, each in asked]
        replies.append(dave.ask(ask.OpenGroup, conversation=group))
        assert {(reply.code, reply.text) for reply in replies} == {
            ("not_a_member", "You are not a member of that conversation.")
        }

    def test_operator_deletes_it_by_its_id(self, world):
        alice, carol = people(world, "alice", "carol")
        group = alice.group("crew")
        world.service.moderation.make_operator("carol")
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

    def test_nobody_takes_its_id(self, world):
        """It can be computed from two accounts; so a request that names it makes nothing of it."""
        alice, bob, mallory = people(world, "alice", "bob", "mallory")
        wanted = dm_id(account("alice").id, account("bob").id)
        chosen = b64encode(wanted).decode()
        for number, kind in enumerate(("create-group", "create-room", "open-room")):
            request = {"type": kind, "id": number, "name": "trap", "members": []}
            request |= {"conversation": chosen, "message_id": chosen}
            frame = prefix(json.dumps(request).encode())
            world.service.receive(mallory.session, frame)
            assert world.store.conversation(wanted) is None
        assert alice.dm("bob") == wanted
        alice.append(wanted)
        bob.subscribe(wanted)
        assert bob.payloads() == [b"text"]
        assert mallory.subscribe(wanted).code == "not_a_member"


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
        world.store.commit([Expire(START + 1)])
        world.forget()
        assert alice.subscribe(room, 2, hash=bytes(32)).after == 4
        assert alice.subscribe(room, 1, hash=bytes(32)).code == "other_history"

    def test_newcomers_are_not_told_of_what_expired_before_their_time(self, world):
        alice, bob = people(world, "alice", "bob")
        room = alice.room()
        alice.append(room)
        bob.room()
        world.store.commit([Expire(START + 1)])
        assert bob.subscribe(room).expired == 0
        assert alice.subscribe(room).expired == 2
        alice.append(room)
        world.store.commit([Expire(START + 1)])
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
