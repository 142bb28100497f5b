"""What a typed line is: a text, or a word behind a sign and what comes after it.

The signs are ``@`` and ``/`` for commands and people, and ``#`` for rooms and groups. What cannot
be seen before a sign changes nothing, and a sign in another width is the same one.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from geventim.chat.names import CODE, INVISIBLE, fold

CALLS: Final = "@/"
"""Signs before a command or a nick."""

PLACE: Final = "#"
"""The sign before a room or a group."""

UNSEEN: Final = frozenset({"Cc", "Cf", "Mn", "Me", "Zs", "Zl", "Zp"})
"""Categories of Unicode that show as nothing at the beginning of a line."""

BLANK: Final = INVISIBLE | {"\u2800"}
"""Other characters that do."""

_CODE: Final = re.compile(r"[A-Za-z_][\w.]*(?=\()")
_PATH: Final = re.compile(r"[^/\s@]+(?=/)")


@dataclass(frozen=True, slots=True)
class Text:
    """What is said as it is."""

    text: str

    def __repr__(self) -> str:
        return "<a text>"


@dataclass(frozen=True, slots=True)
class Call:
    """A ``word`` behind a ``sign``, and the ``rest`` of the line; ``text`` is all of it.

    It may be no call at all, but code or a path in which ``head`` would be the word: that depends
    on whether somebody or something is called so. ``head`` is empty if it is neither.
    """

    sign: str
    word: str
    rest: str
    text: str
    head: str = ""

    def __repr__(self) -> str:
        return "<a call>"


def parse(line: str) -> Text | Call:
    """What ``line`` is."""
    seen = _seen(line)
    sign = unicodedata.normalize("NFKC", seen[:1])
    if sign not in {*CALLS, PLACE}:
        return Text(line)
    body = seen[1:]
    if unicodedata.normalize("NFKC", body[:1]) == sign:
        return Text(body) if sign != PLACE or _is_word(body[1:2]) else Text(line)
    if sign == PLACE and not _is_word(body[:1]):
        return Text(line)
    word, rest = ("", body) if not body or body[0].isspace() else _split(body)
    return Call(sign, word, rest.strip(), line, _head(sign, word, rest))


def _seen(line: str) -> str:
    """``line`` from the first character on that can be seen."""
    for position, char in enumerate(line):
        if unicodedata.category(char) not in UNSEEN and char not in BLANK:
            return line[position:]
    return ""


def _split(body: str) -> tuple[str, str]:
    word, *rest = body.split(maxsplit=1)
    return word, "".join(rest)


def _is_word(char: str) -> bool:
    """Whether a word of a place may begin with ``char``; a heading or a number does not."""
    return char.isalpha()


def _head(sign: str, word: str, rest: str) -> str:
    """What would be the word if the line were code or a path; empty if it looks like neither."""
    if sign == "@" and not rest and fold(word) in CODE:
        return word
    found = {"@": _CODE, "/": _PATH}.get(sign)
    match = found.match(word) if found else None
    return match[0] if match else ""
