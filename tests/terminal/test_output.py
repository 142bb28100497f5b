import contextlib
import json
import os
import pty

import gevent
import pytest
from gevent.socket import wait_read
from hypothesis import given
from hypothesis import strategies as st

from geventim.app.note import Note
from geventim.client import events
from geventim.client.people.trust import Standing
from geventim.client.sealing.content import ContentKind
from geventim.terminal import output
from geventim.terminal.output import (
    STDERR,
    STDOUT,
    People,
    Program,
    Writer,
    can_be_drawn_on,
    terminal_columns,
)
from geventim.terminal.qr import draw
from geventim.terminal.rendering import Renderer

HELLO = events.Message("lobby", ContentKind.ROOM, "alice", "hi", 0.0, 1)
PRIVATE = events.Message("alice", ContentKind.PRIVATE, "alice", "hi", 0.0, 1)
NOTICE = events.Notice("It is late.")
MISTAKE = events.Error("usage", "Usage: @quit")


class Notepad:
    """Takes what would be written."""

    def __init__(self):
        self.written = []

    def write(self, descriptor, text):
        self.written.append((descriptor, text))


def notes(*told):
    """What a view is given to show."""
    return [Note(each) for each in told]


@pytest.fixture
def notepad():
    return Notepad()


def people(notepad, **ways):
    return People(notepad, Renderer("lobby"), **{"terminal": False, "colour": False, **ways})


def test_data_and_diagnostics_go_apart_and_keep_their_order(notepad):
    sent = events.Sent("00", 1, "lobby", ContentKind.ROOM, "hi")
    people(notepad).show(notes(HELLO, sent, NOTICE, MISTAKE, HELLO))
    assert notepad.written == [
        (STDOUT, "[lobby] alice: hi\n[Server]: It is late.\n"),
        (STDERR, "[Error]: Usage: @quit\n"),
        (STDOUT, "[lobby] alice: hi\n"),
    ]


def test_what_says_nothing_writes_nothing(notepad):
    people(notepad).show(notes(events.Names(("alice",))))
    assert notepad.written == []


def test_a_number_comes_with_a_picture_on_a_terminal(notepad, monkeypatch):
    number = events.SafetyNumber("bob", "0123456789" * 6, Standing.UNVERIFIED)
    picture = draw(number.number, colour=False)
    people(notepad, terminal=True).show(notes(number, HELLO))
    ((_, text),) = notepad.written
    assert text.endswith(f"@verify bob ok\n{picture}[lobby] alice: hi\n")
    people(notepad, terminal=True, colour=True).show(notes(number))
    assert draw(number.number, colour=True) in notepad.written[-1][1]
    people(notepad).show(notes(number))
    assert "█" not in notepad.written[-1][1]
    monkeypatch.setenv("COLUMNS", "32")
    people(notepad, terminal=True).show(notes(number))
    assert "█" not in notepad.written[-1][1]


def test_rows_begin_anew_where_somebody_is_typing(notepad, monkeypatch):
    monkeypatch.setattr(os, "isatty", lambda descriptor: descriptor != STDERR)
    view = people(notepad, terminal=True, fresh=True)
    view.show(notes(HELLO, NOTICE, MISTAKE))
    view.remark("late")
    assert notepad.written == [
        (STDOUT, "\r\x1b[K[lobby] alice: hi\n[Server]: It is late.\n"),
        (STDERR, "[Error]: Usage: @quit\n"),
        (STDERR, "* late\n"),
    ]


def test_remarks_are_for_people(notepad):
    people(notepad).remark("first contact")
    Program(notepad).remark("first contact")
    assert notepad.written == [(STDERR, "* first contact\n")]


def test_colours_wrap_the_speaker_or_the_line(notepad):
    people(notepad, colour=True).show(notes(HELLO, PRIVATE))
    ((_, text),) = notepad.written
    assert text == "\x1b[1m[lobby] alice: \x1b[0mhi\n\x1b[35m[Private from alice]: hi\x1b[0m\n"


def test_lines_are_folded_on_a_terminal_only(notepad, monkeypatch):
    monkeypatch.setenv("COLUMNS", "30")
    long = events.Notice("word " * 10)
    people(notepad, terminal=True).show(notes(long))
    people(notepad).show(notes(long))
    (_, folded), (_, whole) = notepad.written
    assert folded.count("\n") == 3
    assert whole.count("\n") == 1


