import pytest

from geventim.terminal.screen.drawing.cells import row_width
from tests.terminal.screen.hostile import NASTY, is_harmless
from tests.terminal.screen.play import Play

SIZES = [(1, 1), (3, 2), (10, 4), (40, 10), (59, 20), (60, 20), (80, 24), (99, 30), (120, 40)]


def talk(play):
    play.hear("hello there", nick="bo")
    play.hear("@ana look", room="lab")
    play.type("dra")
    return play


def test_a_wide_screen_has_everything():
    lines = talk(Play(120, 12).enter()).lines()
    assert lines[0].startswith("Rooms")
    assert "1 #lab                1!" in lines[1]
    assert "3 here" in lines[0]
    assert lines[-2].startswith(" #lobby · 3 people · not verified · end-to-end encrypted")
    assert lines[-1] == "#lobby> dra"
    assert "bo │ hello there" in lines[-3]


def test_at_eighty_people_are_gone():
    lines = talk(Play(80, 24).enter()).lines()
    assert lines[0].startswith("Rooms")
    assert "here" not in lines[0]


def test_a_small_one_is_usable():
    lines = talk(Play(40, 10).enter()).lines()
    assert lines[0] == " #lobby #lab 1!  +1"
    assert lines[-4].endswith(" bo")
    assert lines[-3] == "  hello there"
    assert lines[-1] == "#lobby> dra"


def test_the_cursor_is_in_the_input(play):
    talk(play)
    assert play.picture().cursor == (23, 11)
    play.press("left")
    assert play.picture().cursor == (23, 10)


def test_choices_and_overlays_lie_over_it(play):
    play.type("/na")
    assert any("/names lists who is connected" in line for line in play.lines())
    play.press("f1")
    assert any("┌─ Keys" in line for line in play.lines())


def test_a_tall_message_shows_its_end(play):
    play.hear("\n".join(map(str, range(100))))
    lines = play.lines()
    assert lines[-3].rstrip(" │").endswith("99")
    play.press("shift up")
    assert play.lines()[-3].rstrip(" │").endswith("98")


def test_resizing_keeps_the_place_and_the_draft():
    play = talk(Play(120, 40).enter())
    for number in range(200):
        play.hear(f"message {number}")
    play.press("page up", "page up", "page up")
    last = play.texts()[-1]
    for size in [(80, 24), (40, 10), (200, 50), (120, 40)]:
        play.resize(*size)
        assert play.texts()[-1] == last
        assert play.input == "dra"


@pytest.mark.parametrize("size", SIZES)
def test_every_row_has_all_columns(size):
    play = talk(Play(*size).enter())
    for keys in [
        (),
        ("f1",),
        ("esc", "ctrl p"),
        ("esc", "ctrl f", "h"),
        ("esc", "up"),
        ("page up",),
    ]:
        play.press(*keys)
        picture = play.picture()
        assert len(picture.rows) == size[1]
        if size[0] >= 40:
            assert {row_width(row) for row in picture.rows} == {size[0]}


@pytest.mark.parametrize("size", [(40, 10), (80, 24), (120, 40)])
def test_nothing_nasty_breaks_it(size):
    for nasty in NASTY:
        play = Play(*size)
        play.places = {"lobby": play.places["lobby"], nasty: play.places["lab"]}
        play.members = ("ana", nasty)
        play.enter()
        play.hear(nasty, nick=nasty)
        play.hear(nasty, room=nasty)
        play.model.paste(nasty)
        play.press("esc")
        picture = play.picture()
        assert {row_width(row) for row in picture.rows} == {size[0]}
        text = "".join(part.text for row in picture.rows for part in row)
        assert is_harmless(text)
