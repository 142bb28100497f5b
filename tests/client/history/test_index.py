import msgspec
import pytest

from geventim.client.history.index import MARK, PAGES, PREFIX, Index
from geventim.client.kept.memory import Memory
from geventim.errors import StoreError

PLACE = b"p" * 16


def key(number):
    return number.to_bytes(4, "big") + bytes(12)


@pytest.fixture
def memory():
    return Memory({})


def restored(memory):
    memory.take_changes()
    return Index(memory.restored(), PLACE)


def test_pages_are_found_by_their_keys(memory):
    index = Index(memory, PLACE)
    index.put(1, [key(1), key(2)])
    index.put(9, [key(2), key(3)])
    for each in (index, restored(memory)):
        assert each.find(key(1)) == [1]
        assert each.find(key(2)) == [1, 9]
        assert each.find(key(4)) == []


def test_a_page_that_was_written_anew_has_other_keys(memory):
    index = Index(memory, PLACE)
    index.put(1, [key(1)])
    index.put(1, [key(2)])
    assert index.find(key(1)) == []
    assert restored(memory).find(key(2)) == [1]


def test_nobody_can_choose_what_is_found_by_the_same(memory):
    """Not by its beginning, and not by that of a mark."""
    index = Index(memory, PLACE)
    index.put(1, [b"abcdefgh12345678"])
    (marks,) = index._lists["000000000001"].values()
    for other in (b"abcdefgh87654321", marks[1:] + bytes(8), marks[5:] + bytes(12)):
        assert index.find(other) == []


def test_what_earlier_versions_have_listed_is_found(memory):
    kept = msgspec.msgpack.encode({1: key(1)[:4] + key(2)[:4], 2: key(3)[:4]})
    index = Index(Memory({f"{PREFIX}{PLACE.hex()}/000000000001": kept}), PLACE)
    assert (index.find(key(1)), index.find(key(3)), index.find(key(4))) == ([1], [2], [])
    index.put(1, [key(2)])
    index.drop(2)
    assert (index.find(key(1)), index.find(key(2)), index.find(key(3))) == ([], [1], [])


@pytest.mark.parametrize("drop", [lambda index: index.drop(1), lambda index: index.put(1, [])])
def test_a_page_that_is_gone_is_not_found(memory, drop):
    index = Index(memory, PLACE)
    index.put(1, [key(1)])
    memory.take_changes()
    drop(index)
    assert index.find(key(1)) == []
    assert list(memory.take_changes().values()) == [None]
    index.drop(1)


def test_a_list_does_not_grow_without_bound(memory):
    index = Index(memory, PLACE)
    for number in range(1, 4 * PAGES + 1):
        index.put(number, [key(number)] * 64)
    kept = memory.take_changes()
    assert len(kept) == 4
    assert max(map(len, kept.values())) < PAGES * (64 * MARK + 16)
    index.put(4 * PAGES + 1, [key(1)])
    assert len(memory.take_changes()) == 1


def test_other_conversations_have_their_own(memory):
    index = Index(memory, PLACE)
    index.put(1, [key(1)])
    memory.take_changes()
    assert Index(memory.restored(), b"q" * 16).find(key(1)) == []


def test_what_is_damaged_is_told():
    with pytest.raises(StoreError):
        Index(Memory({f"{PREFIX}{PLACE.hex()}/000000000001": b"\xff"}), PLACE)
