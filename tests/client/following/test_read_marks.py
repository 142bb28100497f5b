"""Who tells whom how far they have read, and what that costs nobody."""

import pytest

from geventim.chat.requests import Append, Commit
from geventim.chat.values import Kind, Status
from geventim.client import wishes
from geventim.client.conversation import posting
from geventim.client.events import Away, Message, Reacted, Read
from geventim.client.following.read_marks import PAUSE
from geventim.client.kept.readers import MOST
from geventim.client.measures import USUAL


@pytest.fixture
def wish(world):
    """Wishes for something, and gives what comes of it."""
    count = 0

    def grant(person, kind, **fields):
        nonlocal count
        count += 1
        person.wish(kind(id=count, **fields))
        world.advance(0.5)
        return person.answers()[count]

    return grant


def test_who_wrote_learns_that_it_was_read(wish, alice, bob):
    said = wish(alice, wishes.Say, to="@bob", text="hello")
    assert alice.seen(Read) == []
    wish(bob, wishes.MarkRead, conversation="@alice")
    (read,) = alice.seen(Read)
    assert (read.nick, read.conversation, read.seq) == ("bob", "bob", said.seq)
    assert (read.message_id, read.account) == (
        said.message_id,
        bob.agent.context.user.account.hex(),
    )
    assert bob.seen(Read) == []
    members = wish(alice, wishes.Members, conversation="@bob").members
    assert {each.nick: each.read for each in members} == {"alice": 0, "bob": said.seq}


def test_it_is_told_after_a_restart_too(wish, world, alice, bob):
    said = wish(alice, wishes.Say, to="@bob", text="hello")
    bob.drop()
    wish(bob, wishes.MarkRead, conversation="@alice")
    assert alice.seen(Read) == []
    bob.start()
    world.advance()
    assert [read.seq for read in alice.seen(Read)] == [said.seq]
    alice.start()
    world.advance()
    members = wish(alice, wishes.Members, conversation="@bob").members
    assert max(each.read for each in members) == said.seq


def test_what_is_read_in_a_short_while_is_told_together(wish, world, alice, bob):
    for number in range(8):
        wish(alice, wishes.Say, to="@bob", text=str(number))
        wish(bob, wishes.MarkRead, conversation="@alice")
    world.advance(PAUSE)
    assert len(alice.seen(Read)) == 1 + 8 * 2 * 0.5 // PAUSE + 1
    assert alice.seen(Read)[-1].seq == bob.seen(Message)[-1].seq


def test_nothing_is_told_twice_or_of_what_oneself_wrote(wish, world, alice, bob):
    wish(alice, wishes.Say, to="@bob", text="hello")
    wish(bob, wishes.Say, to="@alice", text="hi")
    world.advance(PAUSE)
    for _ in range(3):
        wish(bob, wishes.MarkRead, conversation="@alice")
        world.advance(PAUSE)
    assert len(alice.seen(Read)) == 1


def test_who_does_not_want_that_tells_nobody(wish, world, alice, bob):
    assert wish(bob, wishes.ChangeSetting, name="receipts", value=False).receipts is False
    wish(alice, wishes.Say, to="@bob", text="hello")
    wish(bob, wishes.MarkRead, conversation="@alice")
    world.advance(PAUSE)
    assert alice.seen(Read) == []
    wish(bob, wishes.ChangeSetting, name="receipts", value=True)
    world.advance(PAUSE)
    wish(bob, wishes.MarkRead, conversation="@alice")
    assert len(alice.seen(Read)) == 1


def test_nobody_is_told_in_a_room(wish, world, alice, bob):
    wish(alice, wishes.Say, to="lobby", text="hello")
    wish(bob, wishes.MarkRead, conversation="lobby")
    world.advance(PAUSE)
    assert alice.seen(Read) == []
    assert len(bob.requests(Append)) == 0


def test_nobody_is_told_in_a_large_group(wish, world, alice, bob):
    world.measure(readers=2)
    world.enter("carol")
    wish(alice, wishes.CreateGroup, name="team", members=("bob", "carol"))
    wish(alice, wishes.Say, to="#team", text="hello")
    wish(bob, wishes.MarkRead, conversation="#team")
    world.advance(PAUSE)
    assert alice.seen(Read) == []
    assert MOST > 2


