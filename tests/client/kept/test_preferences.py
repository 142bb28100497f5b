import msgspec
import pytest

from geventim.client.kept.memory import Memory
from geventim.client.kept.preferences import SETTINGS, Preferences, Values
from geventim.errors import StoreError, UserError


def test_they_outlive_the_process():
    memory = Memory({})
    preferences = Preferences(memory)
    assert preferences.values.highlights == ()
    preferences.change("highlights", ["lunch", "coffee"])
    preferences.change("place", "#den")
    again = Preferences(Memory(memory.take_changes()))
    assert again.values == Values(("lunch", "coffee"), "#den")


def test_those_of_an_earlier_program_lack_what_came_later():
    kept = msgspec.msgpack.encode({"highlights": ["tea"]})
    assert Preferences(Memory({SETTINGS: kept})).values == Values(("tea",), "")


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("colour", "red", "unknown_setting"),
        ("highlights", "lunch", "bad_value"),
        ("highlights", [""], "bad_value"),
        ("highlights", ["x" * 65], "bad_value"),
        ("highlights", ["x"] * 65, "bad_value"),
        ("highlights", None, "bad_value"),
        ("receipts", "yes", "bad_value"),
        ("place", "x" * 129, "bad_value"),
        ("place", 7, "bad_value"),
    ],
)
def test_what_is_no_setting_changes_nothing(name, value, code):
    memory = Memory({})
    preferences = Preferences(memory)
    with pytest.raises(UserError) as error:
        preferences.change(name, value)
    assert error.value.code == code
    assert preferences.values.highlights == ()
    assert memory.take_changes() == {}


def test_damaged_ones_are_the_stores_fault():
    with pytest.raises(StoreError):
        Preferences(Memory({SETTINGS: b"\xc1"}))
