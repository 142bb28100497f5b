from geventim.terminal.screen.layers.finder import Finder
from tests.terminal.screen.layers.keyboard import press


class TestFinder:
    def setup_method(self):
        self.shown = []
        found = [("k3", "bo", "three x"), ("k1", "ana", "one x")]
        self.finder = Finder("#lobby", lambda text: found if text == "x" else [], self.shown.append)

    def test_results_come_as_one_types(self):
        assert self.finder.overlay().rows == ()
        press(self.finder, "x")
        assert self.finder.overlay().rows == (("bo", "three x"), ("ana", "one x"))

    def test_the_next_older_one_is_shown_where_it_was_said(self):
        assert not press(self.finder, "x", "up", "up", "enter")
        assert self.shown == ["k1"]

    def test_and_back(self):
        press(self.finder, "x", "up", "down", "enter")
        assert self.shown == ["k3"]

    def test_nothing_was_found(self):
        assert press(self.finder, "y", "enter")
        assert self.shown == []

    def test_it_closes(self):
        assert not press(self.finder, "esc")
