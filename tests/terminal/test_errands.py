"""What an errand shows; that it is done is in ``tests/e2e/test_errands.py``."""

import pytest

from geventim.app.note import Note
from geventim.client.answers import Done, Result
from geventim.client.events import Announcement, Message
from geventim.client.sealing.content import ContentKind
from geventim.terminal.errands import Answers, Watch, read_text


class View:
    def __init__(self):
        self.shown = []

    def show(self, notes):
        self.shown += notes

    def remark(self, text):
        pass


def said(kind, conversation, conversation_id="ab"):
    return Note(Message(conversation, kind, "bob", "hi", 0.0, 1, conversation_id=conversation_id))


ROOM = said(ContentKind.ROOM, "Lab")
PRIVATE = said(ContentKind.PRIVATE, "lab", "cd")
NOTES = [ROOM, PRIVATE, Note(Announcement("hear")), Note(Done(1, Result()))]


@pytest.mark.parametrize(
    ("to", "shown"),
    [
        ("#lab", [ROOM]),
        ("@lab", [PRIVATE]),
        ("LAB", [ROOM, PRIVATE]),
        ("ab", [ROOM]),
        ("cd", [PRIVATE]),
        ("#den", []),
    ],
)
def test_one_conversation_is_watched(to, shown):
    view = View()
    Watch(view, to).show(NOTES)
    assert view.shown == shown


def test_who_asks_is_told_answers_alone():
    view = View()
    Answers(view).show(NOTES)
    assert view.shown == NOTES[3:]


def test_a_text_that_is_given_is_sent():
    assert read_text("hello") == "hello"
