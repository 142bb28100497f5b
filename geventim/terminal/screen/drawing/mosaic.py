"""Small pictures in cells: two pixels in each, one above the other; or the terminal draws them."""

from collections.abc import Iterator

from geventim.app.files.raster import MOST, Raster
from geventim.terminal.screen.drawing.cells import Colours, Plate, Row, Segment

HALF = "▀"
"""Its upper half has the colour of the text, the lower one that of what is behind."""


def size_of(raster: Raster) -> tuple[int, int]:
    """The columns and rows of ``raster``; one that is fine has as many as if it were not."""
    width, height = raster.width, raster.height
    part = min(1.0, MOST[0] / width, MOST[1] / height)
    return max(1, round(width * part)), max(1, round(height * part / 2))


def rows_of_raster(raster: Raster) -> Iterator[Row]:
    """The rows of ``raster``, whose pixels are as many as cells show; or more, if it is fine."""
    if raster.width > MOST[0] or raster.height > MOST[1]:
        columns, rows = size = size_of(raster)
        for row in range(rows):
            yield tuple(Segment(" ", Plate(raster, size, column, row)) for column in range(columns))
        return
    for row in range(0, raster.height, 2):
        yield tuple(
            Segment(HALF, Colours(raster.colour(column, row), raster.colour(column, row + 1)))
            for column in range(raster.width)
        )
