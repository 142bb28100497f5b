"""Long lines that cannot pass for several.

A terminal goes on in its next row when a line is full. Whoever fills a line just so could make the
rest look like a line from somebody else; rows that continue a line are therefore indented.
"""

from typing import Final

from wcwidth import wcwidth

INDENT: Final = "    "
NARROWEST: Final = 20
"""Columns below which nothing is folded; rows would hold next to nothing."""


def fold(line: str, columns: int) -> str:
    """``line``, which has no control characters, in rows of at most ``columns``."""
    if columns < NARROWEST or (line.isascii() and len(line) <= columns):
        return line
    rows = [""]
    used = 0
    for char in line:
        width = max(wcwidth(char), 0)
        if used + width > columns:
            rows.append(INDENT)
            used = len(INDENT)
        rows[-1] += char
        used += width
    return "\n".join(rows)
