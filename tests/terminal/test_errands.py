"""What an errand shows; that it is done is in ``tests/e2e/test_errands.py``."""

import gevent
import pytest

from geventim.app.ending import Ending
from geventim.app.note import Note
from geventim.chat.values import Kind
from geventim.client.answers import Done, Refusal, Refused, Result
from geventim.client.events import Announcement, Connected, ConversationChanged, Message
from geventim.client.people.trust import Standing
from geventim.client.sealing.content import ContentKind
from geventim.client.wishes import Members, Whois
from geventim.errors import UserError
from geventim.terminal.errands import LOOKING, Answers, Watch, read_text


class View:
    def __init__(self):
        self.shown = []

    def show(self, notes):
        self.shown += notes

    def remark(self, text):
        pass


class Asked:
    """Stands for a stay."""

    def __init__(self):
        self.wishes = []
        self.leaves = False

    def grant(self, wish):
        self.wishes.append(wish)

    def leave(self):
        self.leaves = True


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


GONE = ConversationChanged(
    "den", "ef", Kind.GROUP, False, "parted", 0, 0, 0, 0, Standing.VERIFIED, False, "", gone=True
)


@pytest.mark.parametrize(
    ("to", "wish"),
    [
        ("#den", Members(id=LOOKING, conversation="#den")),
        ("den", Members(id=LOOKING, conversation="den")),
        ("@bob", Whois(id=LOOKING, nick="bob")),
    ],
)
@pytest.mark.parametrize("event", [Connected("alice", "here", "lobby"), GONE])
def test_it_is_asked_whether_something_can_be_written_there(to, wish, event):
    watch = Watch(View(), to)
    watch.stay = Asked()
    watch.show(NOTES)
    gevent.idle()
    assert watch.stay.wishes == []
    watch.show([Note(event)])
    gevent.idle()
    assert watch.stay.wishes == [wish]


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        (Refusal("unknown_name", "No.", retry=False), "unknown_name"),
        (Refusal("leaving", "No.", retry=True), None),
        (Refusal("interrupted", "No.", retry=False), None),
        (Refusal("ambiguous_name", "No.", retry=False), None),
    ],
)
def test_where_nothing_can_be_written_it_ends(refusal, code):
    watch = Watch(View(), "#den")
    watch.stay = Asked()
    watch.show([Note(Done(LOOKING, Result())), Note(Refused(LOOKING, refusal))])
    how = watch.ending(Ending(0))
    assert (how.error and how.error.code, watch.stay.leaves) == (code, bool(code))


@pytest.mark.parametrize("how", [Ending(0, refused=1), Ending(3, undelivered=1)])
def test_what_came_of_looking_is_of_no_account(how):
    assert Watch(View(), "#den").ending(how) == Ending(0)


def test_it_is_said_what_has_ended_it():
    error = UserError("no_server", "It is gone.")
    assert Watch(View(), "#den").ending(Ending(3, error)) == Ending(3, error)


def test_who_asks_is_told_answers_alone():
    view = View()
    Answers(view).show(NOTES)
    assert view.shown == NOTES[3:]


def test_a_text_that_is_given_is_sent():
    assert read_text("hello") == "hello"
