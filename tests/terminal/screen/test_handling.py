import pytest

from geventim.client import answers, wishes
from geventim.terminal.screen.orders import Copy
from tests.terminal.screen.play import identify


def select(play, text="hello", **fields):
    message_id = play.hear(text, **fields)
    play.press("up")
    return message_id


def test_a_message_is_answered(play):
    message_id = select(play)
    play.press("r")
    assert play.scene().input.goes_to == "to bo in #lobby"
    play.type("/me too")
    play.press("enter")
    (wish,) = play.said()
    assert (wish.text, wish.reply_to, wish.to) == ("/me too", message_id, identify("lobby"))
    assert play.scene().input.goes_to == "#lobby"


def test_one_can_do_without_answering(play):
    select(play)
    play.press("enter", "esc")
    play.type("hello")
    play.press("enter")
    assert play.said()[0].reply_to == ""


def test_an_answer_that_is_refused_is_one_still(play):
    message_id = select(play)
    play.press("r")
    play.type("x")
    play.press("enter")
    play.refused(play.said()[0], "No.")
    assert play.scene().input.goes_to == "to bo in #lobby"
    play.orders.clear()
    play.press("enter")
    assert play.said()[0].reply_to == message_id


def test_ones_own_is_edited(play):
    message_id = select(play, "helo", nick="ana")
    play.press("e")
    assert play.input == "helo"
    assert play.scene().input.goes_to == "edit in #lobby"
    play.press("left")
    play.type("l")
    play.press("enter")
    (wish,) = play.of(wishes.Edit)
    assert (wish.message_id, wish.text) == (message_id, "hello")
    assert play.said() == []
    play.refused(wish, "Too late.")
    assert play.input == "hello"
    assert play.scene().input.hint == "Too late."


def test_an_edit_is_given_up(play):
    select(play, "helo", nick="ana")
    play.press("e", "esc")
    assert (play.input, play.scene().input.goes_to) == ("", "#lobby")
    play.press("enter")
    assert play.of(wishes.Edit) == play.said() == []


def test_an_edit_keeps_what_was_typed_before(play):
    play.type("a draft")
    play.press("ctrl f")
    play.hear("helo", nick="ana")
    play.type("helo")
    play.press("enter", "e", "esc", "meta p")
    assert play.input == "a draft"


def test_what_others_said_is_not_edited(play):
    select(play)
    play.press("e")
    assert play.input == ""
    assert "your own" in play.scene().input.hint


def test_deleting_is_asked_about(play):
    message_id = select(play, nick="ana")
    play.press("d", "n", "enter")
    assert play.of(wishes.DeleteMessage) == []
    play.press("up", "d", "y", "enter")
    (wish,) = play.of(wishes.DeleteMessage)
    assert wish.message_id == message_id
    play.refused(wish, "That is not yours.")
    assert play.scene().input.hint == "That is not yours."


def test_one_reacts(play):
    message_id = select(play)
    play.press("+")
    play.type(":thumbsup:")
    play.press("enter")
    (wish,) = play.of(wishes.React)
    assert (wish.message_id, wish.reaction) == (message_id, "thumbsup")
    play.done(wish, answers.Result())
    play.press("up", "+", "esc")
    assert len(play.of(wishes.React)) == 1


def test_it_is_copied_or_quoted(play):
    select(play, "one\ntwo")
    play.press("c")
    assert [order.text for order in play.of(Copy)] == ["one\ntwo"]
    play.press("up", "q")
    assert play.input == "> one\n> two\n"


@pytest.mark.parametrize("key", ["r", "e", "d", "+"])
def test_what_the_server_does_not_have_is_left_alone(play, key):
    play.type("x")
    play.press("enter")
    play.orders.clear()
    play.press("up", key)
    assert play.scene().overlay is None
    assert play.scene().input.goes_to == "#lobby"
    assert "not sent yet" in play.scene().input.hint
