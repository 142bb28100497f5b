import pytest

from geventim.terminal.screen.attention import Attention, Level, Preview
from geventim.terminal.screen.configuration.configuration import Configuration, Fault, read
from geventim.terminal.screen.drawing.cells import Style
from geventim.terminal.screen.keys import Action, Where

WHOLE = """
theme = "light"

[styles]
own = "bold #ff8800 on 236"

[notices]
level = "none"
preview = "sender"
bell = false
desktop = "osc99"
words = ["release"]

[notices.conversations]
"#Lab" = "all"

[keys]
profile = "vi"

[keys.anywhere]
palette = ["Ctrl-O", "F4"]

[keys.message]
reply = "R"
"""


def only_fault(text):
    found, (fault,) = read(text)
    assert found == Configuration() or "keys" in text or "notices" in text
    return fault


def test_an_empty_file_changes_nothing():
    found, faults = read("")
    assert faults == ()
    assert found == Configuration()


def test_pictures_may_be_drawn_by_the_terminal():
    assert read('pictures = "kitty"')[0].pictures == "kitty"
    assert read("pictures = false")[0].pictures is False
    assert only_fault("pictures = 3").sentence == 'pictures is true, false or "kitty", and not 3.'


def test_everything_can_be_said():
    found, faults = read(WHOLE)
    assert faults == ()
    assert found.theme == "light"
    assert found.styles == {Style.OWN: "bold #ff8800 on 236"}
    assert (found.bell, found.desktop) == (False, "osc99")
    assert found.attention == Attention(
        Preview.SENDER, level=Level.NONE, levels={"#lab": Level.ALL}, words=("release",)
    )
    assert found.keymap.action(Where.INPUT, "ctrl o") is Action.PALETTE
    assert found.keymap.action(Where.INPUT, "ctrl p") is None
    assert found.keymap.action(Where.SELECTED, "R") is Action.REPLY
    assert found.keymap.action(Where.SELECTED, "G") is Action.TO_BOTTOM


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("theme = 'blue'", 1, "theme is one of auto, dark, light, mono; 'blue' is none of them."),
        ("\n\nthem = 'dark'", 3, "there is no setting them; did you mean theme?"),
        ("[notices]\nbell = 'loud'", 2, "bell is true or false, and not 'loud'."),
        ("[notices]\nzzz = 1", 2, "there is no setting zzz in [notices]; there is level,"),
        ("[notices]\nwords = 'x'", 2, "words is a list of words"),
        ("[notices]\nwords = ['']", 2, "words has at most 64 words"),
        ("[notices.conversations]\n'#a b' = 'some'", 2, "#a b is one of all, mentions, none"),
        ("[styles]\nown = 'bold blurple'", 2, "own has 'blurple', which is no colour"),
        ("[styles]\nown = 3", 2, "own is words for a look"),
        ("[keys.anywhere]\nhelp = 'Hyper-Q'", 2, "help has 'Hyper-Q', which is no key"),
        ("[keys.anywhere]\nhelp = 'x'", 2, "you could not type that any more"),
        ("[keys.anywhere]\nhelp = 3", 2, "help is a key"),
        ("[keys.anywhere]\nhelp = 'Ctrl-P'", 2, "Ctrl-P means something else there."),
        ("[keys.anywhere]\ngo = 'F4'", 2, "there is no setting go"),
        ("[keys]\nprofile = 'nano'", 2, "profile is one of default, emacs, vi"),
        ("keys = 3", 1, "keys is a table: it begins with [keys]."),
        ("notices.bell = 3", 1, "bell is true or false"),
        ("\nkeys = {anywhere = {help = 3}}", 2, "help is a key"),
        ("theme = ", 1, "this is not TOML: "),
        ("a = 1\na = 2", 2, "this is not TOML: "),
        ("theme = 'dark", 1, "this is not TOML: "),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text, line, words):
    fault = only_fault(text)
    assert fault.line == line
    assert words in fault.sentence
    assert str(fault).startswith(f"line {line}: ")


def test_what_is_wrong_leaves_all_else_as_it_is_said():
    found, faults = read("theme = 'dark'\n[notices]\nbell = 3\nlevel = 'all'\npreview = 'x'")
    assert [fault.line for fault in faults] == [3, 5]
    assert (found.theme, found.attention.level) == ("dark", Level.ALL)


def test_a_key_that_was_given_up_can_be_another():
    text = "[keys.anywhere]\npalette = 'F4'\nhelp = ['F1', 'Ctrl-P']"
    found, faults = read(text)
    assert faults == ()
    assert found.keymap.action(Where.INPUT, "ctrl p") is Action.HELP


def test_a_fault_of_no_line_says_none():
    assert str(Fault(0, "it cannot be read.")) == "it cannot be read."