def test_programs_get_one_object_a_line(notepad):
    Program(notepad).show(notes(HELLO, NOTICE))
    ((descriptor, text),) = notepad.written
    assert descriptor == STDOUT
    assert [json.loads(line)["event"] for line in text.splitlines()] == ["message", "notice"]


@given(st.text())
def test_json_is_printable_ascii_and_means_the_same(text):
    line = Note(events.Notice(text)).to_json()
    assert line.isascii()
    assert line.endswith("\n")
    assert line[:-1].isprintable()
    assert json.loads(line)["text"] == text


@pytest.fixture
def pipe():
    reading, writing = os.pipe()
    yield reading, writing
    for descriptor in (reading, writing):
        with contextlib.suppress(OSError):
            os.close(descriptor)


@pytest.mark.parametrize("blocking", [True, False])
def test_a_reader_that_waits_holds_up_nobody_else(pipe, blocking):
    reading, writing = pipe
    os.set_blocking(writing, blocking)
    text = "x" * 1_000_000
    writer = gevent.spawn(Writer(lambda _: None).write, writing, text)
    gevent.sleep(0)
    assert not writer.ready()
    received = 0
    while received < len(text):
        wait_read(reading)
        received += len(os.read(reading, 65536))
    writer.join()
    assert writer.successful()
    assert os.get_blocking(writing) == blocking


def test_a_reader_that_has_gone_is_told_once(pipe):
    reading, writing = pipe
    os.close(reading)
    told = []
    writer = Writer(told.append)
    writer.write(writing, "hi")
    writer.write(writing, "there")
    assert [type(error) for error in told] == [BrokenPipeError]


def test_standard_descriptors_are_what_they_are():
    assert (output.STDIN, STDOUT, STDERR) == (0, 1, 2)


def test_a_terminal_knows_its_width_better_than_the_environment(monkeypatch):
    monkeypatch.setenv("COLUMNS", "30")
    monkeypatch.setattr(os, "get_terminal_size", lambda _: os.terminal_size((120, 40)))
    assert terminal_columns() == 120
    # Some say nothing.
    monkeypatch.setattr(os, "get_terminal_size", lambda _: os.terminal_size((0, 0)))
    assert terminal_columns() == 30


def test_where_the_next_line_goes_is_shown_after_each_text(notepad):
    view = people(notepad, terminal=True, fresh=True)
    view.prompt = lambda: "[lobby] "
    view.show(notes(HELLO))
    view.ask()
    assert [text for _, text in notepad.written] == [
        "\r\x1b[K[lobby] alice: hi\n",
        "[lobby] ",
        "\r\x1b[K[lobby] ",
    ]
    people(notepad).ask()
    assert len(notepad.written) == 3


def test_it_rings_for_what_is_private(notepad):
    private = events.Message("bob", ContentKind.PRIVATE, "bob", "hi", 0.0, 1)
    for bell in (True, False):
        view = People(
            notepad, Renderer("lobby", lambda: 0.0), terminal=True, colour=False, bell=bell
        )
        view.show(notes(private))
        assert notepad.written.pop()[1].startswith("\a") is bell


@pytest.mark.parametrize("term", ["dumb", "unknown", "", None])
def test_a_simple_terminal_cannot_be_drawn_on(term):
    ends = pty.openpty()
    environment = {} if term is None else {"TERM": term}
    assert not can_be_drawn_on(environment, ends)
    assert can_be_drawn_on({"TERM": "xterm"}, ends)
    for end in ends:
        os.close(end)


def test_what_is_no_terminal_cannot_be_drawn_on():
    master, slave = pty.openpty()
    reading, writing = os.pipe()
    assert not can_be_drawn_on({"TERM": "xterm"}, (slave, writing))
    assert not can_be_drawn_on({"TERM": "xterm"}, (reading, slave))
    for end in (master, slave, reading, writing):
        os.close(end)


def test_what_one_writes_in_parts_is_not_mixed_with_what_another_does(pipe, monkeypatch):
    reading, writing = pipe
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:100]))
    writer = Writer(lambda _: None)
    gevent.joinall([gevent.spawn(writer.write, writing, letter * 1_000) for letter in "ab"])
    assert os.read(reading, 4_096).decode() == "a" * 1_000 + "b" * 1_000
