"""Rooms, groups, conversations of two, and appending to their logs."""

import pytest

from geventim.chat import limits
from geventim.chat import requests as ask
from geventim.chat.replies import Added, Appended, EntryEvent, Error, LoggedIn, Opened, Subscribed
from geventim.chat.values import EntryKind, Kind, Status, dm_id
from tests.service.doubles import World, fresh_id


def people(world, *nicks):
    return [world.enter(nick) for nick in nicks]


class TestRooms:
    def test_first_creates_and_others_join_it(self, world):
        alice, bob = people(world, "alice", "bob")
        opened = alice.ask(ask.OpenRoom, name="Lobby", conversation=fresh_id())
        joined = bob.ask(ask.OpenRoom, name="lobby", conversation=fresh_id())
        assert opened.conversation.name == joined.conversation.name == "Lobby"
        assert opened.conversation.id == joined.conversation.id
        assert opened.conversation.kind is Kind.ROOM

    def test_newcomer_is_entitled_to_what_follows(self, world):
        alice, bob = people(world, "alice", "bob")
        room = alice.room()
        alice.append(room)
        joined = bob.ask(ask.OpenRoom, name="lobby", conversation=fresh_id()).conversation
        assert (joined.since, joined.head) == (1, 1)
        assert bob.subscribe(room, 0).after == 1
        alice.append(room, b"new")
        assert bob.payloads() == [b"new"]

    def test_whoever_joins_again_gets_what_follows(self, world):
        alice, bob = people(world, "alice", "bob")
        room = alice.room()
        bob.room()
        bob.append(room, kind=EntryKind.LEAVE)
        alice.append(room, b"missed")
        again = bob.ask(ask.OpenRoom, name="lobby", conversation=fresh_id()).conversation
        assert (again.since, again.head) == (2, 2)
        assert bob.subscribe(room, 0).after == 2
        alice.append(room, b"new")
        assert bob.payloads() == [b"new"]

    def test_joining_twice_changes_nothing(self, world):
        alice, bob = people(world, "alice", "bob")
        room = alice.room()
        assert bob.room() == room
        alice.append(room)
        again = bob.ask(ask.OpenRoom, name="lobby", conversation=fresh_id()).conversation
        assert (again.since, again.head) == (0, 1)

    def test_room_has_a_bound(self):
        world = World(room_limit=2)
        alice, bob, carol = people(world, "alice", "bob", "carol")
        alice.room()
        bob.room()
        full = carol.ask(ask.OpenRoom, name="lobby", conversation=fresh_id())
        assert (full.code, full.text) == ("room_full", "The room 'lobby' has 2 members already.")
        assert isinstance(bob.ask(ask.OpenRoom, name="lobby", conversation=fresh_id()), Opened)
        bob.append(alice.room(), kind=EntryKind.LEAVE)
        assert isinstance(carol.ask(ask.OpenRoom, name="lobby", conversation=fresh_id()), Opened)

    @pytest.mark.parametrize("name", ["", "two words", "server", "\u0430b", "a\x07", "x" * 33])
    def test_name_must_be_one(self, world, name):
        (alice,) = people(world, "alice")
        assert alice.ask(ask.OpenRoom, name=name, conversation=fresh_id()).code == "bad_name"

    def test_look_alike_of_a_room_cannot_be_made(self, world):
        alice, bob = people(world, "alice", "bob")
        alice.room("paypal")
        reply = bob.ask(ask.OpenRoom, name="paypa1", conversation=fresh_id())
        assert isinstance(reply, Error)

    def test_id_of_another_conversation_cannot_be_taken(self, world):
        alice, bob = people(world, "alice", "bob")
        room = alice.room()
        assert bob.ask(ask.OpenRoom, name="other", conversation=room).code == "no_conversation"
        assert bob.session.places == {}

    def test_who_comes_back_gets_nothing_of_the_time_between(self, world):
        alice, bob = people(world, "alice", "bob")
        room = alice.room()
        bob.room()
        bob.append(room, kind=EntryKind.LEAVE)
        alice.append(room, b"secret")
        assert bob.room() == room
        alice.append(room, b"public")
        assert bob.payloads() == [b"public"]


