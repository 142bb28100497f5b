"""Messages that cannot be opened yet: kept in order, bounded, and handed out once."""

import pytest

from geventim.chat.replies import EntryEvent
from geventim.client.kept.closed import Closed, ClosedEntry
from geventim.client.kept.memory import Memory
from geventim.errors import StoreError

PLACE = b"c" * 16


def entry(seq, epoch=3, at=0.0, payload=b"sealed"):
    event = EntryEvent(
        conversation=PLACE, seq=seq, time=0, author="bob", account=b"b" * 16, message_id=b"m" * 16
    )
    return ClosedEntry(epoch, at, event, payload)


def test_they_are_handed_out_once_by_epoch_and_in_order():
    memory = Memory({})
    kept = Closed(memory, PLACE)
    for seq, epoch in ((1, 3), (2, 4), (3, 3)):
        kept.put(entry(seq, epoch))
    assert kept.epochs() == {3, 4}
    assert [each.entry.seq for each in kept.take(3)] == [1, 3]
    assert kept.take(3) == []
    assert len(kept) == 1


def test_they_outlive_the_process():
    memory = Memory({})
    kept = Closed(memory, PLACE)
    for seq in (9, 10):
        kept.put(entry(seq))
    again = Closed(Memory(memory.take_changes()), PLACE)
    assert [each.entry.seq for each in again] == [9, 10]
    assert again.clear() == 2
    assert len(Closed(again._memory, PLACE)) == 0


def test_their_number_and_size_are_bounded():
    memory = Memory({})
    kept = Closed(memory, PLACE, most=3)
    assert [kept.put(entry(seq)) for seq in range(1, 6)] == [0, 0, 0, 1, 1]
    assert [each.entry.seq for each in kept] == [3, 4, 5]
    kept = Closed(memory, PLACE, most=3, largest=21)
    assert kept.put(entry(6, payload=bytes(15))) == 2, "it fits as it is"
    assert [each.entry.seq for each in kept] == [5, 6]
    assert kept.put(entry(7, payload=bytes(1))) == 1
    assert kept.put(entry(8, payload=bytes(22))) == 3, "one that is too large is lost itself"
    assert len(kept) == 0


def test_damaged_ones_are_the_stores_fault():
    memory = Memory({})
    Closed(memory, PLACE).put(entry(1))
    ((name, value),) = memory.take_changes().items()
    with pytest.raises(StoreError):
        Closed(Memory({name: value[:-1]}), PLACE)
