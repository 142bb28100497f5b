import pytest

from geventim.app.files import thumbnailer
from geventim.app.files.raster import FINE, MOST, Raster


def test_what_is_said_is_read() -> None:
    raster = Raster.parse(bytes([2, 2, *range(12)]))
    assert raster == Raster(2, 2, bytes(range(12)))
    assert raster.colour(1, 1) == 0x090A0B
    assert hash(raster) == hash(Raster(2, 2, bytes(range(12))))


@pytest.mark.parametrize(
    "data", [b"", b"\1", b"\1\2", b"\1\2" + bytes(5), b"\1\1" + bytes(3), b"\0\2", bytes([33, 2])]
)
def test_what_is_not_whole_or_too_large_is_nothing(data: bytes) -> None:
    assert Raster.parse(data + bytes(198) if data[:1] == b"!" else data) is None


def test_they_are_as_large_as_the_program_prints_them() -> None:
    assert (thumbnailer.CELLS, thumbnailer.FINE) == (MOST, FINE)


def test_a_fine_one_may_have_more() -> None:
    data = bytes([128, 96]) + bytes(3 * 128 * 96)
    assert Raster.parse(data) is None
    assert Raster.parse(data, FINE) == Raster(128, 96, data[2:])
    assert Raster.parse(bytes([129, 96]) + bytes(3 * 129 * 96), FINE) is None
