"""What a terminal is told besides what it shows: modes, the title, notices, the clipboard."""

import base64
from typing import Final

from geventim.terminal.sanitizer import sanitize
from geventim.terminal.screen.drawing.cells import clip

ENTER: Final = "\x1b[?1049h\x1b[?7l\x1b[?2004h\x1b[?1004h\x1b[22;2t"
"""The other screen, no wrapping, pastes in brackets, focus; the title is put aside."""

LEAVE: Final = (
    "\x1b[0m\x1b]8;;\x1b\\\x1b[?2026l\x1b[?1004l\x1b[?2004l\x1b[?7h\x1b[23;2t\x1b[?25h\x1b[?1049l"
)
"""All of that back."""

BELL: Final = "\x07"

LONGEST_NOTICE: Final = 200
"""Columns of a notice."""

LONGEST_COPY: Final = 74_994
"""Bytes of what is copied: terminals drop what is longer."""


def title(text: str) -> str:
    """Give the window a title."""
    return f"\x1b]2;{clip(sanitize(text), 80)}\x1b\\"


def notice(heading: str, text: str, *, tmux: bool) -> str:
    """A notice, in the three ways that terminals know, and the bell."""
    heading = clip(sanitize(heading), LONGEST_NOTICE).replace(";", ",")
    text = clip(sanitize(text.replace("\n", " ")), LONGEST_NOTICE).replace(";", ",")
    ways = (
        f"\x1b]9;{heading}: {text}\x1b\\",
        f"\x1b]777;notify;{heading};{text}\x1b\\",
        f"\x1b]99;i=eim:d=0;{heading}\x1b\\\x1b]99;i=eim:p=body;{text}\x1b\\",
    )
    return BELL + "".join(through_tmux(way) if tmux else way for way in ways)


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
