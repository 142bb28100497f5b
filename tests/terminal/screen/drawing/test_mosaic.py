from geventim.app.files.raster import Raster
from geventim.terminal.screen.drawing.cells import Colours, Plate
from geventim.terminal.screen.drawing.mosaic import HALF, rows_of_raster, size_of


def test_a_cell_shows_two_pixels():
    rows = list(rows_of_raster(Raster(1, 4, bytes(range(12)))))
    assert [[(part.text, part.style) for part in row] for row in rows] == [
        [(HALF, Colours(0x000102, 0x030405))],
        [(HALF, Colours(0x060708, 0x090A0B))],
    ]


def test_a_fine_one_takes_as_many_cells_as_one_that_is_not():
    rows = list(rows_of_raster(Raster(128, 64, bytes(3 * 128 * 64))))
    assert [len(row) for row in rows] == [32] * 8
    assert rows[3][5].style == Plate(Raster(128, 64, bytes(3 * 128 * 64)), (32, 8), 5, 3)
    assert size_of(Raster(2, 96, b"")) == (1, 12)
