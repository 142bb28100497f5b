"""A picture of very few pixels."""

from dataclasses import dataclass
from typing import Final

MOST_WIDTH: Final = 32
MOST_HEIGHT: Final = 24


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
    def parse(cls, data: bytes) -> "Raster | None":
        """What ``data`` says: a byte each for width and height, and the pixels; None if nothing."""
        width, height = data[:2] if len(data) > 2 else (0, 0)
        is_right = 0 < width <= MOST_WIDTH and 0 < height <= MOST_HEIGHT and height % 2 == 0
        pixels = data[2:]
        return (
            cls(width, height, pixels) if is_right and len(pixels) == 3 * width * height else None
        )
