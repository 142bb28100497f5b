import pytest

from geventim.client.history.faded import MOST, PREFIX, Faded
from geventim.client.kept.memory import Memory
from geventim.errors import StoreError

PLACE = b"p" * 16


def message_id(number):
    return number.to_bytes(16, "big")


def restored(memory):
    memory.take_changes()
    return Faded(memory.restored(), PLACE)


def test_the_last_are_remembered():
    memory = Memory({})
    faded = Faded(memory, PLACE)
    for number in range(MOST + 2):
        faded.put(message_id(number))
    for each in (faded, restored(memory)):
        assert message_id(1) not in each
        assert message_id(2) in each
        assert message_id(MOST + 1) in each


def test_what_is_damaged_is_said_to_be():
    with pytest.raises(StoreError, match="damaged"):
        Faded(Memory({PREFIX + PLACE.hex(): b"x" * 17}), PLACE)