class TestGroups:
    def test_creator_and_members_are_named(self, world):
        alice, bob, carol = people(world, "alice", "bob", "carol")
        reply = alice.ask(
            ask.CreateGroup,
            name="crew",
            members=("BOB", "carol", "bob", "alice"),
            conversation=fresh_id(),
            message_id=fresh_id(),
        )
        assert reply.members == ("alice", "bob", "carol")
        for member in (alice, bob, carol):
            (added,) = member.events(Added)
            assert added.conversation == reply.conversation
            assert added.conversation.name == "crew"

    def test_log_begins_with_a_commit_that_names_them(self, world):
        alice, bob = people(world, "alice", "bob")
        group = alice.group("crew", "bob")
        bob.subscribe(group)
        (entry,) = bob.events(EntryEvent)
        assert (entry.author, entry.kind, entry.added) == ("alice", "commit", ("alice", "bob"))

    def test_absent_members_find_it_when_they_log_in(self, world):
        alice, bob = people(world, "alice", "bob")
        bob.lose()
        group = alice.group("crew", "bob")
        bob = world.client("bob")
        (listed,) = bob.ask(ask.Login, nick="bob").conversations
        assert (listed.id, listed.name, listed.since, listed.head) == (group, "crew", 0, 1)

    @pytest.mark.parametrize("name", ["crew", "CREW", "cr\u0435w"])
    def test_name_is_taken(self, world, name):
        alice, bob = people(world, "alice", "bob")
        alice.group("crew")
        ids = {"conversation": fresh_id(), "message_id": fresh_id()}
        reply = bob.ask(ask.CreateGroup, name=name, members=(), **ids)
        assert reply.code in {"group_exists", "bad_name"}
        if reply.code == "group_exists":
            assert reply.text == "Group name already exists."

    def test_unknown_members_are_named_and_nothing_is_made(self, world):
        (alice,) = people(world, "alice")
        ids = {"conversation": fresh_id(), "message_id": fresh_id()}
        reply = alice.ask(ask.CreateGroup, name="crew", members=("bob", "x y"), **ids)
        assert (reply.code, reply.text) == ("unknown_users", "Users 'bob', 'x y' not found.")
        assert world.conversation(Kind.GROUP, "crew") is None
        reply = alice.ask(ask.CreateGroup, name="crew", members=("bob",), **ids)
        assert reply.text == "User 'bob' not found."

    def test_repeated_creation_is_harmless(self, world):
        alice, bob = people(world, "alice", "bob")
        request = {
            "name": "crew",
            "members": ("bob",),
            "conversation": fresh_id(),
            "message_id": fresh_id(),
        }
        first = alice.ask(ask.CreateGroup, **request)
        alice.lose()
        world_again = world.enter("alice")
        again = world_again.ask(ask.CreateGroup, **request)
        assert again.conversation.id == first.conversation.id
        assert again.members == first.members
        assert world.store.head(first.conversation.id) == 1
        assert len(bob.events(Added)) == 1

    def test_repeated_creation_does_not_bring_back_who_left(self, world):
        alice, bob = people(world, "alice", "bob")
        request = {
            "name": "crew",
            "members": ("bob",),
            "conversation": fresh_id(),
            "message_id": fresh_id(),
        }
        group = alice.ask(ask.CreateGroup, **request).conversation.id
        bob.append(group, kind=EntryKind.LEAVE)
        bob.received.clear()
        alice.ask(ask.CreateGroup, **request)
        assert bob.received == []
        assert bob.subscribe(group).code == "not_a_member"

    def test_open_group_finds_it_for_its_members(self, world):
        alice, bob, carol = people(world, "alice", "bob", "carol")
        group = alice.group("crew", "bob")
        assert bob.ask(ask.OpenGroup, name="CREW").conversation.id == group
        missing = bob.ask(ask.OpenGroup, name="none")
        assert (missing.code, missing.text) == ("no_group", "Group 'none' does not exist.")
        foreign = carol.ask(ask.OpenGroup, name="crew")
        assert (foreign.code, foreign.text) == (
            "not_a_member",
            "You are not a member of group crew.",
        )

    def test_operator_finds_it_to_delete_it(self, world):
        alice, carol = people(world, "alice", "carol")
        group = alice.group("crew")
        world.service.make_operator("carol")
        assert carol.ask(ask.OpenGroup, name="crew").conversation.id == group
        assert carol.subscribe(group).code == "not_a_member"
        assert isinstance(carol.append(group, b"", kind=EntryKind.DELETE), Appended)
        assert alice.events(EntryEvent)[-1].kind is EntryKind.DELETE


