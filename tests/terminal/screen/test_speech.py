from geventim.client import answers, events, wishes
from geventim.client.sealing.content import Format
from geventim.terminal.screen.conversation.items import Delivery, Quoted
from tests.terminal.screen.play import Play, identify


def send(play, text):
    play.type(text)
    play.press("enter")


def test_a_text_goes_where_one_is_by_its_id(play):
    send(play, "hello")
    (wish,) = play.said()
    assert (wish.to, wish.text) == (identify("lobby"), "hello")
    assert play.input == ""
    assert play.scene().view.lines[-1].delivery is Delivery.QUEUED


def test_it_goes_there_also_when_one_is_elsewhere_by_then(play):
    send(play, "hello")
    play.press("meta 1")
    (wish,) = play.said()
    play.done(wish, answers.Said(identify("m"), 4))
    play.press("meta 2")
    assert play.scene().view.lines[-1].delivery is Delivery.SENT


def test_a_pasted_block_means_what_it_says(play):
    play.model.paste("def f():\n    return *x*")
    play.press("enter")
    (wish,) = play.said()
    assert wish.format is Format.PLAIN
    assert "│     return *x* (queued)" in "".join(play.lines())
    play.orders.clear()
    play.model.paste("look:\n```\nx\n```")
    play.press("enter")
    assert play.said()[0].format is Format.TEXT


def test_what_it_answers_is_seen_at_once(play):
    message_id = play.hear("is it?")
    play.press("up", "r")
    send(play, "yes")
    assert play.scene().view.lines[-1].quoted == Quoted("bo", "is it?", message_id)


def test_each_conversation_has_its_draft(play):
    play.type("for lobby")
    play.press("meta 1")
    assert play.input == ""
    play.type("for lab")
    play.press("enter")
    assert [(wish.to, wish.text) for wish in play.said()] == [(identify("lab"), "for lab")]
    play.press("meta 2")
    assert play.input == "for lobby"


def test_what_is_refused_comes_back_with_the_reason(play):
    send(play, "too much")
    play.refused(play.said()[0], "That is too large.")
    assert play.input == "too much"
    assert play.scene().input.hint == "That is too large."
    assert play.texts() == []
    play.press("x")
    assert play.scene().input.hint == ""


def test_what_is_refused_while_one_types_stays_where_it_is(play):
    send(play, "first")
    play.type("second")
    play.refused(play.said()[0], "No.")
    assert play.input == "second"
    (said,) = (line for line in play.scene().view.lines if getattr(line, "text", "") == "first")
    assert (said.delivery, said.reason) == (Delivery.REFUSED, "No.")


def test_a_command_does_something(play):
    send(play, "/names")
    assert [type(wish) for wish in play.wanted()] == [wishes.People]
    assert play.input == ""


def test_several_lines_are_one_message(play):
    send(play, "one\n  two\n\n@bo three")
    assert play.said()[0].text == "one\n  two\n\n@bo three"


def test_nothing_is_not_sent(play):
    send(play, " \n ")
    play.press("enter")
    assert play.said() == []


def test_nothing_is_sent_where_there_is_no_room():
    play = Play()
    send(play, "hello")
    assert play.orders == []
    assert play.input == ""


def test_what_is_refused_without_a_connection_is_still_the_users(play):
    play.tell(events.Reconnecting(5.0))
    send(play, "hello")
    assert play.scene().view.lines[-1].delivery is Delivery.QUEUED
