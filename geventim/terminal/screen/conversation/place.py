"""The place where one looks among lines of which each takes some rows.

It is the last row that is seen: so what comes behind it moves nothing, and neither does what comes
before, or another width.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from geventim.terminal.screen.conversation.items import Item, Mark

Height = Callable[[Item | Mark], int]
"""How many rows a line takes as it is drawn now; at least one."""

Lines = Sequence[Item | Mark]


@dataclass(frozen=True, slots=True)
class Place:
    """``hidden`` rows of the line called ``key`` are below the last row that is seen."""

    key: str
    hidden: int


@dataclass(frozen=True, slots=True)
class View:
    """What is seen: ``lines``, of which ``hidden`` rows at the end are not; the last fill the room.

    ``below`` is how many messages have come since one scrolled up.
    """

    lines: tuple[Item | Mark, ...]
    hidden: int = 0
    below: int = 0
    at_end: bool = True


def find(lines: Lines, place: Place | None, height: Height) -> tuple[int, int]:
    """The index of the last line that is seen from ``place``, and how many of its rows are not.

    That is the last one if there is no place, or if its line is gone. There must be a line.
    """
    if place is not None:
        for index in reversed(range(len(lines))):
            if lines[index].key == place.key:
                return index, min(place.hidden, height(lines[index]) - 1)
    return len(lines) - 1, 0


def move(
    lines: Lines, start: tuple[int, int], rows: int, room: int, height: Height
) -> tuple[int, int]:
    """Where one looks so many rows further up than from ``start``, seeing ``room`` rows.

    One stops where the first line is on top, and behind the last one.
    """
    index, hidden = start
    hidden += rows
    while hidden >= (tall := height(lines[index])) and index > 0:
        hidden -= tall
        index -= 1
    missing = room - _rows_up_to(lines, index, hidden, room, height)
    if missing > 0:
        hidden -= missing
    while hidden < 0 and index < len(lines) - 1:
        index += 1
        hidden += height(lines[index])
    return index, hidden


def around(
    lines: Lines, index: int, hidden: int, room: int, height: Height
) -> tuple[int, int, int]:
    """The first and the last line that are seen from there, and how many rows of it are not."""
    first, rows = index, height(lines[index]) - hidden
    while rows < room and first > 0:
        first -= 1
        rows += height(lines[first])
    if rows < room:
        # The beginning is seen, and there is room below.
        rows += hidden
        while rows < room and index < len(lines) - 1:
            index += 1
            rows += height(lines[index])
        hidden = max(rows - room, 0)
    return first, index, hidden


def _rows_up_to(lines: Lines, index: int, hidden: int, most: int, height: Height) -> int:
    """How many rows there are up to that place, counted up to ``most``."""
    rows = -hidden
    while index >= 0 and rows < most:
        rows += height(lines[index])
        index -= 1
    return rows
