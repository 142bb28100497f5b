"""Pictures that the terminal draws itself: the graphics protocol of kitty, with placeholders.

The terminal is told a picture once, under a number. Where it is to be seen stand characters that
mean "this column and row of the picture with the number that is my colour": text like all other, so
nothing is left behind where it scrolls away or something is written over it.
"""

import base64
import secrets
import zlib
from collections.abc import Iterable, Iterator
from typing import Final

from geventim.app.files.raster import Raster
from geventim.terminal.screen.drawing.cells import Plate, Row
from geventim.terminal.screen.rim.sequences import through_tmux

PLACE: Final = "\U0010eeee"

MARKS: Final = tuple(
    map(
        chr,
        (
            0x305, 0x30D, 0x30E, 0x310, 0x312, 0x33D, 0x33E, 0x33F, 0x346, 0x34A, 0x34B, 0x34C,
            0x350, 0x351, 0x352, 0x357, 0x35B, *range(0x363, 0x370), *range(0x483, 0x488),
        ),
    )
)  # fmt: skip
"""What stands on it for the row and the column, counted from nothing."""

PIECE: Final = 4_096
"""Characters of a picture that are told at a time."""

HELD: Final = 64
"""Pictures that the terminal is to keep, besides those that are seen."""

NUMBERS: Final = 2**24
"""Numbers that a colour can be."""


class Plates:
    """What the terminal has, which may be behind ``tmux``."""

    def __init__(self, *, tmux: bool) -> None:
        self._tmux = tmux
        self._numbers: dict[Raster, int] = {}
        # Others may have told the same terminal theirs.
        self._next = secrets.randbelow(NUMBERS)

    def forget(self) -> None:
        """It has none any more."""
        self._numbers.clear()

    def tell(self, changed: Iterable[Row], shown: Iterable[Row]) -> str:
        """What tells it the pictures in the rows that have ``changed``, of those that are shown."""
        wanted = _plates(changed)
        for raster in wanted:
            # What is wanted again is the last to be let go.
            if raster in self._numbers:
                self._numbers[raster] = self._numbers.pop(raster)
        told = "".join(self._upload(plate) for plate in wanted.values())
        if told and len(self._numbers) > HELD:
            seen = _plates(shown)
            old = [raster for raster in self._numbers if raster not in seen]
            for raster in old[: len(self._numbers) - HELD]:
                told += self._wrap(f"a=d,d=I,i={self._numbers.pop(raster)},q=2")
        return told

    def cell(self, plate: Plate) -> str:
        """What stands in a cell."""
        return PLACE + MARKS[plate.row] + MARKS[plate.column]

    def colour(self, plate: Plate) -> str:
        """The parameters of its colour, which are the number of its picture."""
        number = self._numbers[plate.raster]
        return f"38;2;{number >> 16};{number >> 8 & 255};{number & 255}"

    def _upload(self, plate: Plate) -> str:
        raster = plate.raster
        if raster in self._numbers:
            return ""
        self._next = self._next % (NUMBERS - 1) + 1
        self._numbers[raster] = self._next
        data = base64.b64encode(zlib.compress(raster.pixels)).decode()
        columns, rows = plate.size
        head = (
            f"a=T,U=1,f=24,o=z,s={raster.width},v={raster.height},i={self._next},"
            f"c={columns},r={rows},q=2,"
        )
        pieces = [data[start : start + PIECE] for start in range(0, len(data), PIECE)]
        told = ""
        for number, piece in enumerate(pieces, 1):
            told += self._wrap(f"{head}m={int(number < len(pieces))};{piece}")
            head = ""
        return told

    def _wrap(self, text: str) -> str:
        sequence = f"\x1b_G{text}\x1b\\"
        return through_tmux(sequence) if self._tmux else sequence


def _plates(rows: Iterable[Row]) -> dict[Raster, Plate]:
    return {plate.raster: plate for row in rows for plate in _in_row(row)}


def _in_row(row: Row) -> Iterator[Plate]:
    for part in row:
        if isinstance(part.style, Plate):
            yield part.style
