"""Text from others, made safe to show.

A terminal obeys control characters, and bidirectional controls or line separators can make a line
look like another one. They are shown, not obeyed.
"""

import re
import unicodedata
from typing import Final

PICTURES: Final = 0x2400
"""Where Unicode has pictures of the control characters 0 to 31."""

DELETE: Final = "\x7f"
DELETE_PICTURE: Final = "\u2421"

JOINERS: Final = "\u200c\u200d"
"""Invisible, but letters of some scripts and parts of emoji need them between each other."""

HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Categories that show as nothing, or as another line."""

MARKS: Final = 4
"""Combining marks in a row; a tower of them would cover the lines above."""

_UNUSUAL: Final = re.compile(r"[^\x20-\x7e]")
_MARK: Final = r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_TOWER: Final = re.compile(f"({_MARK}{{{MARKS}}}){_MARK}+")


def sanitize(text: str) -> str:
    """``text`` as one line of characters that a terminal shows and does not obey."""
    return _TOWER.sub(r"\1", _UNUSUAL.sub(_show, text))


def _show(match: re.Match[str]) -> str:
    char = match[0]
    if unicodedata.category(char) not in HIDDEN or (char in JOINERS and _joins(match)):
        return char
    if char < " ":
        return chr(PICTURES + ord(char))
    return DELETE_PICTURE if char == DELETE else f"<U+{ord(char):04X}>"


def _joins(match: re.Match[str]) -> bool:
    """Whether the character stands between two that a joiner can be for."""
    text, position = match.string, match.start()
    around = text[position - 1 : position] + text[position + 1 : position + 2]
    return len(around) == 2 and not any(char.isascii() or char in JOINERS for char in around)
