"""Light markup, shown as it was written: every sign stays, and what it is about has its style.

So nothing of a text is lost, neither its blank lines nor its indentation.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from geventim.terminal.screen.drawing.cells import Style

Span = tuple[int, int, Style, str]
"""Beginning, end, style and link of a part of a line."""

FENCE: Final = "```"

_PARTS: Final = (
    (re.compile(r"https?://[^\s<>\"`]+[^\s<>\"`.,;:!?')\]*_]"), Style.LINK),
    (re.compile(r"`[^`]+`"), Style.CODE),
    (re.compile(r"(?<!\w)@[\w.\-]+"), Style.MENTION),
    (re.compile(r"(?<![\w*])\*\*[^\s*](?:[^*]*[^\s*])?\*\*(?![\w*])"), Style.STRONG),
    (re.compile(r"(?<![\w*])\*[^\s*](?:[^*]*[^\s*])?\*(?![\w*])"), Style.EMPHASIS),
    (re.compile(r"(?<!\w)_[^\s_](?:[^_]*[^\s_])?_(?!\w)"), Style.EMPHASIS),
)
"""What is looked for, and how it looks; the first that has a place keeps it."""


def spans_of(lines: Sequence[str]) -> Iterator[list[Span]]:
    """For each of the safe ``lines`` of one text, what in it has a style; sorted."""
    is_code = False
    for line in lines:
        is_fence = line.startswith(FENCE)
        if is_code or is_fence:
            yield [(0, len(line), Style.CODE, "")]
            is_code = is_code is not is_fence
        elif line.startswith(">"):
            yield [(0, len(line), Style.QUOTE, "")]
        else:
            yield _inline(line)


def _inline(line: str) -> list[Span]:
    found: list[Span] = []
    for pattern, style in _PARTS:
        for match in pattern.finditer(line):
            start, end = match.span()
            if all(end <= first or start >= last for first, last, _, _ in found):
                found.append((start, end, style, match[0] if style is Style.LINK else ""))
    return sorted(found)
