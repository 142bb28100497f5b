"""QR codes drawn with characters, two modules of the symbol in the height of one."""

from itertools import zip_longest
from typing import Final

import segno

QUIET: Final = 4
"""Modules around a symbol that stay light (ISO/IEC 18004)."""

BLOCKS: Final = {(0, 0): "█", (0, 1): "▀", (1, 0): "▄", (1, 1): " "}
"""What shows an upper and a lower module; the blocks are the light ones, as on a dark terminal."""

LIGHT_ON_DARK: Final = "\x1b[97;40m"
PLAIN: Final = "\x1b[0m"


def width(text: str) -> int:
    """Columns that the QR code of ``text`` takes."""
    columns, _ = segno.make_qr(text).symbol_size(border=QUIET)
    return int(columns)


def draw(text: str, *, colour: bool, quiet: int = QUIET) -> str:
    """The QR code of ``text``: lines of equal width, each with its end; ``quiet`` is around it.

    With ``colour`` it is light and dark whatever the colours of the terminal are.
    """
    rows = segno.make_qr(text).matrix_iter(border=quiet)
    lines = [
        "".join(BLOCKS[upper, lower] for upper, lower in zip(above, below, strict=True))
        for above, below in _pairs([list(map(int, row)) for row in rows])
    ]
    before, after = (LIGHT_ON_DARK, PLAIN) if colour else ("", "")
    return "".join(f"{before}{line}{after}\n" for line in lines)


def _pairs(rows: list[list[int]]) -> list[tuple[list[int], list[int]]]:
    """The rows two by two; where the last one is alone, a light one follows."""
    light = [0] * len(rows[0])
    return list(zip_longest(rows[::2], rows[1::2], fillvalue=light))
