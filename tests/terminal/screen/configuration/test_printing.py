import pytest

from geventim.terminal.screen.configuration.configuration import Configuration, read
from geventim.terminal.screen.configuration.printing import lines_of
from tests.terminal.screen.configuration.test_configuration import WHOLE


def whole(found):
    return (
        found.theme, found.styles, found.attention, found.bell, found.desktop, found.profile,
        found.keymap.bindings,
    )  # fmt: skip


@pytest.mark.parametrize("text", ["", WHOLE, "keys.profile = 'emacs'", "notices.words = []"])
def test_what_is_printed_says_the_same(text):
    found, _ = read(text)
    again, faults = read("\n".join(lines_of(found)))
    assert faults == ()
    assert whole(again) == whole(found)


def test_it_says_what_else_there_is():
    lines = list(lines_of(Configuration()))
    assert 'theme = "auto"  # auto, dark, light, mono' in lines
    assert 'help = ["F1"]  # this page' in lines
    assert "# words = []  # what calls you as your name does" in lines
