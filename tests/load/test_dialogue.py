import pytest

from geventim.chat.replies import Error, Ok, Turn
from geventim.chat.requests import ListNames
from geventim.client.steps.effects import Compute, Labour, RefusedError, ask, fetch, wait
from geventim.errors import MisuseError, PeerError
from geventim.load.dialogue import Dialogue

REFUSAL = Error(id=0, code="busy", text="Not now.")


def two_questions():
    first = yield from ask(Ok, ListNames(id=1))
    second, payload = yield from fetch(Ok, ListNames(id=2), b"payload")
    return first.id, second.id, payload


def test_one_thing_is_asked_after_the_other():
    dialogue = Dialogue(two_questions())
    assert (dialogue.wanted.request.id, dialogue.wanted.payload) == (1, b"")
    dialogue.answer(Ok(id=10))
    assert (dialogue.wanted.request.id, dialogue.wanted.payload) == (2, b"payload")
    dialogue.answer(Ok(id=11), b"answer")
    assert dialogue.wanted is None
    assert dialogue.result == (10, 11, b"answer")


def test_a_refusal_is_raised_where_it_was_asked():
    dialogue = Dialogue(two_questions())
    with pytest.raises(RefusedError, match=r"Not now\."):
        dialogue.answer(REFUSAL)


def test_steps_may_deal_with_a_refusal():
    def steps():
        try:
            yield from ask(Ok, ListNames(id=1))
        except RefusedError as refused:
            return refused.code

    dialogue = Dialogue(steps())
    dialogue.answer(REFUSAL)
    assert dialogue.result == "busy"


def test_a_reply_to_something_else_is_the_servers_fault():
    dialogue = Dialogue(two_questions())
    with pytest.raises(PeerError):
        dialogue.answer(Turn(id=1, head=0))
    assert dialogue.wanted.request.id == 1


def test_there_is_no_result_before_the_end_and_no_answer_after_it():
    dialogue = Dialogue(two_questions())
    with pytest.raises(MisuseError):
        _ = dialogue.result
    for number in range(2):
        dialogue.answer(Ok(id=number))
    with pytest.raises(MisuseError):
        dialogue.answer(Ok(id=3))


def test_steps_that_do_something_else_than_ask_are_refused():
    def computing():
        yield Compute(Labour.SEALING, bool)

    for steps in (computing(), wait(lambda: False)):
        with pytest.raises(MisuseError):
            Dialogue(steps)
