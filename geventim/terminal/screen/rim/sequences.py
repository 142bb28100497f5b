"""What a terminal is told besides what it shows: modes, the title, notices, the clipboard."""

import base64
from collections.abc import Mapping, Sequence
from typing import Final

from geventim.terminal.sanitizer import sanitize
from geventim.terminal.screen.drawing.cells import clip

ENTER: Final = "\x1b[?1049h\x1b[?7l\x1b[?2004h\x1b[?1004h\x1b[22;2t"
"""The other screen, no wrapping, pastes in brackets, focus; the title is put aside."""

LEAVE: Final = (
    "\x1b[0m\x1b]8;;\x1b\\\x1b[?2026l\x1b[?1004l\x1b[?2004l\x1b[?7h\x1b[23;2t\x1b[?25h\x1b[?1049l"
)
"""All of that back."""

ENTER_LINES: Final = "\x1b[?2004h\x1b[?1004h\x1b[22;2t"
"""The same where lines are added to what is there."""

LEAVE_LINES: Final = "\r\n\x1b[?1004l\x1b[?2004l\x1b[23;2t"
"""All of that back."""

KNOWN: Final = {
    "KITTY_WINDOW_ID": "osc99",
    "GHOSTTY_RESOURCES_DIR": "osc9",
    "WEZTERM_PANE": "osc9",
    "ITERM_SESSION_ID": "osc9",
    "WT_SESSION": "osc9",
    "VTE_VERSION": "osc777",
    "foot": "osc777",
}
"""What a terminal puts into the environment, and how it is told a notice."""

BELL: Final = "\x07"

LONGEST_NOTICE: Final = 200
"""Columns of a notice."""

LONGEST_COPY: Final = 74_994
"""Bytes of what is copied: terminals drop what is longer."""


def title(text: str) -> str:
    """Give the window a title."""
    return f"\x1b]2;{clip(sanitize(text), 80)}\x1b\\"


WAYS: Final = ("osc9", "osc777", "osc99")
"""How terminals are told a notice; each knows some of them."""


def notice(
    heading: str, text: str, *, tmux: bool, bell: bool = True, ways: Sequence[str] = WAYS
) -> str:
    """A notice, in these ways, and the bell."""
    heading = clip(sanitize(heading), LONGEST_NOTICE).replace(";", ",")
    text = clip(sanitize(text.replace("\n", " ")), LONGEST_NOTICE).replace(";", ",")
    known = {
        "osc9": f"\x1b]9;{heading}: {text}\x1b\\",
        "osc777": f"\x1b]777;notify;{heading};{text}\x1b\\",
        "osc99": f"\x1b]99;i=eim:d=0;{heading}\x1b\\\x1b]99;i=eim:p=body;{text}\x1b\\",
    }
    told = "".join(through_tmux(known[way]) if tmux else known[way] for way in ways)
    return (BELL if bell else "") + told


def ways_of(environment: Mapping[str, str]) -> Sequence[str]:
    """The way that the terminal knows, as far as it says which one it is; else all of them."""
    for name, way in KNOWN.items():
        if name in environment or environment.get("TERM_PROGRAM", "").casefold() == name:
            return (way,)
    return WAYS


def copy(text: str, *, tmux: bool) -> str:
    """Put ``text`` into the clipboard (OSC 52); nothing if it is too large for that."""
    data = text.encode(errors="replace")
    if len(data) > LONGEST_COPY:
        return ""
    way = f"\x1b]52;c;{base64.b64encode(data).decode()}\x1b\\"
    return way + (through_tmux(way) if tmux else "")


def through_tmux(sequence: str) -> str:
    """``sequence`` for the terminal that tmux runs in."""
    return "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + "\x1b\\"
