import random

import pytest

from geventim.chat.values import Kind
from geventim.client.events import Error, Message, Notice, Secret, Sent
from geventim.client.history.pages import PAGE_LINES, page_name
from geventim.client.history.reading import Query
from geventim.client.operations.reading import recall
from geventim.client.steps.procedure import Procedure
from geventim.lines.commands import history
from tests.client.world import World
from tests.client.written import last


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


def test_a_message_has_one_id_and_one_conversation_for_everybody_then_and_later():
    made, (alice, bob) = world("alice", "bob")
    alice.say("one", "@bob two")
    made.advance()
    sent, heard = alice.seen(Sent), bob.seen(Message)
    ids = [(each.conversation_id, each.message_id) for each in sent]
    assert ids == [(each.conversation_id, each.message_id) for each in heard]
    room, dm = alice.room().hex, alice.conversation(Kind.DM, "bob").hex
    assert [place for place, _ in ids] == [room, dm]
    for person in (alice, bob):
        person.start()
        made.advance()
        person.events.clear()
        person.say("@history")
        made.run()
        again = person.seen(Message)
        assert [(each.conversation_id, each.message_id) for each in again] == ids
        assert [each.order for each in again] == [1, 2]
    assert [each.order for each in heard] == [1, 2]


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
    assert last(alice.agent.context.user.history, 10) == []
    assert last(bob.agent.context.user.history, 10) == []


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
        ("@history", history.USUAL),
        ("@search word", 50),
        ("@history 0", 0),
    ):
        alice.say(line)
        made.run()
        assert len(told(alice)) == count


def fill(person, count):
    """Have so many messages in the history of a room, of which the last page is held."""
    history, room = person.agent.context.user.history, person.room()
    for number in range(count):
        history.add(
            room.id, "lobby", kind="room", nick="bob", text=f"word {number}", date=1.0, seq=number
        )
    person.tick()
    return room.id


def play(person, operation):
    """Carry out an operation that reads, as it is done for one; its result."""
    user, ended = person.agent.context.user, []

    def whole():
        ended.append((yield from operation))

    Procedure(user.ways, whole(), lambda error: error and ended.append(error)).begin()
    while person.work():
        pass
    person.tick()
    (result,) = ended
    return result


def test_a_timeline_is_before_after_or_around_something():
    _, (alice,) = world("alice")
    place = fill(alice, 500)

    def orders(limit, **bounds):
        told, _ = play(alice, recall.timeline(alice.agent.context.user, limit, **bounds))
        return [each.utterance.order for each in told]

    assert orders(3) == [498, 499, 500]
    assert orders(3, before=100) == [97, 98, 99]
    assert orders(3, before=3) == [1, 2]
    assert orders(3, after=100) == [101, 102, 103]
    assert orders(3, after=498) == [499, 500]
    assert orders(5, around=100) == [98, 99, 100, 101, 102]
    assert orders(1, around=100) == [100]
    assert orders(4, around=1) == [1, 2]
    assert orders(9_999)[0] == 1
    assert orders(3, places=frozenset({place}), before=3) == [1, 2]
    assert orders(3, places=frozenset({b"T" * 16})) == []


def test_a_timeline_is_bounded():
    _, (alice,) = world("alice")
    fill(alice, 3 * recall.MOST)
    for bounds in ({}, {"after": 0}, {"around": 2 * recall.MOST}):
        told, _ = play(alice, recall.timeline(alice.agent.context.user, 10**9, **bounds))
        assert len(told) == recall.MOST


def test_what_is_searched_comes_newest_first_as_it_is_found_until_it_is_cancelled():
    _, (alice,) = world("alice")
    fill(alice, 5_000)
    reading = alice.agent.context.user.history.read_backwards(Query(words=("word",)), 10_000)
    pieces = []

    def take(found):
        pieces.append([each.utterance.order for each in found])
        if len(pieces) == 3:
            reading.cancel()

    play(alice, recall.read(alice.agent.context.user, reading, take))
    together = [order for piece in pieces for order in piece]
    assert len(pieces) == 3
    assert together == list(range(5_000, 5_000 - len(together), -1))
    assert 100 < len(together) < 5_000


def test_a_page_that_is_damaged_is_told_of_and_the_rest_is_shown():
    made, (alice,) = world("alice")
    place = fill(alice, 3 * PAGE_LINES)
    alice.kept[page_name(place, PAGE_LINES + 1)] = b"damaged"
    for line, count in (("@history 1000", 2 * PAGE_LINES), ("@search 2", 24)):
        alice.say(line)
        made.run()
        (error,) = alice.seen(Error)
        assert (error.code, error.count) == ("damaged", 1)
        assert "1 page of the history cannot be read" in error.text
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
    kept = [told.utterance.text for told in last(alice.agent.context.user.history, 100)]
    other = [told.utterance.text for told in last(bob.agent.context.user.history, 100)]
    assert kept == other
    assert len(set(kept)) == len(kept)
    assert set(bob.texts()) <= set(kept) <= set(said)
