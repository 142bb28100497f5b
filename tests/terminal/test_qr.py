import re

import pytest
import segno

from geventim.terminal.qr import QUIET, draw, width

NUMBER = "0123456789" * 6
MODULES = {"█": (0, 0), "▀": (0, 1), "▄": (1, 0), " ": (1, 1)}


def read(drawing):
    """The modules that a drawing shows."""
    rows = []
    for line in drawing.splitlines():
        rows.append([MODULES[char][0] for char in line])
        rows.append([MODULES[char][1] for char in line])
    return rows


@pytest.mark.parametrize("text", [NUMBER, "x", "ä" * 100])
def test_drawing_shows_the_symbol(text):
    symbol = [list(row) for row in segno.make_qr(text).matrix_iter(border=QUIET)]
    shown = read(draw(text, colour=False))
    assert shown[: len(symbol)] == symbol
    assert all(not any(row) for row in shown[len(symbol) :])


def test_safety_number_fits_a_small_terminal():
    lines = draw(NUMBER, colour=False).splitlines()
    assert len(lines) <= 22
    assert {len(line) for line in lines} == {width(NUMBER)} == {33}


def test_colours_say_what_is_light():
    coloured = draw(NUMBER, colour=True)
    assert all(
        re.fullmatch("\x1b\\[97;40m[█▀▄ ]+\x1b\\[0m", line) for line in coloured.splitlines()
    )
    assert re.sub("\x1b[^m]*m", "", coloured) == draw(NUMBER, colour=False)


def test_there_can_be_less_around_it():
    lines = draw(NUMBER, colour=False, quiet=2).splitlines()
    assert {len(line) for line in lines} == {width(NUMBER) - 2 * (QUIET - 2)}