def test_a_receipt_is_not_unread_and_renews_nothing(wish, world, alice, bob):
    wish(alice, wishes.Say, to="@bob", text="hello")
    pair = bob.conversation(Kind.DM, "alice")
    before = pair.record.since, alice.conversation(Kind.DM, "bob").bookmark.unread
    wish(bob, wishes.MarkRead, conversation="@alice")
    assert len(alice.seen(Read)) == 1
    after = pair.record.since, alice.conversation(Kind.DM, "bob").bookmark.unread
    assert before == after


def test_no_keys_are_renewed_for_one(wish, world, alice, bob):
    said = wish(alice, wishes.Say, to="@bob", text="hello")
    pair, commits = bob.conversation(Kind.DM, "alice"), len(bob.requests(Commit))
    pair.record.renewed, pair.record.since = 0.0, USUAL.renewal_count
    wish(bob, wishes.MarkRead, conversation="@alice")
    wish(bob, wishes.React, message_id=said.message_id, reaction="+1")
    world.advance(60)
    assert (len(alice.seen(Read)), len(alice.seen(Reacted))) == (1, 1)
    assert len(bob.requests(Commit)) == commits
    wish(bob, wishes.Say, to="@alice", text="hi")
    assert len(bob.requests(Commit)) == commits + 1


def test_one_that_would_need_a_commit_waits_for_another_reason(wish, world, alice, bob):
    wish(alice, wishes.Say, to="@bob", text="hello")
    pair, commits = bob.conversation(Kind.DM, "alice"), len(bob.requests(Commit))
    pair.record.unsure = True
    wish(bob, wishes.MarkRead, conversation="@alice")
    world.advance(60)
    assert alice.seen(Read) == []
    assert len(bob.requests(Commit)) == commits
    assert bob.agent.context.conversations.undelivered == 0
    wish(bob, wishes.Say, to="@alice", text="hi")
    world.advance(PAUSE)
    assert len(alice.seen(Read)) == 1


def test_none_uses_up_what_messages_may_be_sealed_with(wish, world, alice, bob):
    wish(alice, wishes.Say, to="@bob", text="hello")
    pair = bob.conversation(Kind.DM, "alice")
    sealed = pair.group.generation
    limit = USUAL.renewal_count - sealed
    for _ in range(limit + 5):
        wish(alice, wishes.Say, to="@bob", text="more")
        wish(bob, wishes.MarkRead, conversation="@alice")
        world.advance(PAUSE)
        if alice.conversation(Kind.DM, "bob").record.since == 0:
            break  # alice has renewed her keys: it is another epoch
    assert pair.group.generation <= USUAL.renewal_count


def test_nobody_has_read_what_is_still_to_come(wish, world, alice, bob):
    wish(alice, wishes.Say, to="@bob", text="hello")
    bob.conversation(Kind.DM, "alice").bookmark.see(10**9)
    wish(bob, wishes.MarkRead, conversation="@alice")
    world.advance(PAUSE)
    (read,) = alice.seen(Read)
    assert read.seq < 100
    said = wish(alice, wishes.Say, to="@bob", text="later")
    assert said.seq > read.seq - 1
    members = wish(alice, wishes.Members, conversation="@bob").members
    assert max(each.read for each in members) <= said.seq


@pytest.mark.parametrize("is_queued", [False, True])
def test_who_has_another_key_than_before_is_told_nothing(wish, world, alice, bob, is_queued):
    """Neither what was read, nor why one is away, before the user has said that it is them."""
    wish(alice, wishes.Say, to="@bob", text="hello")
    wish(alice, wishes.SetStatus, status=Status.AWAY, text="for friends only")
    trust = alice.agent.context.user.trust
    if is_queued:
        conversation = alice.conversation(Kind.DM, "bob")
        posting.tell_away(conversation)
        posting.tell_read(conversation)
    trust._forget("bob")
    trust.see("bob", b"o" * 32)
    wish(bob, wishes.Say, to="@alice", text="are you there?")
    wish(alice, wishes.MarkRead, conversation="@bob")
    world.advance(3 * PAUSE)
    assert alice.texts() == ["are you there?"]
    assert bob.seen(Read) == bob.seen(Away) == []
    # Nor is it tried again and again.
    record = alice.conversation(Kind.DM, "bob").record
    queued = record.parcels
    world.advance(9 * PAUSE)
    assert record.parcels == queued
    wish(alice, wishes.Trust, nick="bob")
    world.advance(3 * PAUSE)
    assert [each.text for each in bob.seen(Away)] == ["for friends only"]
    assert len(bob.seen(Read)) == 1
