import base64
import re
import zlib

from geventim.app.files.raster import Raster
from geventim.terminal.screen.drawing.cells import fit
from geventim.terminal.screen.drawing.mosaic import rows_of_raster
from geventim.terminal.screen.drawing.picture import Picture
from geventim.terminal.screen.drawing.themes import Theme, table
from geventim.terminal.screen.rim.painter import Painter
from geventim.terminal.screen.rim.plates import HELD, PLACE, Plates

TOLD = re.compile(r"\x1b_G([^;\x1b]*);?([^\x1b]*)\x1b\\")


def fine(shade=0):
    return Raster(128, 96, bytes([shade, 1, 2]) * (128 * 96))


def picture(*rasters, rows=14):
    lines = [fit(row, 40) for raster in rasters for row in rows_of_raster(raster)]
    return Picture((*lines[:rows], *[fit((), 40)] * (rows - len(lines))), (0, 0))


def uploads(text):
    """The pictures that ``text`` tells of, by their numbers."""
    found, number = {}, ""
    for head, data in TOLD.findall(text):
        facts = dict(each.split("=") for each in head.split(","))
        if facts.get("a") == "d":
            continue
        number = facts.get("i", number)
        found[number] = found.get(number, "") + data
        assert len(data) <= 4_096
    return {each: zlib.decompress(base64.b64decode(data)) for each, data in found.items()}


def test_the_terminal_is_told_a_picture_once_and_where_it_stands():
    painter = Painter(table(Theme.DARK))
    text = painter.paint(picture(fine()))
    ((number, pixels),) = uploads(text).items()
    assert pixels == fine().pixels
    red, green, blue = int(number).to_bytes(3, "big")
    assert f"\x1b[0;38;2;{red};{green};{blue}m{PLACE}\u0305\u0305{PLACE}\u0305\u030d" in text
    assert text.count(PLACE) == 32 * 12
    text = painter.paint(picture(fine(), rows=13))
    assert text.count(PLACE) == 32 * 12
    assert uploads(text) == {}


def test_what_scrolls_away_is_text_like_all_other():
    painter = Painter(table(Theme.DARK))
    painter.paint(picture(fine()))
    text = painter.paint(picture())
    assert PLACE not in text
    assert "\x1b_G" not in text


def test_a_terminal_that_was_cleared_is_told_again():
    painter = Painter(table(Theme.DARK))
    painter.paint(picture(fine()))
    painter.forget()
    assert len(uploads(painter.paint(picture(fine())))) == 1


def test_it_keeps_so_many_and_those_that_are_seen():
    plates = Plates(tmux=False)
    rows = list(rows_of_raster(fine(0)))
    told = plates.tell(rows, rows)
    (first,) = uploads(told)
    for shade in range(1, HELD + 10):
        others = list(rows_of_raster(fine(shade)))
        told = plates.tell(others, [*rows, *others])
        assert f"d=I,i={first}," not in told
    assert "a=d,d=I,i=" in told
    assert plates.tell(rows, rows) == ""


def test_tmux_hands_it_on():
    rows = list(rows_of_raster(fine()))
    told = Plates(tmux=True).tell(rows, rows)
    assert told.startswith("\x1bPtmux;\x1b\x1b_Ga=T,U=1,")
    assert not re.search(r"(?<!\x1b)\x1b_G", told)
