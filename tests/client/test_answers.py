import pytest

from geventim.client import answers
from geventim.client.answers import Done, Refused, Result, to_object
from geventim.client.steps.effects import RefusedError
from geventim.errors import UserError


def test_what_is_done_comes_with_its_result():
    assert to_object(Done(1, Result())) == {"answer": 1, "done": {}}
    said = answers.Said("ab", 3)
    assert to_object(Done("x", said)) == {"answer": "x", "done": {"message_id": "ab", "seq": 3}}


@pytest.mark.parametrize(
    ("code", "retry"), [("busy", True), ("out_of_step", True), ("unknown_name", False)]
)
def test_a_refusal_says_whether_it_makes_sense_to_try_again(code, retry):
    answer = Refused.by(UserError(code, "No.", "Do this."), None)
    refused = {"code": code, "text": "No. Do this.", "retry": retry}
    assert to_object(answer) == {"answer": None, "refused": refused}


def test_nothing_that_was_written_is_shown():
    opened = answers.Opened("bob", "hush", 1.0, 3, False, "", "")
    key = answers.RoomKey("vault", "hush")
    assert "hush" not in repr(Done(1, opened)) + repr(opened) + repr(key)


def test_it_says_whose_decision_it_was():
    assert Refused.by(RefusedError("busy", "No."), 1).refused.by_server
    assert not Refused.by(UserError("busy", "No."), 1).refused.by_server
