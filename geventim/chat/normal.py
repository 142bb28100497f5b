"""Unicode normal forms (UAX #15), in a time that grows with the text and no faster.

To normalise, combining characters are sorted, which takes the square of how many there are in a
row: seconds for the 60 KB of a message. No language writes more than a few. So long rows are broken
up first, as the Stream-Safe Text Process does (UAX #15 §13).
"""

import functools
import re
import unicodedata
from typing import Final

ROW: Final = 30
"""Combining characters in a row, after which a row is broken up."""

BREAK: Final = "\u034f"
"""COMBINING GRAPHEME JOINER: shows as nothing, and lets nothing be sorted across it."""

_MAYBE: Final = re.compile(f"[\u0300-\U0010ffff]{{{ROW + 1},}}")
"""Where a long row can be; no character below U+0300 is combining."""


def compose(text: str) -> str:
    """``text`` in the form NFKC, in which two spellings of a text are equal."""
    return unicodedata.normalize("NFKC", break_up(text))


def break_up(text: str) -> str:
    """``text`` with no more than :data:`ROW` combining characters in a row."""
    return text if text.isascii() else _MAYBE.sub(_break_up, text)


def _break_up(match: re.Match[str]) -> str:
    kept = []
    row = 0
    for char in match[0]:
        row = row + 1 if _is_sorted(char) else 0
        if row > ROW:
            kept.append(BREAK)
            row = 1
        kept.append(char)
    return "".join(kept)


@functools.lru_cache(4_096)
def _is_sorted(char: str) -> bool:
    """Whether ``char`` is combining, or falls into parts that are."""
    return any(map(unicodedata.combining, unicodedata.normalize("NFKD", char)[:1]))
