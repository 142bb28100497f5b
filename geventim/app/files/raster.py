"""A picture of very few pixels."""

from dataclasses import dataclass
from typing import Final

MOST: Final = (32, 24)
"""Pixels of one that cells show, in a row and one above the other."""

FINE: Final = (128, 96)
"""Those of one that a terminal draws itself."""


@dataclass(frozen=True, slots=True)
class Raster:
    """Its ``pixels`` are three bytes each, row by row; the ``height`` is even."""

    width: int
    height: int
    pixels: bytes

    def __repr__(self) -> str:
        return f"<raster of {self.width} by {self.height}>"

    def __hash__(self) -> int:
        return hash(self.pixels)

    def colour(self, column: int, row: int) -> int:
        """That of a pixel, as 0xRRGGBB."""
        start = 3 * (row * self.width + column)
        return int.from_bytes(self.pixels[start : start + 3], "big")

    @classmethod
    def parse(cls, data: bytes, most: tuple[int, int] = MOST) -> "Raster | None":
        """What ``data`` says: a byte each for width and height, and the pixels.

        None if that is nothing, or more than the ``most`` in a row and one above the other.
        """
        width, height = data[:2] if len(data) > 2 else (0, 0)
        is_right = 0 < width <= most[0] and 0 < height <= most[1] and height % 2 == 0
        pixels = data[2:]
        return (
            cls(width, height, pixels) if is_right and len(pixels) == 3 * width * height else None
        )
