from geventim.terminal.screen.layers.figure import Figure, code_of
from tests.terminal.screen.layers.keyboard import press


def test_it_shows_what_it_is_given():
    overlay = Figure("Link", "eim://x", ["█▀", "▄ "], lambda: None, "foot").overlay()
    assert (overlay.rows, overlay.figure) == ((("eim://x", ""),), ("█▀", "▄ "))


def test_enter_does_it_and_closes():
    done = []
    figure = Figure("Link", "eim://x", [], lambda: done.append(1), "foot")
    assert press(figure, "a")
    figure.paste("text")
    assert not press(figure, "esc")
    assert done == []
    assert not press(figure, "enter")
    assert done == [1]


def test_what_no_code_can_hold_has_none():
    assert len(code_of("64200 09202")) > 10
    assert code_of("1" * 10_000) == code_of("\ud800") == ()