class TestLeavingAndDeleting:
    def test_who_leaves_hears_nothing_more_and_the_others_do(self, world):
        alice, bob, carol = people(world, "alice", "bob", "carol")
        group = alice.group("crew", "bob", "carol")
        bob.subscribe(group)
        carol.subscribe(group)
        left = bob.append(group, b"", kind=EntryKind.LEAVE)
        assert left.seq == 2
        for member in (alice, carol):
            assert member.events(EntryEvent)[-1].kind is EntryKind.LEAVE
            assert member.events(EntryEvent)[-1].author == "bob"
        bob.received.clear()
        alice.append(group)
        assert bob.received == []
        assert bob.append(group).code == "not_a_member"
        assert bob.subscribe(group).code == "not_a_member"

    @pytest.mark.parametrize("nick", ["bob", "carol"])
    def test_only_creator_or_operator_delete(self, world, nick):
        alice, *_ = people(world, "alice", "bob", "carol")
        group = alice.group("crew", "bob")
        client = world.service.connected.session(world.store.account_named(nick).id).outlet
        reply = client.append(group, b"", kind=EntryKind.DELETE)
        assert (reply.code, reply.text) == (
            "not_allowed",
            "Only its creator or an operator can delete a group.",
        )
        assert isinstance(alice.append(group, b"", kind=EntryKind.DELETE), Appended)

    def test_all_members_are_told_and_it_is_gone(self, world):
        alice, bob, carol = people(world, "alice", "bob", "carol")
        group = alice.group("crew", "bob", "carol")
        bob.subscribe(group)
        carol.lose()
        alice.append(group, b"", kind=EntryKind.DELETE)
        assert bob.events(EntryEvent)[-1].kind is EntryKind.DELETE
        for member in (alice, bob):
            assert member.ask(ask.OpenGroup, name="crew").code == "no_group"
            assert member.append(group).code == "no_conversation"
        carol = world.client("carol")
        (listed,) = carol.ask(ask.Login, nick="carol").conversations
        carol.subscribe(listed.id)
        assert [event.kind for event in carol.events(EntryEvent)] == ["commit", "delete"]

    def test_new_group_of_that_name_inherits_nothing(self, world):
        alice, bob, carol = people(world, "alice", "bob", "carol")
        old = alice.group("crew", "bob")
        bob.subscribe(old)
        alice.append(old, b"", kind=EntryKind.DELETE)
        bob.received.clear()
        new = carol.group("crew")
        carol.append(new, b"secret")
        assert new != old
        assert bob.received == []
        assert bob.ask(ask.OpenGroup, name="crew").code == "not_a_member"
        assert alice.ask(ask.OpenGroup, name="crew").code == "not_a_member"
        assert bob.subscribe(new).code == "not_a_member"

    def test_leaving_ends_every_session_of_the_account(self, world):
        # A leave is on its way to the disk when its author connects anew and is listed as member.
        alice, bob = people(world, "alice", "bob")
        group = alice.group("crew", "bob")
        world.journal.stepwise = True
        bob.say(ask.Append(id=1, conversation=group, message_id=fresh_id(), kind=EntryKind.LEAVE))
        bob.lose()
        bob = world.enter("bob")
        bob.subscribe(group)
        world.journal.write()
        world.journal.answer()
        bob.received.clear()
        world.journal.stepwise = False
        alice.append(group)
        assert bob.received == []
        assert group not in bob.session.places

    def test_conversation_of_two_is_neither_left_nor_deleted(self, world):
        alice, _ = people(world, "alice", "bob")
        conversation = alice.dm("bob")
        for kind in (EntryKind.LEAVE, EntryKind.DELETE):
            assert alice.append(conversation, b"", kind=kind).code == "not_allowed"


