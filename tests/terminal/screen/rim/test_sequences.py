import base64

import pytest

from geventim.terminal.screen.rim import sequences
from tests.terminal.screen.hostile import NASTY


def test_a_title_is_set():
    assert sequences.title("(1) #lobby") == "\x1b]2;(1) #lobby\x1b\\"


@pytest.mark.parametrize("text", NASTY)
def test_nothing_gets_out_of_a_title_or_a_notice(text):
    title = sequences.title(text)
    assert title.count("\x1b") == 2
    assert not set(title[1:-2]) & {"\x07", "\x9c", "\n"}
    notice = sequences.notice(text, text, tmux=False)
    assert notice.count("\x1b") == 8
    assert notice.count("\x07") == 1
    assert len(notice) < 3_000


def test_a_notice_speaks_three_ways_and_rings():
    notice = sequences.notice("bo", "a;b\nc", tmux=False)
    assert notice.startswith("\x07")
    assert "\x1b]9;bo: a,b c\x1b\\" in notice
    assert "\x1b]777;notify;bo;a,b c\x1b\\" in notice
    assert "\x1b]99;i=eim:p=body;a,b c\x1b\\" in notice


def test_in_tmux_it_goes_through():
    assert "\x1bPtmux;\x1b\x1b]9;bo: x\x1b\x1b\\\x1b\\" in sequences.notice("bo", "x", tmux=True)


def test_what_is_copied_is_no_escape():
    copied = sequences.copy("a\x1b[2J", tmux=False)
    data = copied.removeprefix("\x1b]52;c;").removesuffix("\x1b\\")
    assert base64.b64decode(data) == b"a\x1b[2J"
    assert "tmux" in sequences.copy("a", tmux=True)
    assert sequences.copy("x" * 200_000, tmux=False) == ""


def test_all_that_is_switched_on_is_switched_off():
    modes = {part.split("h")[0] for part in sequences.ENTER.split("\x1b[?")[1:]}
    back = sequences.LEAVE.replace("[?7h", "[?7l")
    assert all(f"\x1b[?{mode}l" in back for mode in modes - {"7l\x1b[?2004"} if mode.isdigit())
    assert "\x1b[?1049l" in back
    assert "\x1b[?7h" in sequences.LEAVE


@pytest.mark.parametrize(
    ("environment", "ways"),
    [
        ({"KITTY_WINDOW_ID": "1", "TERM_PROGRAM": "tmux"}, ("osc99",)),
        ({"VTE_VERSION": "7200"}, ("osc777",)),
        ({"TERM_PROGRAM": "foot"}, ("osc777",)),
        ({}, sequences.WAYS),
    ],
)
def test_a_terminal_that_is_known_is_told_once(environment, ways):
    assert sequences.ways_of(environment) == ways


def test_a_notice_goes_the_ways_that_are_wanted():
    told = sequences.notice("bo", "x", tmux=False, bell=False, ways=("osc9",))
    assert told == "\x1b]9;bo: x\x1b\\"
