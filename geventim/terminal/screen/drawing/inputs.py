"""The input in rows, with the cursor in it."""

from dataclasses import dataclass
from typing import Final

from geventim.terminal.screen.drawing.cells import Row, Segment, Style, clip, shown, width
from geventim.terminal.screen.drawing.wrapping import break_up, wrap
from geventim.terminal.screen.scene import Input

INDENT: Final = "  "

HINT_ROWS: Final = 3
"""Rows of why something cannot be sent."""


@dataclass(frozen=True, slots=True)
class Typed:
    """All rows of an input, and the row and column of the cursor among them."""

    rows: tuple[Row, ...]
    row: int
    column: int

    def seen(self, most: int) -> "Typed":
        """As many rows as there is room for, around the cursor."""
        first = max(0, min(self.row - most + 1, len(self.rows) - most))
        first = min(first, self.row)
        return Typed(self.rows[first : first + most], self.row - first, self.column)


def draw_input(given: Input, columns: int) -> Typed:
    """What is typed, in rows of so many columns."""
    style = Style.PROMPT_PRIVATE if "," in given.goes_to else Style.PROMPT
    prompt = clip(shown(given.goes_to), columns // 3) + "> "
    rows: list[Row] = []
    cursor = (0, width(prompt))
    place = 0
    for number, line in enumerate(given.text.split("\n")):
        end = place + len(line)
        lead = prompt if number == 0 else INDENT
        safe, inside = _safe(line, given.cursor - place)
        spans = break_up(safe, columns - width(prompt if number == 0 else INDENT) - 1)
        for index, (start, stop) in enumerate(spans):
            before = lead if index == 0 else " " * width(lead)
            here = place <= given.cursor <= end and start <= inside
            if here and (inside < stop or index == len(spans) - 1):
                cursor = (len(rows), width(before) + width(safe[start:inside]))
            rows.append((Segment(before, style), Segment(safe[start:stop])))
        place = end + 1
    if given.hint:
        style = Style.PROBLEM if given.is_problem else Style.FAINT
        hint = shown(given.hint)
        rows += (
            (Segment(hint[start:end].rstrip(), style),)
            for start, end in wrap(hint, columns)[:HINT_ROWS]
        )
    return Typed(tuple(rows), *cursor)


def _safe(line: str, cursor: int) -> tuple[str, int]:
    """``line`` as it is shown, and where ``cursor`` is in that."""
    safe = shown(line)
    if safe == line:
        return safe, cursor
    return safe, len(shown(line[: max(cursor, 0)]))