class TestConversationsOfTwo:
    def test_each_sees_the_other(self, world):
        alice, bob = people(world, "alice", "bob")
        opened = alice.ask(ask.OpenDm, nick="BOB")
        assert (opened.conversation.kind, opened.conversation.name) == (Kind.DM, "bob")
        (added,) = bob.events(Added)
        assert (added.conversation.id, added.conversation.name) == (opened.conversation.id, "alice")
        (own,) = alice.events(Added)
        assert own.conversation.name == "bob"

    def test_it_is_the_same_from_both_sides_and_told_once(self, world):
        alice, bob = people(world, "alice", "bob")
        conversation = alice.dm("bob")
        assert bob.dm("alice") == conversation
        assert alice.dm("bob") == conversation
        assert len(alice.events(Added)) == len(bob.events(Added)) == 1

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

    def test_absent_people_find_it_when_they_log_in(self, world):
        alice, bob = people(world, "alice", "bob")
        bob.lose()
        conversation = alice.dm("bob")
        reply = alice.append(conversation, b"later")
        assert (reply.recipient.nick, reply.recipient.connected) == ("bob", False)
        bob = world.client("bob")
        (listed,) = bob.ask(ask.Login, nick="bob").conversations
        assert (listed.id, listed.kind, listed.name) == (conversation, Kind.DM, "alice")
        bob.subscribe(conversation)
        assert bob.payloads() == [b"later"]

    def test_whoever_took_its_id_does_not_get_it(self, world):
        # Ids of groups are chosen by clients, and that of two people can be computed.
        alice, bob, mallory = people(world, "alice", "bob", "mallory")
        conversation = alice.dm("bob")
        ids = {"conversation": conversation, "message_id": fresh_id()}
        assert mallory.ask(ask.CreateGroup, name="trap", members=(), **ids).code == "group_exists"
        assert mallory.subscribe(conversation).code == "not_a_member"
        assert isinstance(alice.append(conversation), Appended)
        bob.subscribe(conversation)
        assert bob.payloads() == [b"text"]

    def test_group_under_its_id_is_not_mistaken_for_it(self, world):
        alice, bob, mallory = people(world, "alice", "bob", "mallory")
        pair = (alice.session.account.id, bob.session.account.id)
        ids = {"conversation": dm_id(*pair), "message_id": fresh_id()}
        mallory.ask(ask.CreateGroup, name="trap", members=(), **ids)
        assert alice.ask(ask.OpenDm, nick="bob").code == "no_conversation"
        assert alice.session.places == bob.session.places == {}


class TestDoNotDisturb:
    def test_message_is_refused_and_not_stored(self, world):
        alice, bob = people(world, "alice", "bob")
        conversation = alice.dm("bob")
        bob.ask(ask.SetStatus, status=Status.DND)
        reply = alice.append(conversation)
        assert (reply.code, reply.text) == (
            "do_not_disturb",
            "bob is in 'Do Not Disturb' mode and will not receive messages.",
        )
        assert world.store.head(conversation) == 0

    def test_it_holds_while_they_are_away_and_ends_when_they_say_so(self, world):
        alice, bob = people(world, "alice", "bob")
        conversation = alice.dm("bob")
        bob.ask(ask.SetStatus, status=Status.DND)
        bob.lose()
        assert alice.append(conversation).code == "do_not_disturb"
        world.enter("bob").ask(ask.SetStatus, status=Status.NORMAL)
        assert isinstance(alice.append(conversation), Appended)

    def test_own_status_does_not_keep_one_from_writing(self, world):
        alice, _ = people(world, "alice", "bob")
        conversation = alice.dm("bob")
        alice.ask(ask.SetStatus, status=Status.DND)
        assert isinstance(alice.append(conversation), Appended)

    def test_what_was_stored_before_is_repeated_not_refused(self, world):
        alice, bob = people(world, "alice", "bob")
        conversation = alice.dm("bob")
        message_id = fresh_id()
        first = alice.append(conversation, message_id=message_id)
        bob.ask(ask.SetStatus, status=Status.DND)
        assert alice.append(conversation, message_id=message_id).seq == first.seq

    def test_groups_and_rooms_go_on(self, world):
        alice, bob = people(world, "alice", "bob")
        group = alice.group("crew", "bob")
        bob.subscribe(group)
        bob.ask(ask.SetStatus, status=Status.DND)
        assert isinstance(alice.append(group, b"all"), Appended)
        assert bob.payloads() == [b"", b"all"]


