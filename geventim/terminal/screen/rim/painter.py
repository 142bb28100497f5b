"""Rows into what a terminal obeys: only what has changed since the last time.

Terminals do not agree on how wide some clusters are. After such a one, and wherever a stretch
begins, the column is said; and nothing wraps by itself, so a row never touches another one.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from geventim.terminal.sanitizer import sanitize
from geventim.terminal.screen.drawing.cells import Finish, Plate, Row, Style, clusters, fit
from geventim.terminal.screen.drawing.picture import Picture, draw
from geventim.terminal.screen.drawing.themes import EXACT, paint
from geventim.terminal.screen.rim.plates import Plates
from geventim.terminal.screen.rim.scrolling import find_scroll
from geventim.terminal.screen.scene import Scene

NEAR: Final = 6
"""Equal cells between two changes that are drawn again rather than jumped over."""

HIDE_CURSOR: Final = "\x1b[?25l"
SHOW_CURSOR: Final = "\x1b[?25h"
BEGIN: Final = "\x1b[?2026h"
END: Final = "\x1b[?2026l"
"""Around a frame, so that a terminal that knows it shows nothing half drawn."""

PLAIN_LINK: Final = "\x1b]8;;\x1b\\"

Cells = tuple["Cell", ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """One column; the second one of a wide cluster is empty."""

    cluster: str
    style: Finish
    link: str


class Painter:
    """Knows what the terminal shows, which has so many ``colours``.

    ``styles`` are the parameters of each style. Fine pictures are drawn by its ``plates``.
    """

    def __init__(
        self,
        styles: dict[Style, str],
        colours: int = EXACT,
        *,
        links: bool = True,
        plates: Plates | None = None,
    ) -> None:
        self._plates = plates or Plates(tmux=False)
        self._styles = styles
        self._colours = colours
        self._links = links
        self._rows: tuple[Row, ...] = ()
        self._cursor: tuple[int, int] | None = None

    def forget(self) -> None:
        """Nothing is known of what the terminal shows."""
        self._rows = ()
        self._cursor = None
        self._plates.forget()

    def show(self, scene: Scene, columns: int, rows: int) -> str:
        """What makes the terminal, which has so many columns and rows, show ``scene``."""
        return self.paint(draw(scene, columns, rows))

    def paint(self, picture: Picture) -> str:
        """What makes the terminal show ``picture``; nothing if it does."""
        rows = picture.rows
        is_new = len(rows) != len(self._rows)
        before: tuple[Row, ...] = ((),) * len(rows) if is_new else self._rows
        scroll = find_scroll(before, rows)
        if scroll is not None:
            before = scroll.apply(before, self._blank(rows[0]))
        told = self._plates.tell(
            [new for old, new in zip(before, rows, strict=True) if old != new], rows
        )
        parts = [
            self._paint_row(number, _cells(old), _cells(new))
            for number, (old, new) in enumerate(zip(before, rows, strict=True))
            if old != new
        ]
        if not parts and not scroll and self._cursor == picture.cursor:
            return ""
        self._rows, self._cursor = rows, picture.cursor
        row, column = picture.cursor
        lead = "\x1b[0m\x1b[2J" if is_new else ""
        lead += scroll.sequence() if scroll else ""
        place = f"\x1b[{row + 1};{column + 1}H"
        if not parts and not scroll:
            return place
        return f"{told}{BEGIN}{HIDE_CURSOR}{lead}{''.join(parts)}\x1b[0m{place}{SHOW_CURSOR}{END}"

    def _look(self, style: Finish) -> str:
        if isinstance(style, Plate):
            return self._plates.colour(style)
        return self._styles[style] if isinstance(style, Style) else paint(style, self._colours)

    def _blank(self, row: Row) -> Row:
        """What a new row as wide as ``row`` looks like, if that is known."""
        return () if self._styles[Style.PLAIN] else fit((), len(_cells(row)))

    def _paint_row(self, number: int, old: Cells, new: Cells) -> str:
        if len(old) != len(new):
            return self._stretch(number, new, 0, len(new))
        parts = [self._stretch(number, new, start, end) for start, end in _stretches(old, new)]
        return "".join(parts)

    def _stretch(self, number: int, cells: Cells, start: int, end: int) -> str:
        parts: list[str] = []
        style: Finish | None = None
        look: str | None = None
        link = ""
        is_placed = False
        for column in range(start, end):
            cell = cells[column]
            if not cell.cluster:
                continue
            if not is_placed:
                parts.append(f"\x1b[{number + 1};{column + 1}H")
                is_placed = True
            if cell.style is not style:
                style = cell.style
                wanted = self._look(style)
                if wanted != look:
                    look = wanted
                    parts.append(f"\x1b[0;{look}m" if look else "\x1b[0m")
            if cell.link != link and self._links:
                link = cell.link
                parts.append(f"\x1b]8;;{_address(link)}\x1b\\")
            if len(cell.cluster) > 1 and column + 1 < len(cells) and not cells[column + 1].cluster:
                # A terminal that finds it narrower leaves what stood in its other half.
                parts.append(f"  \x1b[{number + 1};{column + 1}H")
            if isinstance(cell.style, Plate):
                parts.append(self._plates.cell(cell.style))
                continue
            parts.append(cell.cluster)
            is_placed = _is_agreed(cell.cluster)
        if link:
            parts.append(PLAIN_LINK)
        return "".join(parts)


@lru_cache(1_024)
def _cells(row: Row) -> Cells:
    cells: list[Cell] = []
    for segment in row:
        # Nothing that a terminal obeys gets past here, whoever has forgotten to make it safe.
        for cluster, wide in clusters(sanitize(segment.text)):
            cells.append(_cell(cluster, segment.style, segment.link))
            cells += [_cell("", segment.style, segment.link)] * (wide - 1)
    return tuple(cells)


@lru_cache(8_192)
def _cell(cluster: str, style: Finish, link: str) -> Cell:
    return Cell(cluster, style, link)


def _stretches(old: Cells, new: Cells) -> list[tuple[int, int]]:
    """From where to where cells are to be drawn; whole clusters."""
    found: list[tuple[int, int]] = []
    for column, (before, after) in enumerate(zip(old, new, strict=True)):
        if before is after or before == after:
            continue
        start, end = column, column + 1
        # What was wide leaves its other half behind, and what is wide covers one.
        while start > 0 and not (old[start].cluster and new[start].cluster):
            start -= 1
        while end < len(new) and not (old[end].cluster and new[end].cluster):
            end += 1
        # A terminal that finds it wider has covered what stands behind it.
        end = min(max(end, column + _reach(after.cluster)), len(new))
        if found and start - found[-1][1] <= NEAR:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return [(_whole(new, start), end) for start, end in found]


def _whole(cells: Cells, start: int) -> int:
    while start > 0 and not cells[start].cluster:
        start -= 1
    return start


def _is_agreed(cluster: str) -> bool:
    """Whether every terminal gives ``cluster`` the same columns."""
    return len(cluster) == 1 and ord(cluster) < 0x1100


def _reach(cluster: str) -> int:
    """The columns that ``cluster`` may take on some terminal."""
    return 1 if _is_agreed(cluster) else 2 * len(cluster)


def _address(link: str) -> str:
    """A link as a terminal takes it: printable ASCII without what ends it."""
    return "".join(char if " " < char < "\x7f" and char != ";" else _quoted(char) for char in link)


def _quoted(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode(errors="replace"))
