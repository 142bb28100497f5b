"""Who is a member of what, and who is told when that changes."""

import pytest

from geventim.chat import requests as ask
from geventim.chat.replies import Added, EntryEvent, LoggedIn, Subscribed
from geventim.chat.values import EntryKind
from geventim.service.bounds import Bounds
from tests.service.doubles import fresh_id


def people(world, *nicks):
    return [world.enter(nick) for nick in nicks]


def log_in(world, nick):
    """A new client, and what it is told about its conversations."""
    client = world.client(nick)
    reply = client.ask(ask.Login, nick=nick)
    assert isinstance(reply, LoggedIn)
    return client, reply.conversations


class TestLogin:
    def test_lists_everything_with_its_bounds(self, world):
        alice, bob = people(world, "alice", "bob")
        room = alice.room()
        alice.append(room)
        bob.room()
        bob.append(room)
        bob.lose()
        _, (listed,) = log_in(world, "bob")
        assert (listed.id, listed.name) == (room, "lobby")
        assert (listed.member, listed.since, listed.head, listed.members) == (True, 2, 4, 2)
        assert listed.incarnation == world.store.conversation(room).incarnation

    def test_lists_what_one_was_put_out_of_up_to_that(self, world):
        alice, bob = people(world, "alice", "bob")
        group = alice.group("crew", "bob")
        bob.lose()
        alice.change(group, remove=["bob"])
        alice.append(group)
        bob, (listed,) = log_in(world, "bob")
        assert (listed.id, listed.member, listed.head) == (group, False, 2)
        assert bob.subscribe(group).head == 2
        assert bob.entries(group) == [1, 2]

    def test_does_not_list_what_one_has_left(self, world):
        alice, bob = people(world, "alice", "bob")
        group = alice.group("crew", "bob")
        bob.leave(group)
        bob.lose()
        assert log_in(world, "bob")[1] == ()

    def test_lists_deleted_groups_once_more(self, world):
        alice, bob = people(world, "alice", "bob")
        group = alice.group("crew", "bob")
        bob.lose()
        alice.delete(group)
        bob, (listed,) = log_in(world, "bob")
        assert not listed.member
        bob.subscribe(group)
        assert [event.kind for event in bob.events(EntryEvent)] == ["commit", "delete"]


class TestAdding:
    def test_those_who_are_added_are_told_before_the_entry_comes(self, world):
        alice, bob, carol = people(world, "alice", "bob", "carol")
        group = alice.group("crew", "bob")
        (added,) = bob.events(Added)
        info = added.conversation
        assert (info.id, info.name, info.member) == (group, "crew", True)
        assert (info.since, info.head, info.members) == (0, 1, 2)
        assert info.incarnation == world.store.conversation(group).incarnation
        assert alice.events(Added) == carol.events(Added) == []
        assert bob.entries(group) == []
        bob.subscribe(group)
        assert bob.entries(group) == [1]

    def test_who_joins_a_room_is_not_told(self, world):
        alice, bob = people(world, "alice", "bob")
        alice.room()
        bob.room()
        assert alice.events(Added) == bob.events(Added) == []

    def test_newer_session_of_who_joins_is_told(self, world):
        (alice,) = people(world, "alice")
        room = alice.open().id
        alice.turn(room)
        world.journal.stepwise = True
        request = ask.Commit(
            id=1,
            conversation=room,
            message_id=fresh_id(),
            head=0,
            payload=1,
            message=0,
            added=(alice.session.account.id,),
        )
        alice.say(request, b"i")
        newer = world.client("alice")
        world.journal.commit = world.store.commit  # which the login does not wait for
        newer.ask(ask.Login, nick="alice")
        world.journal.write()
        world.journal.answer()
        assert [event.conversation.id for event in newer.events(Added)] == [room]
        assert newer.subscribe(room).after == 0

    def test_member_who_is_added_again_goes_on(self, world):
        alice, bob = people(world, "alice", "bob")
        group = alice.group("crew", "bob")
        bob.subscribe(group)
        bob.received.clear()
        alice.change(group, ["bob"], ["bob"])
        alice.append(group)
        assert bob.events(Added) == []
        assert bob.entries(group) == [2, 3]

    def test_who_was_removed_and_is_added_gets_what_follows(self, world):
        alice, bob = people(world, "alice", "bob")
        group = alice.group("crew", "bob")
        bob.subscribe(group)
        alice.change(group, remove=["bob"])
        alice.append(group, b"secret")
        bob.received.clear()
        alice.change(group, ["bob"])
        (added,) = bob.events(Added)
        assert (added.conversation.since, added.conversation.head) == (3, 4)
        bob.subscribe(group, 2)
        alice.append(group, b"public")
        assert bob.payloads() == [b"commit", b"public"]


