"""What comes of every wish; the same wishes as lines are in tests of their operations."""

from typing import get_args

import pytest

from geventim.chat.values import Kind, Status
from geventim.client import answers, wishes
from geventim.client.events import Message, Sent
from geventim.client.operations.granting import GRANTS
from geventim.client.people.trust import Standing


@pytest.fixture
def wish(world):
    """Wishes for something, and gives what comes of it."""
    count = 0

    def grant(person, kind, **fields):
        nonlocal count
        count += 1
        person.wish(kind(id=count, **fields))
        world.advance()
        return person.answers()[count]

    return grant


def test_every_wish_can_be_granted():
    assert {*GRANTS, *get_args(wishes.OfHub)} == set(get_args(wishes.AnyWish))


def test_saying_something_gives_the_entry_that_it_is(wish, alice, bob):
    said = wish(alice, wishes.Say, to="lobby", text="two\nlines")
    (sent,) = alice.seen(Sent)
    assert said == answers.Said(sent.message_id, sent.seq)
    assert bob.texts() == ["two\nlines"]


def test_saying_something_to_a_person_begins_a_conversation(wish, alice, bob):
    wish(alice, wishes.Say, to="@bob", text="hello")
    wish(alice, wishes.Say, to="bob", text="again")
    assert bob.texts("alice") == ["hello", "again"]


@pytest.mark.parametrize("text", ["@quit", "/names", "#lobby x", "  ", "@bob secret"])
def test_a_text_is_never_a_command(wish, alice, bob, text):
    wish(alice, wishes.Say, to="lobby", text=text)
    assert bob.texts() == [text]


def test_a_wish_changes_nothing_about_where_lines_go(wish, world, alice, bob):
    place = wish(alice, wishes.CreateRoom, name="lab")
    wish(bob, wishes.Join, name="lab")
    alice.say("hello")
    world.advance()
    assert bob.texts("lobby") == ["hello"]
    assert (place.name, place.kind, place.keyed) == ("lab", Kind.ROOM, False)


def test_a_keyed_room_and_its_keys(wish, alice, bob):
    assert wish(alice, wishes.CreateRoom, name="lab", key="one long key of it").keyed
    assert wish(bob, wishes.Join, name="lab", key="another").code == "wrong_key"
    assert wish(bob, wishes.Join, name="lab", key="one long key of it").keyed
    new = wish(alice, wishes.NewKey, conversation="lab")
    assert isinstance(new, answers.RoomKey)
    assert len(new.key.replace(" ", "")) > 20
    assert wish(alice, wishes.NewKey, conversation="lobby").code == "not_keyed"


def test_groups_from_beginning_to_end(wish, alice, bob):
    team = wish(alice, wishes.CreateGroup, name="team", members=("bob",))
    assert (team.name, team.kind) == ("team", Kind.GROUP)
    listed = wish(bob, wishes.Conversations).conversations
    assert [(each.name, each.kind) for each in listed] == [
        ("lobby", Kind.ROOM),
        ("team", Kind.GROUP),
    ]
    assert listed[1].id == team.id
    assert wish(bob, wishes.Delete, conversation="team").code == "not_allowed"
    assert wish(alice, wishes.Delete, conversation=team.id).name == "team"
    assert wish(alice, wishes.Say, to="team", text="anybody?").code == "unknown_name"


@pytest.mark.parametrize("kind", ["room", "group"])
def test_leaving(wish, alice, bob, kind):
    if kind == "room":
        place = wish(alice, wishes.CreateRoom, name="lab")
    else:
        place = wish(alice, wishes.CreateGroup, name="lab", members=("bob",))
    assert wish(alice, wishes.Leave, conversation="lab").id == place.id
    names = [each.name for each in wish(alice, wishes.Conversations).conversations]
    assert place.name not in names


def test_two_people_do_not_leave_each_other(wish, alice, bob):
    dm = wish(alice, wishes.OpenDm, nick="bob")
    assert (dm.name, dm.kind) == ("bob", Kind.DM)
    assert wish(alice, wishes.Leave, conversation=dm.id).code == "not_allowed"
    assert wish(alice, wishes.Delete, conversation=dm.id).code == "not_allowed"


def test_who_is_in_a_conversation(wish, alice, bob):
    members = wish(alice, wishes.Members, conversation="lobby").members
    assert {each.nick: each.standing for each in members} == {
        "alice": Standing.VERIFIED,
        "bob": Standing.UNVERIFIED,
    }
    account = wish(alice, wishes.Whois, nick="bob").account
    assert account in {each.account for each in members}


def test_what_is_in_order_is_not_joined_anew(wish, alice):
    assert wish(alice, wishes.Rejoin, conversation="lobby").code == "in_order"


def test_a_secret_is_sent_and_opened(wish, alice, bob):
    assert isinstance(wish(alice, wishes.Secret, nick="bob", key="key", text="hush"), answers.Said)
    assert wish(bob, wishes.OpenSecret, number=1, key="other").code == "wrong_key"
    opened = wish(bob, wishes.OpenSecret, number=1, key="key")
    assert (opened.nick, opened.message) == ("alice", "hush")
    assert bob.seen(Message) == [], "it is for who asked"


