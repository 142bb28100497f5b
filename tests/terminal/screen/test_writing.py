import pytest

from geventim.chat.values import Kind
from geventim.terminal.screen import writing
from geventim.terminal.screen.conversation.rooms import Room
from geventim.terminal.screen.keys import Action
from tests.terminal.screen.play import COMMANDS


@pytest.mark.parametrize(
    "text",
    [
        "hello", "//x", "@@x", "\n@bo hi", "@property\ndef f(self):\n    pass", "# heading",
        "/usr/bin/x", "@app.route(1)",
    ],
)  # fmt: skip
def test_a_text_is_said_here(text):
    meant = writing.meaning(text)
    assert not meant.typed
    assert meant.text


@pytest.mark.parametrize("text", ["@bo hi", "/names", "#lab hello", "@bo one\ntwo"])
def test_a_line_that_calls_something_is_typed(text):
    assert writing.meaning(text).typed == text


@pytest.mark.parametrize("text", ["@bo one\ntwo", "/names\nx", "#lab x\ny"])
def test_a_pasted_block_is_said_here(text):
    assert writing.meaning(text, pasted=True) == writing.Meaning(text)


def test_a_doubled_sign_is_said_with_one():
    assert writing.meaning("@@bo").text == "@bo"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", "#lobby"),
        ("hello", "#lobby"),
        ("@bo hi", "@bo, privately"),
        ("#lab hi", "#lab"),
        ("/names", "/names"),
        ("@names", "/names"),
        ("@", "#lobby"),
    ],
)
def test_it_is_seen_where_it_goes(text, where):
    room = Room("1", "lobby", Kind.ROOM)
    room.editor.set(text)
    assert writing.goes_to(room, COMMANDS) == where


def test_it_goes_nowhere_without_a_room():
    assert writing.goes_to(None, COMMANDS) == "nowhere"


def test_what_is_large_is_asked_about():
    assert not writing.is_large("x\n" * 19 + "x")
    assert writing.is_large("x\n" * 20 + "x")
    assert writing.is_large("é" * 2_100)


def test_line_ends_are_ours():
    assert writing.clean("a\r\nb\rc\n\n") == "a\nb\nc"


def test_a_new_line_is_an_edit():
    room = Room("1", "lobby", Kind.ROOM)
    writing.EDITS[Action.NEWLINE](room.editor)
    assert room.editor.text == "\n"
