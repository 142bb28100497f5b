from geventim.app.files.raster import Raster
from geventim.terminal.screen.drawing.cells import Colours
from geventim.terminal.screen.drawing.mosaic import HALF, rows_of_raster


def test_a_cell_shows_two_pixels():
    rows = list(rows_of_raster(Raster(1, 4, bytes(range(12)))))
    assert [[(part.text, part.style) for part in row] for row in rows] == [
        [(HALF, Colours(0x000102, 0x030405))],
        [(HALF, Colours(0x060708, 0x090A0B))],
    ]
