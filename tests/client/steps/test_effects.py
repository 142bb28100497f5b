import pytest

from geventim.chat.replies import Appended, Ok
from geventim.chat.requests import Append, Quit
from geventim.client.steps.effects import (
    Ask,
    Compute,
    Labour,
    RefusedError,
    ask,
    compute,
    fetch,
    wait,
)
from geventim.errors import UserError


def test_no_repr_shows_what_is_sent_or_computed():
    append = Append(id=0, conversation=b"c" * 16, message_id=b"m" * 16, payload=4)
    assert "text" not in repr(Ask(append, Appended, b"text"))
    assert "lambda" not in repr(Compute(Labour.STRETCHING, lambda: b"sesame"))


def test_a_refusal_is_something_people_can_put_right():
    assert issubclass(RefusedError, UserError)


def end(steps, result):
    """What ``steps`` give when they are resumed with ``result``."""
    with pytest.raises(StopIteration) as stop:
        steps.send(result)
    return stop.value.value


def test_an_answer_comes_with_or_without_its_payload():
    steps = ask(Ok, Quit(id=0))
    assert next(steps) == Ask(Quit(id=0), Ok)
    assert end(steps, (Ok(id=1), b"x")) == Ok(id=1)
    steps = fetch(Ok, Quit(id=0))
    next(steps)
    assert end(steps, (Ok(id=1), b"x")) == (Ok(id=1), b"x")


def test_work_gives_its_result():
    steps = compute(Labour.SEALING, lambda: 3)
    assert next(steps).call() == 3
    assert end(steps, 3) == 3


def test_waiting_ends_when_it_is_over_and_not_before():
    answers = iter([False, False, True])
    steps = wait(lambda: next(answers))
    next(steps)
    steps.send(None)
    assert end(steps, None) is None
