from geventim.terminal.screen.layers.figure import Figure
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
