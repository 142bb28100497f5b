import pytest

from geventim.client.kept.away import MOST, NAME, Away
from geventim.client.kept.memory import Memory
from geventim.errors import StoreError

ANN, BEN = b"a" * 16, b"b" * 16


def restored(memory):
    memory.take_changes()
    return Away(memory.restored())


def test_what_is_said_outlives_the_process():
    memory = Memory({})
    away = Away(memory)
    away.change("lunch")
    away.note(ANN, "ann", "holiday")
    for each in (away, restored(memory)):
        assert (each.text, each.turn, each.of(ANN), each.called("ann")) == (
            "lunch",
            1,
            "holiday",
            "holiday",
        )
        assert (each.of(BEN), each.called("ben")) == ("", "")


def test_to_say_the_same_again_is_another_turn_and_to_say_nothing_again_is_none():
    away = Away(Memory({}))
    for turn, text in enumerate(("", "lunch", "lunch", "")):
        away.change(text)
        assert away.turn == turn
    away.change("")
    assert away.turn == 3


def test_what_is_said_again_is_no_news():
    away = Away(Memory({}))
    told = [away.note(ANN, "ann", text) for text in ("", "lunch", "lunch", "late", "", "")]
    assert told == [False, True, False, True, True, False]


def test_who_is_seen_is_not_away():
    memory = Memory({})
    away = Away(memory)
    away.note(ANN, "ann", "lunch")
    away.note(BEN, "ben", "lunch")
    away.forget("ann")
    for each in (away, restored(memory)):
        assert (each.of(ANN), each.of(BEN)) == ("", "lunch")


def test_only_those_are_known_who_said_so_last():
    away = Away(Memory({}))
    away.note(ANN, "ann", "lunch")
    for number in range(MOST):
        away.note(number.to_bytes(16, "big"), f"nick{number}", "lunch")
    assert away.of(ANN) == ""
    assert away.called("nick0") == "lunch"


def test_what_is_damaged_is_told():
    with pytest.raises(StoreError):
        Away(Memory({NAME: b"\xff"}))