def test_people_and_what_is_known_of_them(wish, alice, bob):
    assert wish(alice, wishes.People).names == ("alice", "bob")
    number = wish(alice, wishes.Verify, nick="bob")
    assert number.number == wish(bob, wishes.Verify, nick="alice").number
    assert number.standing is Standing.UNVERIFIED
    assert wish(alice, wishes.Confirm, nick="bob") == answers.Result()
    assert wish(alice, wishes.Whois, nick="bob").standing is Standing.VERIFIED
    assert wish(alice, wishes.Trust, nick="bob").code == "nothing_to_trust"
    assert wish(alice, wishes.Whois, nick="nobody").code == "user_not_found"


def test_who_is_ignored_is_not_heard(wish, alice, bob):
    wish(alice, wishes.Ignore, nick="bob")
    wish(bob, wishes.Say, to="lobby", text="hello?")
    wish(alice, wishes.Ignore, nick="bob", ignored=False)
    wish(bob, wishes.Say, to="lobby", text="hello!")
    assert alice.texts() == ["hello!"]


def test_the_status_is_told_and_changed(wish, alice, bob):
    assert wish(alice, wishes.SetStatus) == answers.OwnStatus(Status.NORMAL)
    assert wish(alice, wishes.SetStatus, status=Status.AWAY) == answers.OwnStatus(Status.AWAY)
    assert wish(alice, wishes.SetStatus) == answers.OwnStatus(Status.AWAY)


def test_people_are_let_into_a_group_and_put_out_of_it(wish, world, alice, bob):
    world.enter("carol")
    team = wish(alice, wishes.CreateGroup, name="team", members=("bob",))
    assert team.present == ("alice", "bob")
    assert wish(alice, wishes.Add, conversation=team.id, members=("carol",)) == answers.Result()
    there = wish(alice, wishes.Members, conversation=team.id)
    assert (there.conversation, [each.nick for each in there.members]) == (
        "team",
        ["alice", "bob", "carol"],
    )
    assert wish(alice, wishes.Remove, conversation="team", members=("bob",)) == answers.Result()
    assert wish(alice, wishes.Remove, conversation="team", members=("bob",)).code == "no_member"
    assert wish(alice, wishes.Add, conversation="lobby", members=("carol",)).code == "not_allowed"


def test_a_room_gets_a_key_that_nobody_has_thought_of(wish, alice):
    made = wish(alice, wishes.NewKey, conversation="vault", create=True)
    assert made.name == "vault"
    assert wish(alice, wishes.NewKey, conversation="vault").key != made.key
    assert wish(alice, wishes.NewKey, conversation="nowhere").code == "unknown_name"
    assert wish(alice, wishes.NewKey, conversation="vault", create=True).code == "name_taken"


def test_members_compare_the_same_code(wish, alice, bob):
    shown = wish(alice, wishes.RoomCode, conversation="lobby")
    assert shown == wish(bob, wishes.RoomCode, conversation="#lobby")
    assert (shown.conversation, shown.members, len(shown.code)) == ("lobby", 2, 30)


def test_what_was_written_is_read_again(wish, alice, bob):
    wish(bob, wishes.Say, to="lobby", text="one")
    wish(bob, wishes.Say, to="@alice", text="two")
    found = wish(alice, wishes.Timeline).messages
    assert [(each.conversation, each.message) for each in found] == [
        ("lobby", "one"),
        ("bob", "two"),
    ]
    assert wish(alice, wishes.Timeline, limit=1).messages == found[1:]
    assert wish(alice, wishes.Timeline, conversation="bob").messages == found[1:]
    assert wish(alice, wishes.Search, words="ONE").messages == found[:1]
    assert wish(alice, wishes.Search, words="three") == answers.Messages((), damaged=False)


def test_what_a_name_may_stand_for_is_said_at_once(wish, alice, bob):
    wish(alice, wishes.CreateGroup, name="team", members=("bob",))
    wish(alice, wishes.Delete, conversation="team")
    alice.drop()
    for number, name in enumerate(("LOBBY", "bob", "team", "@lobby", "nobody")):
        alice.wish(wishes.Find(id=f"find {number}", name=name))
    alice.wish(wishes.Contacts(id="contacts"), wishes.Secrets(id="secrets"))
    found = alice.answers()
    assert [each.name for each in found["find 0"].conversations] == ["lobby"]
    assert [
        (bool(each.conversations), each.deleted, each.known)
        for each in (found[f"find {number}"] for number in range(5))
    ] == [
        (True, False, False),
        (False, False, True),
        (False, True, False),
        (False, False, False),
        (False, False, False),
    ]
    assert "bob" in found["contacts"].nicks
    assert found["secrets"].numbers == ()


def test_secrets_are_listed_until_they_are_forgotten(wish, alice, bob):
    wish(alice, wishes.Secret, nick="bob", key="key", text="hush")
    assert wish(bob, wishes.Secrets).numbers == (1,)


def test_whom_one_ignores(wish, alice, bob):
    assert wish(alice, wishes.Ignore, nick="BOB").nicks == ("bob",)
    assert wish(alice, wishes.Ignored).nicks == ("bob",)
    assert wish(alice, wishes.Ignore, nick="bob", ignored=False).nicks == ("bob",)
    assert wish(alice, wishes.Ignored).nicks == ()


def test_everything_is_rejoined_or_one_by_any_of_its_names(wish, alice, bob):
    assert wish(alice, wishes.Rejoin, conversation="all").code == "in_order"
    for name in ("#lobby", "LOBBY", alice.room().id.hex()):
        assert wish(alice, wishes.Rejoin, conversation=name).code == "in_order", name
    assert wish(alice, wishes.Rejoin, conversation="@lobby").code == "no_conversation"
