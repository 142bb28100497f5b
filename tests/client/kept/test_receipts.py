import pytest

from geventim.client.kept import receipts as module
from geventim.client.kept.memory import Memory
from geventim.client.kept.receipts import RECEIPT, Receipt, Receipts
from geventim.errors import StoreError

LOBBY, DEN = b"L" * 16, b"D" * 16


def receipt(number, conversation=LOBBY):
    return Receipt(conversation, bytes([number]) * 16, bytes([100 + number]) * 16)


def kept(memory):
    """What another process would find."""
    changes = memory.take_changes()
    return Receipts(Memory({name: value for name, value in changes.items() if value}))


def test_they_outlive_the_process():
    memory = Memory({})
    receipts = Receipts(memory)
    receipts.put(receipt(1))
    receipts.put(receipt(1, DEN))
    receipts.settle(LOBBY, b"\1" * 16, 7)
    again = kept(memory)
    assert again.find(LOBBY, b"\1" * 16).seq == 7
    assert again.find(DEN, b"\1" * 16) == receipt(1, DEN)
    assert again.find(LOBBY, b"\2" * 16) is None


def test_one_that_came_to_nothing_is_gone():
    memory = Memory({})
    receipts = Receipts(memory)
    receipts.put(receipt(1))
    receipts.drop(LOBBY, b"\1" * 16)
    receipts.drop(LOBBY, b"\2" * 16)
    receipts.settle(LOBBY, b"\1" * 16, 7)
    assert receipts.find(LOBBY, b"\1" * 16) is None
    assert {name: value for name, value in memory.take_changes().items() if value} == {}


def test_the_oldest_go_first(monkeypatch):
    monkeypatch.setattr(module, "MOST", 2)
    memory = Memory({})
    receipts = Receipts(memory)
    for number in (1, 2, 3):
        receipts.put(receipt(number))
    found = [receipts.find(LOBBY, bytes([number]) * 16) for number in (1, 2, 3)]
    assert found == [None, receipt(2), receipt(3)]
    again = kept(memory)
    again.put(receipt(4))
    assert again.find(LOBBY, b"\2" * 16) is None
    assert again.find(LOBBY, b"\4" * 16) == receipt(4)


def test_damaged_ones_are_the_stores_fault():
    with pytest.raises(StoreError):
        Receipts(Memory({f"{RECEIPT}000000000001": b"\xc1"}))
