import pytest
from urwid.display.escape import input_sequences

from geventim.terminal.screen.keys import BINDINGS, DEFAULT, Action, Binding, Where, spell

MODIFIED = {"ctrl home", "ctrl end", "shift enter", "ctrl left", "ctrl right", "meta left"}


def test_a_key_means_one_thing():
    for where in Where:
        bound = [key for each in BINDINGS if each.where is where for key in each.keys]
        assert len(bound) == len(set(bound))


def test_a_place_wins_over_everywhere():
    assert DEFAULT.action(Where.INPUT, "up") is Action.UP
    assert DEFAULT.action(Where.SEARCH, "ctrl p") is Action.NEXT_FIND
    assert DEFAULT.action(Where.INPUT, "ctrl p") is Action.PALETTE
    assert DEFAULT.action(Where.INPUT, "x") is None


def test_every_action_has_a_key():
    bound = {each.action for each in BINDINGS}
    assert set(Action) - bound == set()


def test_chords_have_their_prefix():
    assert DEFAULT.prefixes == {"ctrl x"}


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
    assert spell(key) == name


def test_help_has_every_binding_below_its_place():
    rows = list(DEFAULT.help_rows())
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


def test_keys_can_be_others():
    changed = DEFAULT.with_binding(Binding(Where.EVERYWHERE, ("ctrl o",), Action.HELP, ""))
    assert changed.action(Where.INPUT, "ctrl o") is Action.HELP
    assert changed.action(Where.INPUT, "f1") is None
    assert ("Ctrl-O", "this page") in DEFAULT.with_binding(
        Binding(Where.EVERYWHERE, ("ctrl o",), Action.HELP, "")
    ).help_rows()


def test_what_had_no_key_there_can_have_one():
    more = DEFAULT.with_binding(Binding(Where.SELECTED, ("g",), Action.TO_TOP, "to the top"))
    assert more.bound(Where.SELECTED, "g") is Action.TO_TOP
    assert DEFAULT.bound(Where.SELECTED, "ctrl p") is None
    assert ("g", "to the top") in more.help_rows()
