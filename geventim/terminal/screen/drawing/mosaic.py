"""Small pictures as text: each cell shows two pixels, one above the other."""

from collections.abc import Iterator

from geventim.app.files.raster import Raster
from geventim.terminal.screen.drawing.cells import Colours, Row, Segment

HALF = "▀"
"""Its upper half has the colour of the text, the lower one that of what is behind."""


def rows_of_raster(raster: Raster) -> Iterator[Row]:
    """The rows of ``raster``; each has as many columns as that is wide."""
    for row in range(0, raster.height, 2):
        yield tuple(
            Segment(HALF, Colours(raster.colour(column, row), raster.colour(column, row + 1)))
            for column in range(raster.width)
        )
