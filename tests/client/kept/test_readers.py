import pytest

from geventim.client.kept.memory import Memory
from geventim.client.kept.readers import MOST, READERS, Readers
from geventim.errors import StoreError

PLACE = bytes(16)
ANN, BEN = b"a" * 16, b"b" * 16


def test_they_outlive_the_process():
    memory = Memory({})
    readers = Readers(memory, PLACE)
    assert readers.read(ANN) == 0
    assert readers.note(ANN, 7)
    assert readers.note(BEN, 3)
    again = Readers(Memory(memory.take_changes()), PLACE)
    assert (again.read(ANN), again.read(BEN)) == (7, 3)


def test_nobody_unreads():
    readers = Readers(Memory({}), PLACE)
    readers.note(ANN, 7)
    assert not readers.note(ANN, 7)
    assert not readers.note(ANN, 2)
    assert readers.read(ANN) == 7


def test_who_has_said_nothing_for_longest_is_let_go_of():
    readers = Readers(Memory({}), PLACE)
    for number in range(2 * MOST):
        readers.note(bytes([number]) * 16, 1)
    readers.note(bytes(16), 2)
    readers.note(ANN, 1)
    assert (readers.read(bytes(16)), readers.read(b"\x01" * 16)) == (2, 0)


def test_damaged_ones_are_the_stores_fault():
    with pytest.raises(StoreError):
        Readers(Memory({READERS + PLACE.hex(): b"\xc1"}), PLACE)