class TestAppending:
    def test_repeated_message_is_answered_alike_and_delivered_once(self, world):
        alice, bob = people(world, "alice", "bob")
        room = alice.room()
        bob.room()
        message_id = fresh_id()
        first = alice.append(room, message_id=message_id)
        again = alice.append(room, message_id=message_id)
        assert (first.seq, first.time) == (again.seq, again.time)
        assert bob.entries(room) == [1]

    def test_repeated_leave_is_answered_alike(self, world):
        alice, bob = people(world, "alice", "bob")
        group = alice.group("crew", "bob")
        message_id = fresh_id()
        first = bob.append(group, b"", kind=EntryKind.LEAVE, message_id=message_id)
        alice.append(group)
        bob.lose()
        bob = world.enter("bob")
        again = bob.append(group, b"", kind=EntryKind.LEAVE, message_id=message_id)
        assert again.seq == first.seq == 2
        assert group not in bob.session.places

    def test_repeated_leave_is_answered_alike_when_the_group_is_gone(self, world):
        alice, bob = people(world, "alice", "bob")
        group = alice.group("crew", "bob")
        message_id = fresh_id()
        first = bob.append(group, b"", kind=EntryKind.LEAVE, message_id=message_id)
        alice.append(group, b"", kind=EntryKind.DELETE)
        again = bob.append(group, b"", kind=EntryKind.LEAVE, message_id=message_id)
        assert again.seq == first.seq

    def test_repeated_delete_is_answered_alike(self, world):
        (alice,) = people(world, "alice")
        group = alice.group("crew")
        message_id = fresh_id()
        first = alice.append(group, b"", kind=EntryKind.DELETE, message_id=message_id)
        again = alice.append(group, b"", kind=EntryKind.DELETE, message_id=message_id)
        alice.lose()
        later = world.enter("alice").append(
            group, b"", kind=EntryKind.DELETE, message_id=message_id
        )
        assert first.seq == again.seq == later.seq == 2

    def test_payload_has_a_bound(self, world):
        (alice,) = people(world, "alice")
        room = alice.room()
        largest = bytes(limits.PAYLOAD_SIZE)
        assert isinstance(alice.append(room, largest), Appended)
        reply = alice.append(room, largest + b"!")
        assert reply.code == "too_large"
        assert str(limits.PAYLOAD_SIZE) in reply.text
        assert isinstance(alice.append(room), Appended)

    def test_clients_do_not_commit(self, world):
        (alice,) = people(world, "alice")
        group = alice.group("crew")
        assert alice.append(group, kind=EntryKind.COMMIT).code == "bad_request"
        assert world.store.head(group) == 1

    def test_unknown_conversation(self, world):
        (alice,) = people(world, "alice")
        assert alice.append(fresh_id()).code == "no_conversation"
        assert alice.subscribe(fresh_id()).code == "not_a_member"

    def test_full_disk_is_told_and_nothing_is_delivered(self, world):
        alice, bob = people(world, "alice", "bob")
        room = alice.room()
        bob.room()
        bob.received.clear()
        world.journal.failing = True
        assert alice.append(room).code == "storage_failed"
        world.journal.failing = False
        assert bob.received == []
        assert alice.append(room).seq == 1
        assert bob.entries(room) == [1]

    def test_appends_that_wait_for_the_disk_are_counted(self, world):
        (alice,) = people(world, "alice")
        room = alice.room()
        world.journal.stepwise = True
        for number in range(4):
            alice.say(ask.Append(id=number, conversation=room, message_id=fresh_id()))
        assert alice.session.in_flight == 4
        for left in (3, 2, 1, 0):
            world.journal.failing = left == 0
            world.journal.write()
            world.journal.answer()
            assert alice.session.in_flight == left
        assert [type(alice.replies(number)[0]) for number in range(4)] == 3 * [Appended] + [Error]

    def test_author_who_is_gone_is_delivered_all_the_same(self, world):
        alice, bob = people(world, "alice", "bob")
        room = alice.room()
        bob.room()
        world.journal.stepwise = True
        alice.say(ask.Append(id=1, conversation=room, message_id=fresh_id(), payload=2), b"hi")
        world.journal.write()
        alice.lose()
        world.journal.answer()
        assert bob.payloads() == [b"hi"]


class TestSubscribing:
    def test_reply_says_where_it_begins_and_where_the_log_ends(self, world):
        (alice,) = people(world, "alice")
        room = alice.room(after=None)
        for _ in range(3):
            alice.append(room)
        reply = alice.subscribe(room, 1)
        assert reply == Subscribed(id=reply.id, after=1, head=3)

    def test_cursor_beyond_the_end_is_the_end(self, world):
        (alice,) = people(world, "alice")
        room = alice.room()
        assert alice.subscribe(room, 99).after == 0

    def test_login_lists_everything_with_its_bounds(self, world):
        alice, bob = people(world, "alice", "bob")
        room = alice.room()
        alice.append(room)
        bob.room()
        bob.append(room)
        bob.lose()
        bob = world.client("bob")
        reply = bob.ask(ask.Login, nick="bob")
        assert isinstance(reply, LoggedIn)
        (listed,) = reply.conversations
        assert (listed.id, listed.name, listed.since, listed.head) == (room, "lobby", 1, 2)
