import pytest

from geventim.chat.replies import Dismissed, Superseded
from geventim.client.answers import Done, Refused, Result
from geventim.client.events import Error, Notice, Speaker
from geventim.client.outcomes import farewell, outcome, pause, waiting
from geventim.client.steps.effects import RefusedError
from geventim.client.steps.outbox import Task
from geventim.client.wishes import People
from geventim.errors import UserError

NO = UserError("no", "No.", "Do this.")


def over(wish=None, result=None):
    task = Task(iter(()), wish=wish)
    task.result = result
    return task


def test_a_wish_is_answered_whatever_came_of_it():
    wish = People(id=3)
    assert outcome(over(wish, Result()), None) == [Done(3, Result())]
    assert outcome(over(wish), NO) == [Refused.by(NO, 3)]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (None, []),
        (NO, [Error("no", "No. Do this.")]),
        (RefusedError("no", "No."), [Notice("No.", "no")]),
        (
            RefusedError("no", "No.", hint="Try that."),
            [Notice("No.", "no"), Notice("Try that.", speaker=Speaker.CLIENT)],
        ),
    ],
)
def test_of_a_line_only_its_failure_is_told(error, told):
    assert outcome(over(), error) == told


def test_who_waits_is_told_how_long_and_for_what():
    assert "a pause of 3 seconds" in pause(2.1).text
    assert waiting(1).text.startswith("1 line waits for")
    assert waiting(3).text.startswith("3 lines wait for")


def test_the_server_says_why_it_ends_what_somebody_does():
    gone = farewell("alice", Dismissed(code="banned", text="You are banned.", advice="Ask."))
    assert (gone.code, str(gone)) == ("banned", "You are banned. Ask.")
    assert farewell("alice", Superseded()).code == "superseded"
