from geventim.terminal.screen.drawing.cells import fit, segment
from geventim.terminal.screen.rim.scrolling import Scroll, find_scroll
from tests.terminal.screen.emulator import Emulator

COLUMNS = 20


def rows(*texts):
    return tuple(fit((segment(text),), COLUMNS) for text in texts)


BEFORE = rows("top", *(f"message {number}" for number in range(6)), "status")


def test_what_has_moved_up_is_found():
    after = rows("top", *(f"message {number}" for number in range(2, 8)), "status 2")
    assert find_scroll(BEFORE, after) == Scroll(1, 6, 2)


def test_what_stands_beside_the_first_ones_does_not_hide_it():
    after = rows("top", "other", *(f"message {number}" for number in range(2, 7)), "status")
    assert find_scroll(BEFORE, after) == Scroll(1, 6, 1)


def test_what_has_moved_otherwise_or_hardly_is_painted():
    assert find_scroll(BEFORE, BEFORE) is None
    assert (
        find_scroll(BEFORE, rows("top", "message -1", *(f"message {n}" for n in range(6)))) is None
    )
    assert find_scroll(BEFORE, rows(*"abcdefgh")) is None
    assert find_scroll(BEFORE, (*BEFORE[:-3], *rows("x", "message 5", "status"))) is None


def test_a_terminal_does_it():
    screen = Emulator(COLUMNS, len(BEFORE))
    for number, text in enumerate(["top", *(f"message {n}" for n in range(6)), "status"], 1):
        screen.feed(f"\x1b[{number};1H{text}")
    scroll = Scroll(1, 6, 2)
    screen.feed(scroll.sequence())
    assert screen.screen.display[1] == "message 2".ljust(COLUMNS)
    assert screen.screen.display[5:] == ["".ljust(COLUMNS)] * 2 + ["status".ljust(COLUMNS)]
    assert scroll.apply(BEFORE, ())[5:] == ((), (), BEFORE[7])
