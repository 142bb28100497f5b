import re

import pytest

from geventim.terminal.screen.drawing.cells import Style
from geventim.terminal.screen.drawing.themes import Theme, table


@pytest.mark.parametrize("theme", Theme)
@pytest.mark.parametrize("colours", [16, 256])
def test_every_style_looks_like_something(theme, colours):
    styles = table(theme, colours)
    assert set(styles) == set(Style)
    assert all(re.fullmatch(r"[\d;]*", look) for look in styles.values())


def test_the_plain_theme_has_no_colours():
    parameters = {each for look in table(Theme.PLAIN).values() for each in look.split(";")}
    assert parameters <= {"", "1", "2", "3", "4", "7"}


def test_few_colours_are_enough():
    assert not any("38;5" in look or "48;5" in look for look in table(Theme.DARK, 16).values())


@pytest.mark.parametrize("theme", Theme)
def test_a_call_does_not_look_like_unread(theme):
    styles = table(theme)
    assert len({styles[Style.CALL], styles[Style.UNREAD], styles[Style.PLAIN]}) == 3
