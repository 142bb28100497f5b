import random

import pytest

from geventim.client.events import Message, Notice, Secret
from geventim.client.operations import recall
from tests.client.world import World


def world(*nicks):
    made = World(5)
    return made, made.enter(*nicks)


def told(person):
    """What was told again since the last call."""
    found = [message for message in person.seen(Message) if message.history]
    person.events.clear()
    return [(message.conversation, message.nick, message.message) for message in found]


def test_history_is_what_was_said_by_all():
    made, (alice, bob) = world("alice", "bob")
    alice.say("one")
    made.run()
    bob.say("two", "@alice three")
    made.advance()
    alice.say("@bob four")
    made.advance()
    alice.say("@history")
    made.run()
    everything = [
        ("lobby", "alice", "one"),
        ("lobby", "bob", "two"),
        ("bob", "bob", "three"),
        ("bob", "alice", "four"),
    ]
    assert told(alice) == everything
    alice.say("@history 2")
    made.run()
    assert told(alice) == everything[2:]
    alice.say("@history @Bob")
    made.run()
    assert told(alice) == everything[2:]
    alice.say("@history 1 lobby")
    made.run()
    assert told(alice) == [everything[1]]


def test_history_outlives_the_process_and_is_told_in_the_beginning():
    made, (alice, bob) = world("alice", "bob")
    bob.say("one", "two", "three")
    made.run()
    alice.start()
    alice.agent.recall(2)
    made.run()
    assert [message.message for message in alice.seen(Message) if message.history] == [
        "two",
        "three",
    ]


def test_what_was_told_before_and_what_is_new_are_told_apart():
    made, (alice, bob) = world("alice", "bob")
    bob.say("one")
    made.run()
    alice.drop()
    bob.say("two")
    made.run()
    alice.start()
    alice.agent.recall(5)
    made.run()
    told_apart = [
        getattr(event, "message", None) or event.text
        for event in alice.events
        if isinstance(event, Message | Notice)
    ]
    assert told_apart[told_apart.index("What follows is new.") - 1 :] == [
        "one",
        "What follows is new.",
        "two",
    ]


def test_without_a_history_there_is_nothing_to_tell_apart():
    _, (alice, _) = world("alice", "bob")
    alice.news()
    alice.agent.recall(5)
    assert alice.news() == []


def test_a_message_that_is_read_twice_is_kept_once():
    made, (alice, bob) = world("alice", "bob")
    bob.say("once")
    alice.dies = "kept"
    made.run()
    assert alice.deaths == 1
    alice.connect()
    made.advance()
    alice.say("@history")
    made.run()
    assert told(alice) == [("lobby", "bob", "once")]


def test_search_finds_what_has_all_words():
    made, (alice, bob) = world("alice", "bob")
    bob.say("the cat sat", "the dog sat", "a cat ran")
    made.run()
    alice.say("@search CAT sat")
    made.run()
    assert told(alice) == [("lobby", "bob", "the cat sat")]
    alice.say("@search bob cat")
    made.run()
    assert [text for _, _, text in told(alice)] == ["the cat sat", "a cat ran"]
    alice.say("@search mouse", "@search", "@history 5 nowhere", "@history a b c")
    made.run()
    assert alice.errors() == ["usage", "usage"]
    assert told(alice) == []


def test_secrets_are_not_kept():
    made, (alice, bob) = world("alice", "bob")
    alice.say("@verify bob", "@verify bob ok")
    bob.say("@secret alice opensesame the treasure")
    made.advance()
    alice.say("@open 1 opensesame")
    made.run()
    assert alice.seen(Secret)[0].verified
    (message,) = alice.seen(Message)
    assert (message.message, message.verified) == ("the treasure", True)
    assert alice.agent.context.user.history.last(10) == []
    assert bob.agent.context.user.history.last(10) == []


def test_an_answer_is_bounded():
    made, (alice,) = world("alice")
    for number in range(recall.MOST + 5):
        alice.agent.context.user.history.add(
            b"L" * 16,
            "lobby",
            kind="room",
            nick="bob",
            text=f"word {number}",
            date=1.0,
            seq=number,
        )
    for line, count in (
        ("@history 99999999999999999999", recall.MOST),
        ("@history", recall.USUAL),
        ("@search word", recall.FOUND),
        ("@history 0", 0),
    ):
        alice.say(line)
        made.run()
        assert len(told(alice)) == count


@pytest.mark.parametrize("seed", range(4))
def test_history_is_whole_whenever_the_program_dies(seed):
    made = World(seed)
    alice, bob = made.enter("alice", "bob")
    dice = random.Random(seed)
    said = []
    for number in range(25):
        author = dice.choice([alice, bob])
        if author.is_connected:
            author.say(f"message {number}")
            said.append(f"message {number}")
            for _ in range(dice.randrange(8)):
                made.step()
        if dice.random() < 0.4:
            alice.dies = dice.choice(["shown", "kept", "sent"])
        if not alice.is_connected:
            alice.connect()
    alice.dies = "none"
    made.run()
    if not alice.is_connected:
        alice.connect()
    made.advance(60)
    assert alice.deaths > 2
    kept = [told.utterance.text for told in alice.agent.context.user.history.last(100)]
    other = [told.utterance.text for told in bob.agent.context.user.history.last(100)]
    assert kept == other
    assert len(set(kept)) == len(kept)
    assert set(bob.texts()) <= set(kept) <= set(said)
