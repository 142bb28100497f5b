"""Text from others, made safe to show.

A terminal obeys control characters, and bidirectional controls or line separators can make a line
look like another one. They are shown, not obeyed. What takes no room of its own stands on the
character before it: a tower of that would cover the lines above, and is cut.
"""

import enum
import functools
import re
import unicodedata
from typing import Final

from wcwidth import wcwidth

PICTURES: Final = 0x2400
"""Where Unicode has pictures of the control characters 0 to 31."""

DELETE: Final = "\x7f"
DELETE_PICTURE: Final = "\u2421"

JOINERS: Final = "\u200c\u200d"
"""Invisible, but letters of some scripts and parts of emoji need them between each other."""

HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Categories that show as nothing, or as another line."""

MARKS: Final = 4
"""Marks and joiners on one character: Hebrew has as many, Thai, Vietnamese and emoji have fewer."""

SIGNS: Final = 8
"""The same with signs that stand beside a character, which Burmese has in between."""

_PLAIN: Final = re.compile(r"[\x20-\x7e]*")
_UNUSUAL: Final = re.compile(r"[^\x20-\x7e]")
_FLAG: Final = re.compile("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f")
"""A flag of a part of a country: a black flag, letters in tags, and their end (UTS #51)."""


class Room(enum.Enum):
    """What a character takes: a place of its own, one beside the last character, or none."""

    OWN = "own"
    BESIDE = "beside"
    NONE = "none"


def sanitize(text: str) -> str:
    """``text`` as one line of characters that a terminal shows and does not obey."""
    if _PLAIN.fullmatch(text):
        return text
    flags = _FLAG.findall(text)
    parts = [_sanitize(part) for part in _FLAG.split(text)]
    # Between two flags there is a part, if only an empty one.
    return parts[0] + "".join(flag + part for flag, part in zip(flags, parts[1:], strict=True))


def _sanitize(text: str) -> str:
    return _UNUSUAL.sub(_show, _cut_towers(text))


def _cut_towers(text: str) -> str:
    """``text`` without what would stand too high above, or too deep below, one character."""
    kept = []
    marks = signs = 0
    for char in text:
        room = _measure(char)
        if room is Room.OWN:
            marks = signs = 0
        else:
            signs += 1
            marks += room is Room.NONE
        if marks <= MARKS and signs <= SIGNS:
            kept.append(char)
    return "".join(kept)


@functools.lru_cache(4_096)
def _measure(char: str) -> Room:
    category = unicodedata.category(char)
    if category == "Mc":
        return Room.BESIDE
    if category in {"Mn", "Me"} or char in JOINERS:
        return Room.NONE
    # Vowels of Hangul are letters, and yet stand on the one before.
    return Room.NONE if wcwidth(char) == 0 and category not in HIDDEN else Room.OWN


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
    return len(around) == 2 and not any(
        char.isascii() or unicodedata.category(char) in HIDDEN for char in around
    )
