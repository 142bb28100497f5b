import pytest

from geventim.terminal.screen.layers.palette import Candidate, Palette
from tests.terminal.screen.layers.keyboard import press


class TestPalette:
    def setup_method(self):
        self.chosen = []
        self.palette = Palette(
            [Candidate(name, "", lambda name=name: self.chosen.append(name)) for name in "abc"]
            + [Candidate("lobby", "3 new", lambda: self.chosen.append("lobby"))]
        )

    def test_enter_chooses_the_first_that_fits(self):
        assert not press(self.palette, "l", "b", "enter")
        assert self.chosen == ["lobby"]

    def test_arrows_choose_and_stay_inside(self):
        assert press(self.palette, "up", "down", "down")
        assert self.palette.overlay().chosen == 2
        press(self.palette, *["down"] * 9)
        assert not press(self.palette, "enter")
        assert self.chosen == ["lobby"]

    def test_nothing_fits(self):
        assert press(self.palette, "z", "enter")
        assert self.palette.overlay().rows == ()
        assert self.chosen == []

    def test_typing_begins_with_the_first_again(self):
        press(self.palette, "down", "down", "a")
        assert self.palette.overlay().chosen == 0

    def test_what_is_pasted_is_one_line(self):
        self.palette.paste("lo\nbby")
        assert self.palette.overlay().typed == "lo bby"

    @pytest.mark.parametrize("key", ["esc", "ctrl c", "ctrl g"])
    def test_it_closes(self, key):
        assert not press(self.palette, key)
