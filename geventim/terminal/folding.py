"""Long lines that cannot pass for several.

A terminal goes on in its next row when a line is full. Whoever fills a line just so could make the
rest look like a line from somebody else; rows that continue a line are therefore indented.
"""

import re
from collections.abc import Iterator
from typing import Final

from wcwidth import wcwidth

INDENT: Final = "    "
NARROWEST: Final = 20
"""Columns below which nothing is folded; rows would hold next to nothing."""

_WORDS: Final = re.compile(r"\S+\s*|\s+")


def fold(line: str, columns: int) -> str:
    """``line``, which has no control characters, in rows of at most ``columns``."""
    if columns < NARROWEST or (line.isascii() and len(line) <= columns):
        return line
    rows = [""]
    used = 0
    for piece in _pieces(line, columns - len(INDENT)):
        width = _width(piece)
        if used + width > columns:
            rows.append(INDENT)
            used = len(INDENT)
        rows[-1] += piece
        used += width
    return "\n".join(rows)


def _pieces(line: str, columns: int) -> Iterator[str]:
    """Words with the space behind them, or the characters of what fits into no row."""
    for word in _WORDS.findall(line):
        if _width(word) <= columns:
            yield word
        else:
            yield from word


def _width(text: str) -> int:
    return sum(max(wcwidth(char), 0) for char in text)
