import os

import gevent
import pytest

from geventim.app.ending import Ending
from geventim.app.note import Note
from geventim.client import answers
from geventim.client.answers import Done, Found, Refused
from geventim.client.events import Connected, Error, Message, Notice, Reconnecting
from geventim.client.wishes import (
    BadWishError,
    ChangeSetting,
    Join,
    MarkRead,
    People,
    Say,
    Settings,
)
from geventim.errors import UserError
from geventim.lines.line_mode import LineMode
from geventim.terminal import typist as module
from geventim.terminal.echo import Echo
from geventim.terminal.typist import Typist
from tests.app.users import Screen
from tests.greenlets import until
from tests.terminal.screen.play import conversation


class Session:
    """Takes wishes; while ``busy``, only later."""

    def __init__(self):
        self.granted = []
        self.busy = gevent.event.Event()
        self.busy.set()
        self.left = False
        self.rejected = []

    def reject(self, error):
        self.rejected.append(error)

    def grant(self, wish):
        self.busy.wait()
        self.granted.append(wish)

    def end_input(self):
        self.left = True


@pytest.fixture
def session():
    return Session()


@pytest.fixture
def screen():
    return Screen()


@pytest.fixture
def held():
    return module.HELD


@pytest.fixture
def typist(session, screen, held):
    reading, writing = os.pipe()
    made = Typist(screen, Echo(reading), LineMode("alice", "lobby"), held=held)
    attending = gevent.spawn(made.attend, session)
    yield made
    attending.kill()
    os.close(reading)
    os.close(writing)


def show(typist, *items):
    """Have these told."""
    typist.show([Note(item) for item in items])


def test_where_one_was_is_asked_for_first(typist, session, screen):
    typist.resume()
    typist.type("hello")
    until(lambda: session.granted)
    (settings,) = session.granted
    assert isinstance(settings, Settings)
    show(typist, Done(settings.id, answers.Settings((), "#den", receipts=True, pictures=True)))
    until(lambda: len(session.granted) == 2)
    found = Found((conversation("den"),), deleted=False, known=False)
    show(typist, Done(session.granted[1].id, found))
    until(lambda: len(session.granted) == 4)
    kept = {type(wish): wish for wish in session.granted}
    assert (kept[ChangeSetting].name, kept[ChangeSetting].value) == ("place", "#den")
    assert (kept[Say].to, kept[Say].text) == ("#den", "hello")


def test_lines_become_wishes_and_wishes_stay_what_they_are(typist, session):
    typist.type("hello")
    typist.wish(People(id=7))
    (said, asked) = session.granted
    assert isinstance(said, Say)
    assert (said.to, said.text) == ("#lobby", "hello")
    assert asked == People(id=7)


def test_it_waits_for_a_session_that_is_busy(typist, session):
    session.busy.clear()
    typing = gevent.spawn(typist.type, "hello")
    gevent.sleep(0)
    assert not typing.ready()
    session.busy.set()
    typing.get()


@pytest.mark.parametrize("held", [2])
def test_it_waits_while_too_many_lines_wait_for_one(typist, session, screen):
    typist.type("@join den")
    typist.type("one")
    typing = gevent.spawn(typist.type, "two")
    gevent.sleep(0)
    assert not typing.ready()
    (join,) = session.granted
    assert isinstance(join, Join)
    show(typist, Refused.by(UserError("no_room", "No."), join.id))
    typing.get()
    until(lambda: len(session.granted) == 3)
    assert screen.events == [Error("no_room", "No.")]


def test_what_is_told_is_shown_as_it_looks_from_there(typist, screen):
    show(typist, Connected("alice", "here", "lobby"), Notice("Hm."))
    typist.show([])
    assert [type(event) for event in screen.events] == [Connected, Notice]
    typist.remark("first contact")
    assert screen.remarks == ["first contact"]


def test_what_is_no_wish_is_answered_by_the_session(typist, session, screen):
    bad = BadWishError(3, "bad_wish")
    typist.refuse(bad)
    typist.reject(UserError("not_text", "No text."))
    assert session.rejected == [bad]
    assert [event.code for event in screen.of(Error)] == ["not_text"]
    assert typist.ending(Ending(0, refused=1)).refused == 2


def test_numbers_stay_with_what_they_were_given_to(typist, screen):
    typist.show([Note(Notice("Hm."), "run-1", "mine"), Note(Notice("Oh."), "run-2", "line 7")])
    assert [(note.n, note.request) for note in screen.notes] == [("run-1", "mine"), ("run-2", None)]


def test_lines_that_the_session_never_heard_of_were_not_delivered(typist):
    show(typist, Reconnecting(1.0))
    typist.type("@join den")
    typist.type("one")
    how = typist.ending(Ending(0, undelivered=1))
    assert (how.undelivered, how.exit_code) == (2, 3)


def test_the_end_of_the_input_is_the_wish_to_leave(typist, session):
    typist.end_input()
    assert session.left


def test_a_browser_is_led_here_by_who_can(typist):
    led = []
    typist.browse = lambda: led.append(True)
    typist.type("@web")
    until(lambda: led)
    typist.type("hello")
    gevent.sleep(0)
    assert led == [True]


@pytest.mark.parametrize("reads", [True, False])
def test_what_somebody_sees_is_read(session, screen, reads):
    typist = Typist(screen, Echo(0), LineMode("alice", "lobby"), reads=reads)
    attending = gevent.spawn(typist.attend, session)
    fields = {"conversation_id": "ab", "order": 7}
    show(typist, Message("lobby", "room", "bob", "hi", 0.0, 1, **fields))
    typist.wish(People(id=1))
    marked = [wish for wish in session.granted if isinstance(wish, MarkRead)]
    assert [(wish.conversation, wish.order) for wish in marked] == [("ab", 7)] * reads
    attending.kill()
