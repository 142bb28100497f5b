"""Rows that have moved up as they are: a terminal can do that by itself, in a few bytes."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from geventim.terminal.screen.drawing.cells import Row

LEAST: Final = 4
"""Rows that have changed; fewer are painted."""


@dataclass(frozen=True, slots=True)
class Scroll:
    """What stands in the rows from ``top`` to ``bottom`` moves up by ``count`` of them."""

    top: int
    bottom: int
    count: int

    def apply(self, rows: Sequence[Row], blank: Row) -> tuple[Row, ...]:
        """How ``rows`` are afterwards; those at the bottom are ``blank``."""
        moved = rows[self.top + self.count : self.bottom + 1]
        return (*rows[: self.top], *moved, *[blank] * self.count, *rows[self.bottom + 1 :])

    def sequence(self) -> str:
        """What makes a terminal do it: only these rows scroll while somebody feeds lines there."""
        region = f"\x1b[0m\x1b[{self.top + 1};{self.bottom + 1}r\x1b[{self.bottom + 1};1H"
        return region + "\n" * self.count + "\x1b[r"


def find_scroll(old: Sequence[Row], new: Sequence[Row]) -> Scroll | None:
    """What turns most of ``old`` into ``new``, which has as many rows, if there is such a thing."""
    changed = [number for number, row in enumerate(new) if row != old[number]]
    if len(changed) < LEAST:
        return None
    places: dict[Row, list[int]] = {}
    for number, row in enumerate(old):
        places.setdefault(row, []).append(number)
    moves = Counter(
        place - number
        for number in changed
        for place in places.get(new[number], ())
        if place > number
    )
    count, matches = max(moves.items(), key=lambda move: move[1], default=(0, 0))
    if 2 * matches < len(changed):
        return None
    last = max(n for n in changed if n + count < len(old) and new[n] == old[n + count])
    # What stands beside the messages does not move, but there is little of it.
    return Scroll(changed[0], last + count, count)
