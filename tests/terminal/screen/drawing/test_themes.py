import re

import pytest

from geventim.terminal.screen.drawing.cells import Style
from geventim.terminal.screen.drawing.themes import EXACT, Theme, table


@pytest.mark.parametrize("theme", Theme)
@pytest.mark.parametrize("colours", [16, 256])
def test_every_style_looks_like_something(theme, colours):
    styles = table(theme, colours)
    assert set(styles) == set(Style)
    assert all(re.fullmatch(r"[\d;]*", look) for look in styles.values())


def test_the_plain_theme_has_no_colours():
    parameters = {each for look in table(Theme.MONO).values() for each in look.split(";")}
    assert parameters <= {"", "1", "2", "3", "4", "7"}


def test_few_colours_are_enough():
    assert not any("38;5" in look or "48;5" in look for look in table(Theme.DARK, 16).values())


@pytest.mark.parametrize("theme", Theme)
def test_a_call_does_not_look_like_unread(theme):
    styles = table(theme)
    assert len({styles[Style.CALL], styles[Style.UNREAD], styles[Style.PLAIN]}) == 3


def test_looks_of_the_user_win():
    own = {Style.OWN: "1;38;2;255;136;0;48;5;236"}
    assert table(Theme.DARK, EXACT, own)[Style.OWN] == own[Style.OWN]
    assert table(Theme.MONO, 256, own)[Style.OWN] == "1;38;5;208;48;5;236"
    assert table(Theme.DARK, 16, own)[Style.OWN] == "1"


@pytest.mark.parametrize(
    ("exact", "nearest"),
    [("0;0;0", "232"), ("255;255;255", "255"), ("255;0;0", "196"), ("0;0;255", "21"),
     ("128;128;128", "244")],
)  # fmt: skip
def test_a_colour_is_the_nearest_that_there_is(exact, nearest):
    own = {Style.OWN: f"38;2;{exact}"}
    assert table(Theme.DARK, 256, own)[Style.OWN] == f"38;5;{nearest}"
