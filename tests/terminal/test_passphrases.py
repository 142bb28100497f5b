import pytest

from geventim.errors import UserError
from geventim.terminal.passphrases import Passphrases


class Recorder:
    """A terminal that notes what happens to it, and answers."""

    def __init__(self, *lines):
        self.lines = list(lines)
        self.hidden = False
        self.shown = []
        self.typed_in_the_open = []

    def hide(self, hidden):
        self.hidden = hidden

    def answers(self):
        for line in self.lines:
            if not self.hidden:
                self.typed_in_the_open.append(line)
            yield line

    def passphrases(self):
        return Passphrases(self.shown.append, self.answers(), self)


def test_it_is_asked_without_echo():
    terminal = Recorder("", "  größe  ")
    assert terminal.passphrases().ask("Passphrase: ") == "größe"
    assert terminal.typed_in_the_open == []
    assert not terminal.hidden
    assert terminal.shown.count("Passphrase: ") == 2
    assert terminal.shown[-1] == "\n"


def test_a_new_one_is_typed_twice():
    terminal = Recorder("one", "two", "three", "three")
    assert terminal.passphrases().choose("New: ") == "three"
    assert "Those were not the same.\n" in terminal.shown
    assert terminal.typed_in_the_open == []


def test_only_where_it_may_be_is_it_empty():
    assert Recorder("").passphrases().choose("New: ", may_be_empty=True) == ""
    assert Recorder("", "x", "x").passphrases().choose("New: ") == "x"


def test_echo_comes_back_when_nobody_answers():
    terminal = Recorder()
    with pytest.raises(UserError) as caught:
        terminal.passphrases().ask("Passphrase: ")
    assert caught.value.code == "no_answer"
    assert not terminal.hidden
