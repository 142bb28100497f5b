import pytest

from geventim.client.kept.letters import LETTER, Letter, Letters
from geventim.client.kept.memory import Memory
from geventim.errors import StoreError

FIRST = Letter("bob", b"content", b"own" * 5, 0, "line 1")
SECOND = Letter("Carol", b"more", b"", 3, 7)


def test_they_outlive_the_process_in_order():
    memory = Memory({})
    letters = Letters(memory)
    letters.put(FIRST)
    letters.put(SECOND)
    again = Letters(Memory(memory.take_changes()))
    assert list(again) == [FIRST, SECOND]
    assert len(again) == 2


def test_one_that_is_on_its_way_is_gone_and_its_number_is_not_that_of_another():
    memory = Memory({})
    letters = Letters(memory)
    letters.put(FIRST)
    letters.put(SECOND)
    letters.drop(FIRST)
    letters.put(FIRST)
    kept = {name: value for name, value in memory.take_changes().items() if value}
    assert list(Letters(Memory(kept))) == [SECOND, FIRST]


def test_they_are_found_by_who_has_wished_for_them_and_by_what_these_call_them():
    letters = Letters(Memory({}))
    letters.put(FIRST)
    letters.put(SECOND)
    assert letters.find(3, 7) is SECOND
    assert letters.find(0, 7) is None
    assert letters.called("BOB", b"own" * 5) is FIRST
    assert letters.called("carol", b"own" * 5) is None
    assert letters.called("carol", b"") is None


def test_nothing_of_them_is_shown():
    assert repr(FIRST) == "<Letter>"


def test_a_damaged_one_is_the_stores_fault():
    with pytest.raises(StoreError):
        Letters(Memory({f"{LETTER}000000000001": b"\xc1"}))