class TestLeaving:
    def test_who_leaves_hears_nothing_more_and_the_others_do(self, world):
        alice, bob, carol = people(world, "alice", "bob", "carol")
        group = alice.group("crew", "bob", "carol")
        bob.subscribe(group)
        carol.subscribe(group)
        assert bob.leave(group).seq == 2
        for member in (alice, carol):
            event = member.events(EntryEvent)[-1]
            assert (event.kind, event.author) == (EntryKind.LEAVE, "bob")
        bob.received.clear()
        alice.append(group)
        assert bob.received == []
        assert bob.append(group).code == "not_a_member"
        assert bob.subscribe(group).code == "not_a_member"

    def test_leaving_ends_every_session_of_the_account(self, world):
        # A leave is on its way to the disk when its author connects anew and is listed as member.
        alice, bob = people(world, "alice", "bob")
        group = alice.group("crew", "bob")
        world.journal.stepwise = True
        bob.post(group, b"", kind=EntryKind.LEAVE)
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

    def test_who_comes_back_gets_nothing_of_the_time_between(self, world):
        alice, bob = people(world, "alice", "bob")
        room = alice.room()
        bob.room()
        bob.leave(room)
        alice.append(room, b"secret")
        bob.received.clear()
        assert bob.room() == room
        alice.append(room, b"public")
        assert bob.entries(room) == [2, 3, 5, 6]
        assert b"secret" not in bob.payloads()


@pytest.mark.parametrize("bounds", [Bounds(listed=4)])
def test_a_login_lists_a_page_and_the_rest_is_asked_for(world):
    alice, bob = world.enter("alice"), world.enter("bob")
    groups = [alice.group(f"group{number}", "bob") for number in range(10)]
    bob.lose()
    bob = world.client("bob")
    page = bob.ask(ask.Login, nick="bob")
    listed = [info.id for info in page.conversations]
    assert bob.subscribe(groups[9], 1).code == "not_a_member"
    while page.more:
        assert len(page.conversations) == 4
        page = bob.ask(ask.ListConversations, after=listed[-1])
        listed += [info.id for info in page.conversations]
    assert listed == groups
    assert isinstance(bob.subscribe(groups[9], 1), Subscribed)
    assert bob.ask(ask.ListConversations, after=groups[9]).conversations == ()


@pytest.mark.parametrize("bounds", [Bounds(listed=1)])
def test_who_is_added_between_two_pages_is_told_or_finds_it_listed(world):
    alice, bob = world.enter("alice"), world.enter("bob")
    groups = [alice.group(f"group{number}", "bob") for number in range(3)]
    bob.lose()
    bob = world.client("bob")
    bob.ask(ask.Login, nick="bob")
    alice.change(groups[2], remove=["bob"])
    late = alice.group("late", "bob")
    (added,) = bob.events(Added)
    assert added.conversation.id == late
    page = bob.ask(ask.ListConversations, after=groups[1])
    assert [(info.id, info.member) for info in page.conversations] == [(groups[2], False)]
