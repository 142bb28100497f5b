from geventim.chat.replies import Dismissed, Superseded
from geventim.client.answers import Done, Refused, Result
from geventim.client.events import Notice
from geventim.client.outcomes import farewell, outcome, pause
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


def test_nobody_has_wished_for_the_last_one():
    assert outcome(over(), None) == []


def test_who_waits_is_told_how_long():
    assert pause(2.1) == Notice.own("busy", seconds=3)


def test_the_server_says_why_it_ends_what_somebody_does():
    gone = farewell("alice", Dismissed(code="banned", text="You are banned.", advice="Ask."))
    assert (gone.code, str(gone)) == ("banned", "You are banned. Ask.")
    assert farewell("alice", Superseded()).code == "superseded"
