"""A server that keeps back what it was told to deliver."""

from geventim.chat.replies import (
    Appended,
)
from geventim.chat.requests import Commit
from geventim.client.events import Sent
from tests.client.hostile import (
    altering,
    say,
)


def test_swallowed_replies(world, alice, bob):
    """A message whose receipt is kept back counts as not sent, and comes once in the end."""
    alice.tamper = altering(Appended, lambda reply, payload: [])
    say(world, alice, "one")
    assert not alice.seen(Sent)
    alice.drop()
    alice.connect()
    world.advance()
    assert [event.message for event in alice.seen(Sent)] == ["one"]
    say(world, alice, "two")
    assert bob.texts() == ["one", "two"]
    assert alice.errors() == bob.errors() == []


def test_messages_that_are_accepted_and_not_delivered(world, alice, bob):
    """The receipt was a lie: the readers miss it at the next message, by its author's count."""
    say(world, alice, "one")
    seq = alice.room().record.position.seq
    alice.say("two")
    alice.line.up.clear()
    number = alice.agent.context.user.ways.exchange._number
    alice.tell(Appended(id=number, seq=seq + 1, time=0))
    assert alice.seen(Sent)[-1].message == "two"
    say(world, alice, "three")
    assert bob.texts() == ["one", "three"]
    assert bob.errors() == ["other_history", "gap"]


def test_messages_that_are_accepted_in_anothers_place(world, alice, bob):
    """What is hidden by that is missed at its author's next message."""
    say(world, bob, "one")
    seq = alice.room().record.position.seq
    alice.say("two")
    alice.line.up.clear()
    alice.tell(Appended(id=alice.agent.context.user.ways.exchange._number, seq=seq + 1, time=0))
    say(world, bob, "hidden")
    say(world, bob, "three")
    assert alice.texts() == ["one", "three"]
    assert set(alice.errors()) == {"gap", "other_history"}


def test_commits_that_are_accepted_and_not_delivered(world, alice, bob):
    """Who is let in by nobody but the server finds that out, and joins once more."""
    carol = world.person("carol")
    carol.connect()
    while not carol.requests(Commit):
        world.step()
    carol.line.up.clear()
    seq = alice.room().record.position.seq + 1
    carol.tell(Appended(id=carol.agent.context.user.ways.exchange._number, seq=seq, time=0))
    assert carol.room().pending.seq == seq
    world.advance()
    assert len(carol.requests(Commit)) == 2
    say(world, alice, "hello carol")
    say(world, carol, "hello alice")
    assert (carol.texts(), alice.texts()) == (["hello carol"], ["hello alice"])
    assert alice.errors() == bob.errors() == carol.errors() == []
    world.check_agreement()
