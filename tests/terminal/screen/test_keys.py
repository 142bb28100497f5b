import pytest
from urwid.display.escape import input_sequences

from geventim.terminal.screen import keys
from geventim.terminal.screen.keys import BINDINGS, Action, Where

MODIFIED = {"ctrl home", "ctrl end", "shift enter", "ctrl left", "ctrl right", "meta left"}


def test_a_key_means_one_thing():
    for where in Where:
        bound = [key for each in BINDINGS if each.where is where for key in each.keys]
        assert len(bound) == len(set(bound))


def test_a_place_wins_over_everywhere():
    assert keys.action(Where.INPUT, "up") is Action.UP
    assert keys.action(Where.SEARCH, "ctrl p") is Action.NEXT_FIND
    assert keys.action(Where.INPUT, "ctrl p") is Action.PALETTE
    assert keys.action(Where.INPUT, "x") is None


def test_every_action_has_a_key():
    bound = {each.action for each in BINDINGS}
    assert set(Action) - bound == set()


def test_chords_have_their_prefix():
    assert {"ctrl x"} == keys.PREFIXES


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("ctrl p", "Ctrl-P"),
        ("meta a", "Alt-a"),
        ("ctrl x ctrl e", "Ctrl-X Ctrl-E"),
        ("page up", "Page Up"),
        ("shift tab", "Shift-Tab"),
        ("f1", "F1"),
        ("meta backspace", "Alt-Backspace"),
        ("q", "q"),
    ],
)
def test_keys_are_spelled_as_people_know_them(key, name):
    assert keys.spell(key) == name


def test_help_has_every_binding_below_its_place():
    rows = list(keys.help_rows())
    assert len(rows) == len(BINDINGS) + len(Where)
    assert rows[0] == ("everywhere", "")
    assert ("Ctrl-P", "go to a conversation or a person, or find a command") in rows
    assert ("Alt-1 … Alt-9", "go to that conversation") in rows


def test_names_are_those_of_the_decoder():
    known = {name for _, name in input_sequences} | {
        "tab", "enter", "esc", "backspace", "meta enter", "meta backspace", "shift enter",
    }  # fmt: skip
    for binding in BINDINGS:
        for key in binding.keys:
            for part in key.replace("ctrl x ", "").split("  "):
                is_letter = len(part.split()[-1]) == 1
                assert is_letter or part in known, part
