"""The key of a secret is asked for, and whatever is typed meanwhile goes to nobody by mistake."""

import pytest

from geventim.client.events import Error, Message, Notice
from geventim.lines.prompt import KeyPrompt
from geventim.client.sealing import secret
from geventim.errors import MisuseError, UserError


@pytest.fixture(autouse=True)
def cheap_keys(monkeypatch):
    """Stretching a key is meant to take its time."""
    monkeypatch.setattr(secret, "COST", 2)


@pytest.fixture
def asked(world, alice, bob):
    """Bob, who is asked for the key of a secret from alice."""
    alice.say("@secret bob sesame meet at ten")
    world.run()
    bob.say("@open 1")
    bob.news()
    return bob


def codes(person):
    return [event.code for event in person.seen(Error)]


def secrets(person):
    return [event.message for event in person.seen(Message)]


def test_a_wrong_key_leaves_the_question_open(world, alice, asked):
    asked.say("poppy")
    world.run()
    error, question = asked.news()
    assert (error.code, error.text) == ("wrong_key", "That key does not open secret #1.")
    assert question.text == "Enter the key of secret #1; an empty line cancels."
    asked.say("sesame", "hello")
    world.run()
    assert secrets(asked) == ["meet at ten"]
    assert alice.texts() == ["hello"]


def test_what_is_typed_while_a_wrong_key_is_tried_is_the_next_key(world, alice, asked):
    asked.say("poppy", "tulip", "sesame", "hello")
    world.run()
    assert codes(asked) == ["wrong_key", "wrong_key"]
    assert secrets(asked) == ["meet at ten"]
    assert alice.texts() == ["hello"]


def test_what_is_typed_while_a_key_is_tried_counts_as_on_its_way(world, asked):
    asked.say("sesame", "hello")
    assert asked.agent.asks_for_key
    assert asked.agent.undelivered == 1
    world.run()
    assert not asked.agent.asks_for_key
    assert asked.agent.undelivered == 0


def test_nothing_waits_for_the_connection(world, asked):
    asked.drop()
    asked.say("sesame")
    asked.work()
    assert secrets(asked) == ["meet at ten"]
    assert not asked.agent.asks_for_key


def test_a_line_that_cannot_be_read_asks_again(world, alice, asked):
    asked.agent.reject(UserError("not_text", "That line is not text."))
    asked.say("sesame")
    world.run()
    assert codes(asked) == ["not_text"]
    assert secrets(asked) == ["meet at ten"]
    assert alice.texts() == []


def test_one_that_comes_while_a_key_is_tried_has_its_turn_after_it(world, asked):
    asked.say("sesame")
    asked.agent.reject(UserError("not_text", "That line is not text."))
    assert codes(asked) == []
    world.run()
    assert secrets(asked) == ["meet at ten"]
    assert codes(asked) == ["not_text"]


def test_who_leaves_while_a_key_is_tried_leaves_after_it(world, asked):
    asked.say("sesame")
    asked.agent.leave()
    world.run()
    assert secrets(asked) == ["meet at ten"]
    assert asked.agent.ended is not None


def test_an_agent_that_fails_leaves_the_question_and_the_key_to_the_next(world, alice, asked):
    asked.say("sesame", "hello")
    orders = [order.again for order in asked.agent.bequeath().orders]
    asked.start()
    world.run()
    asked.news()
    for order in orders:
        order(asked.agent)
    world.run()
    (first, *_) = asked.news()
    assert isinstance(first, Notice)
    assert secrets(asked) == ["meet at ten"]
    assert alice.texts() == ["hello"]


def test_nobody_is_asked_twice_at_a_time(asked):
    prompt: KeyPrompt = asked.agent._prompt
    with pytest.raises(MisuseError):
        prompt.ask(2)
