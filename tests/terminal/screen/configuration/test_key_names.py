import pytest

from geventim.terminal.screen.configuration.key_names import KEYS, parse_key
from geventim.terminal.screen.keys import BINDINGS, spell


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Ctrl-P", "ctrl p"),
        ("ctrl-p", "ctrl p"),
        ("alt-a", "meta a"),
        ("Alt-A", "meta A"),
        ("F12", "f12"),
        ("page up", "page up"),
        ("Shift-Tab", "shift tab"),
        ("Ctrl-X Ctrl-E", "ctrl x ctrl e"),
        ("g", "g"),
        ("G", "G"),
        ("meta down", "meta down"),
        ("Hyper-Q", None),
        ("", None),
        ("Ctrl-X x", None),
    ],
)
def test_keys_are_written_as_people_know_them(text, key):
    assert parse_key(text) == key


def test_every_key_that_is_bound_can_be_written():
    for binding in BINDINGS:
        for key in binding.keys:
            assert parse_key(spell(key)) == key


def test_a_key_has_one_name():
    assert len(set(KEYS.values())) == len(KEYS)
