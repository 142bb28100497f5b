"""Who is told why somebody is away."""

import json

import pytest

from geventim.chat.requests import Append
from geventim.chat.values import Kind, Status
from geventim.client import wishes
from geventim.client.answers import Refusal
from geventim.client.conversation import posting
from geventim.client.events import Away, Notice
from geventim.client.following.read_marks import PAUSE
from geventim.client.sealing.content import AWAY_SIZE


@pytest.fixture
def wish(world):
    """Wishes for something, and gives what comes of it once all have heard of it."""
    count = 0

    def grant(person, kind, **fields):
        nonlocal count
        count += 1
        person.wish(kind(id=count, **fields))
        world.advance(2 * PAUSE)
        return person.answers()[count]

    return grant


def leave(wish, person, text="back at five"):
    return wish(person, wishes.SetStatus, status=Status.AWAY, text=text)


def texts(person):
    return [told.text for told in person.seen(Away)]


def away_of(wish, person, place, nick):
    members = wish(person, wishes.Members, conversation=place).members
    return {each.nick: each.away for each in members}[nick]


def test_who_writes_is_told_once_and_that_one_is_back(wish, alice, bob):
    assert leave(wish, bob).text == "back at five"
    assert texts(alice) == []
    for _ in range(2):
        wish(alice, wishes.Say, to="@bob", text="are you there?")
    (told,) = alice.seen(Away)
    assert (told.nick, told.text, told.conversation) == ("bob", "back at five", "bob")
    assert told.account == bob.agent.context.user.account.hex()
    assert away_of(wish, alice, "@bob", "bob") == "back at five"
    assert alice.seen(Notice)[-1].text.endswith("may not respond. They say: back at five")
    assert wish(bob, wishes.SetStatus, status=Status.NORMAL).text == ""
    assert texts(alice)[:1] == ["back at five"]
    assert away_of(wish, alice, "@bob", "bob") == ""
    wish(alice, wishes.Say, to="@bob", text="hello")
    assert "back at five" not in texts(alice)[1:]


def test_another_text_is_told_again(wish, alice, bob):
    for text in ("lunch", "lunch", "meeting"):
        leave(wish, bob, text)
        wish(alice, wishes.Say, to="@bob", text="?")
    # The same is no news to her.
    assert texts(alice) == ["lunch", "meeting"]


def test_in_a_group_it_is_told_to_who_calls_and_in_a_room_to_nobody(wish, alice, bob):
    wish(alice, wishes.CreateGroup, name="team", members=("bob",))
    leave(wish, bob)
    for text in ("hello", "mail@bob.example"):
        wish(alice, wishes.Say, to="#team", text=text)
    wish(alice, wishes.Say, to="#lobby", text="@bob?")
    assert texts(alice) == []
    wish(alice, wishes.Say, to="#team", text="@bob?")
    assert [each.conversation for each in alice.seen(Away)] == ["team"]


def test_who_says_it_to_a_whole_room_is_not_heard(wish, world, alice, bob):
    leave(wish, bob)
    posting.tell_away(bob.room())
    bob.stir()
    world.advance()
    assert (alice.room().record.position.seq, texts(alice)) == (bob.room().record.position.seq, [])
    assert away_of(wish, alice, "#lobby", "bob") == ""


def test_it_is_told_after_a_restart_of_both(wish, world, alice, bob):
    leave(wish, bob)
    bob.drop()
    wish(alice, wishes.Say, to="@bob", text="hello")
    bob.start()
    world.advance(2 * PAUSE)
    assert texts(alice) == ["back at five"]
    alice.start()
    world.advance()
    assert away_of(wish, alice, "@bob", "bob") == "back at five"
    bob.drop()
    bob.start()
    world.advance(2 * PAUSE)
    wish(alice, wishes.Say, to="@bob", text="hello?")
    assert texts(alice) == ["back at five"]
    # Alice is not there when bob comes back.
    alice.drop()
    wish(bob, wishes.SetStatus, status=Status.NORMAL)
    alice.start()
    world.advance(2 * PAUSE)
    assert away_of(wish, alice, "@bob", "bob") == ""


def test_who_is_away_on_both_sides_does_not_talk_to_the_other_for_ever(wish, alice, bob):
    for person in (alice, bob):
        leave(wish, person)
    wish(alice, wishes.Say, to="@bob", text="hello")
    assert (texts(alice), texts(bob)) == (["back at five"], [])
    before = len(bob.asked)
    wish(alice, wishes.Settings)
    assert not [each for each, _ in bob.asked[before:] if isinstance(each, Append)]


def test_ignored_people_are_not_heard_and_get_nothing(wish, alice, bob):
    wish(alice, wishes.Say, to="@bob", text="hello")
    wish(alice, wishes.Ignore, nick="bob")
    leave(wish, bob)
    wish(alice, wishes.Say, to="@bob", text="hello")
    assert texts(alice) == []
    assert away_of(wish, alice, "@bob", "bob") == ""
    leave(wish, alice)
    wish(bob, wishes.Say, to="@alice", text="hello")
    assert texts(bob) == []


def test_only_who_is_away_says_why_and_on_one_line(wish, bob):
    refused = wish(bob, wishes.SetStatus, status=Status.DND, text="no")
    assert isinstance(refused, Refusal)
    assert refused.code == "not_away"
    assert leave(wish, bob, "a\nb\t c").text == "a b c"


def test_the_server_does_not_read_it_and_nobody_counts_it(wish, alice, bob):
    leave(wish, bob)
    wish(alice, wishes.Say, to="@bob", text="hello")
    assert texts(alice) == ["back at five"]
    sent = [(str(each), payload) for each, payload in bob.asked]
    assert not [each for each in sent if "back at" in each[0] or b"back at" in each[1]]
    listed = wish(alice, wishes.Conversations).conversations
    assert {each.name: each.unread for each in listed}["bob"] == 0
    pair = alice.conversation(Kind.DM, "bob")
    found = wish(alice, wishes.Timeline, conversation=pair.hex, limit=9).messages
    assert [each.message for each in found] == ["hello"]


@pytest.mark.parametrize("forged", ["x" * (AWAY_SIZE + 1), 7, ["a"]])
def test_what_it_cannot_be_is_not_shown(wish, alice, bob, monkeypatch, forged):
    leave(wish, bob)
    encode = json.dumps({"away": forged})[1:-1].encode()
    whole = posting.content.encode

    def forge(said):
        written = whole(said)
        if said.away is None:
            return written
        body = written[4:-1] if written.endswith(b"}") else written[4:]
        body = body.replace(b'"away":"back at five"', encode)
        return len(body + b"}").to_bytes(4, "big") + body + b"}"

    monkeypatch.setattr(posting.content, "encode", forge)
    wish(alice, wishes.Say, to="@bob", text="hello")
    assert texts(alice) == []
