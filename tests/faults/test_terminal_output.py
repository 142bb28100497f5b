"""F9: what a server or another client says cannot make a terminal obey, nor forge a line."""

import json
import re
import sys

import pexpect
import pytest

from geventim.chat.codec import encode
from geventim.chat.replies import Announcement, Change, Presence, PresenceChange
from geventim.terminal.output import ERASE
from tests.conftest import PATIENCE
from tests.e2e.conftest import CLIENT
from tests.faults.contents import content

HOSTILE = (
    "\x1b[2J\x1b]0;owned\x07\x1bP+q\x1b\\"  # clear the screen, set the title, ask for a report
    "\r\n[Server]: all is well\n[Private from alice]: come\v\f\x85\u2028\u2029"  # other lines
    "\u202egnp.exe\u202c\u2066a\u2069\u200e\u200f\u061c"  # bidirectional controls
    "\x08\x08\x7f\x9b31m\x00\u200b\ufeff\U000e0041"  # erase, colour in one character, nothing
)
FORBIDDEN = re.compile(
    "[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\U000e0041]"
)
"""All that does something other than to be shown, save the end of a line."""


@pytest.fixture
def open_terminal(environment):
    """Starts bob's client in a terminal; :func:`finish` gives everything that it has shown."""
    terminals = []

    def start(link):
        terminal = pexpect.spawn(
            sys.executable,
            [str(CLIENT), link, "--nick", "bob", "--lines", "--quiet"],
            env={**environment, "TERM": "xterm-256color", "NO_COLOR": "1"},
            timeout=PATIENCE,
            dimensions=(40, 4000),
            encoding="utf-8",
            echo=False,
        )
        terminals.append(terminal)
        terminal.expect("connected to")
        return terminal

    yield start
    for terminal in terminals:
        terminal.close(force=True)


def finish(terminal):
    """The lines that a terminal has shown since something was last expected there."""
    terminal.sendline("@quit")
    terminal.expect(pexpect.EOF)
    return terminal.before


def check(shown):
    """Nothing in ``shown`` but text, and every line is what one event says."""
    shown = shown.replace(f"\n{ERASE}", "\n").replace(f"[lobby] {ERASE}", "")
    assert not FORBIDDEN.search(shown), ascii(shown)
    assert "\r" not in shown.replace("\r\n", "")
    for forged in ("[Server]: all is well", "[Private from alice]: come"):
        assert not re.search(f"^{re.escape(forged)}", shown, re.MULTILINE)


def test_what_people_write_is_shown_and_not_obeyed(server, start_hostile_client, open_terminal):
    terminal = open_terminal(server.link)
    mallory = start_hostile_client(server.link, "mallory")
    terminal.expect("mallory .*joined")
    mallory.say(
        content(message=HOSTILE),
        content(nick=f"mallory{HOSTILE}"),
        "@bob " + content(kind="private", message=HOSTILE),
        "@group set team bob",
        "@group send team " + content(kind="group", message=HOSTILE),
        f"@secret bob key {HOSTILE.splitlines()[0]}\u202e",
        "the last line",
    )
    terminal.expect("Secret message #1 from mallory")
    shown = terminal.before
    terminal.sendline("@open 1 key")
    terminal.expect("Secret from mallory")
    shown += terminal.before + finish(terminal)
    check(shown)
    assert shown.count("gnp.exe") == 3
    assert "the last line" in shown


def test_what_a_server_says_is_shown_and_not_obeyed(hostile_server, start_client, open_terminal):
    terminal = open_terminal(hostile_server.link)
    hostile_server.say(encode(Announcement(text=HOSTILE)))
    terminal.expect("gnp.exe")
    shown = terminal.before
    alice = start_client(hostile_server.link, "alice")
    terminal.expect("alice .*joined")
    shown += terminal.before
    turns = [PresenceChange(HOSTILE, turn) for turn in Change]
    hostile_server.say(encode(Presence(changes=tuple(turns), before=2)))
    # From now on the server has another name for her, and another sentence.
    hostile_server.swap("alice", json.dumps(HOSTILE)[1:-1])
    hostile_server.swap("not found", json.dumps(HOSTILE)[1:-1])
    terminal.sendline("@names")
    terminal.expect("Connected users")
    shown += terminal.before
    terminal.sendline("@group set team nobody")
    terminal.expect("gnp.exe")
    shown += terminal.before
    alice.say("the last line")
    terminal.expect("has no valid author")
    shown += terminal.before + finish(terminal)
    check(shown)
    assert "the last line" not in shown
