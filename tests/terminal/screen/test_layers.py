import pytest

from geventim.terminal.screen.layers import (
    Candidate,
    Finder,
    Help,
    Palette,
    Prompt,
    Question,
    is_text,
    type_into,
)
from geventim.terminal.screen.typed.editor import Editor


def press(layer, *keys):
    """Press keys; whether the layer stays."""
    stays = True
    for key in keys:
        stays = layer.press(key)
    return stays


class TestHelp:
    def test_it_has_the_keys_and_the_commands(self):
        rows = Help([("/names", "lists")]).overlay().rows
        assert ("Ctrl-F", "search here") in rows
        assert ("/names", "lists") in rows

    def test_it_scrolls_and_closes(self):
        page = Help([])
        assert press(page, "down", "down", "up")
        assert page.overlay().top == 1
        assert press(page, "page up", "page up")
        assert page.overlay().top == 0
        assert not press(page, "esc")

    def test_it_takes_no_text(self):
        page = Help([])
        page.paste("x")
        assert page.overlay().typed is None


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


class TestQuestion:
    def test_it_shows_how_much_and_the_beginning(self):
        asked = Question("\n".join(map(str, range(100))), lambda: None).overlay()
        assert asked.title == "Paste 100 lines, 289 bytes?"
        assert asked.rows[0] == ("0", "")
        assert asked.rows[-1] == ("… and 88 more lines", "")

    @pytest.mark.parametrize(("key", "taken"), [("enter", 1), ("y", 1), ("esc", 0), ("n", 0)])
    def test_it_is_answered(self, key, taken):
        accepted = []
        question = Question("text", lambda: accepted.append(1))
        assert press(question, "x")
        assert not press(question, key)
        assert len(accepted) == taken


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


class TestPrompt:
    def test_what_is_typed_is_not_seen(self):
        answers = []
        secret = Prompt("Passphrase", answers.append, hidden=True)
        press(secret, "a", "b")
        secret.paste("cd")
        assert secret.overlay().typed == "••••"
        assert not press(secret, "enter")
        assert answers == ["abcd"]

    def test_what_is_no_secret_is_seen(self):
        question = Prompt("Name", lambda _: None)
        question.paste("a\nb")
        assert question.overlay().typed == "a b"

    def test_it_can_be_left(self):
        answers = []
        assert not press(Prompt("Passphrase", answers.append), "a", "esc")
        assert answers == [None]


def test_only_characters_are_text():
    assert all(map(is_text, ["a", "é", "漢", " "]))
    assert not any(map(is_text, ["up", "ctrl a", "\x1b", "\u202e", ""]))


def test_a_line_of_its_own_is_edited():
    editor = Editor()
    for key in ["a", "b", "left", "c", "end", "backspace"]:
        assert type_into(editor, key)
    assert editor.text == "ac"
    assert not type_into(editor, "f5")
