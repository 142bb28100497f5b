"""Lines in their order, and what is typed while a key is asked for goes to nobody by mistake."""

import pytest

from geventim.client import answers, wishes
from geventim.client.answers import Done
from geventim.client.events import Error, Message, Names
from geventim.errors import UserError
from geventim.lines.line_mode import LineMode


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
    assert asked.lines.hides_input
    assert asked.undelivered == 1
    world.run()
    assert not asked.lines.hides_input
    assert asked.undelivered == 0


def test_nothing_waits_for_the_connection(world, asked):
    asked.drop()
    asked.say("sesame")
    asked.work()
    assert secrets(asked) == ["meet at ten"]
    assert not asked.lines.hides_input


def test_a_line_that_cannot_be_read_asks_again(world, alice, asked):
    asked.reject(UserError("not_text", "That line is not text."))
    asked.say("sesame")
    world.run()
    assert codes(asked) == ["not_text"]
    assert secrets(asked) == ["meet at ten"]
    assert alice.texts() == []


def test_one_that_comes_while_a_key_is_tried_has_its_turn_after_it(world, asked):
    asked.say("sesame")
    asked.reject(UserError("not_text", "That line is not text."))
    assert codes(asked) == []
    world.run()
    assert secrets(asked) == ["meet at ten"]
    assert codes(asked) == ["not_text"]


def test_who_leaves_while_a_key_is_tried_leaves_after_it(world, asked):
    asked.say("sesame")
    asked.leave()
    world.run()
    assert secrets(asked) == ["meet at ten"]
    assert asked.agent.ended is not None


def test_lines_wait_for_what_decides_where_they_go(world, alice, bob):
    alice.say("@create room den", "hello")
    assert alice.lines.held == 1
    world.run()
    assert alice.lines.held == 0
    assert bob.texts("lobby") == []


def test_texts_do_not_wait_for_each_other(world, alice, bob):
    alice.drop()
    alice.say("one", "@status away", "#lobby two", "@bob three")
    assert alice.lines.held == 0
    assert alice.agent.undelivered == 4


def test_what_is_wrong_with_a_line_is_told_in_its_turn_or_at_once_if_that_may_take_long(
    world, alice, bob
):
    alice.say("one", "@open x")
    assert alice.errors() == []
    alice.drop()
    assert alice.errors() == ["usage"]
    alice.say("@open y")
    assert alice.errors() == ["usage", "usage"]


def test_nothing_is_taken_after_the_wish_to_leave(world, alice, bob):
    alice.leave()
    alice.say("too late")
    world.run()
    assert bob.texts() == []


def test_who_leaves_does_so_when_every_line_is_over(world, alice):
    alice.say("@dance")
    alice.leave()
    world.run()
    assert "User 'dance' not found." in alice.notices()
    assert alice.agent.ended is not None
    assert alice.refused == 1


def test_answers_to_others_are_theirs(world, alice):
    alice.wish(wishes.People(id="mine"))
    alice.say("@names")
    world.run()
    assert list(alice.answers()) == ["mine"]
    assert len(alice.seen(Names)) == 1


def test_lines_wait_for_the_one_before_them_also_through_a_break(world, alice, bob):
    alice.say("@create room den")
    world.run()
    alice.drop()
    alice.say("@join lobby", "hello")
    alice.connect()
    world.advance()
    assert bob.texts("lobby") == ["hello"]


@pytest.mark.parametrize(
    ("lines", "leaves"), [(["hello"], True), (["hello", "@names"], False), ([], True)]
)
def test_what_is_said_to_others_keeps_nobody_from_leaving(lines, leaves):
    """The client has it, and knows whether to wait until the server has it too."""
    here = LineMode("alice", "lobby")
    wished = [wish for text in lines for wish in here.type(text).wishes]
    assert len(wished) == len(lines)
    assert here.type("@quit").leaves is leaves
    if not leaves:
        answer = Done(wished[-1].id, answers.Names(("alice",)))
        assert here.take(answer).leaves


def test_what_was_told_is_read_up_to_the_last_of_each_conversation(world, alice, bob):
    bob.say("one", "two")
    bob.say("@alice three")
    world.advance()
    alice.say("my own")
    world.advance()
    wanted = alice.lines.read().wishes
    orders = {wish.conversation: wish.order for wish in wanted}
    assert orders == {
        message.conversation_id: message.order
        for message in alice.seen(Message)
        if message.nick == "bob"
    }
    assert all(alice.lines.owns(wish.id) for wish in wanted)
    assert alice.lines.read().wishes == ()
