from hashlib import blake2b

import pytest
from msgspec.msgpack import encode

from geventim.client.history.index import HASHED, MARK, PAGES, PREFIX, Index
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
    (mark,) = index._sheets[1].marks
    hashed = mark.to_bytes(MARK, "big")
    for other in (b"abcdefgh87654321", hashed + bytes(8), hashed[4:] + bytes(12)):
        assert index.find(other) == []


def earlier(**lists):
    """What earlier versions have kept."""
    return Memory(
        {f"{PREFIX}{PLACE.hex()}/{name[1:]:0>12}": encode(kept) for name, kept in lists.items()}
    )


def test_what_earlier_versions_have_listed_is_found_and_kept_as_now():
    hashed = b"".join(blake2b(key(each), digest_size=MARK).digest() for each in (4, 5))
    memory = earlier(
        p1={1: key(1)[:4] + key(2)[:4], 2: key(3)[:4]}, p7={7: HASHED + hashed, 8: key(1)[:4]}
    )
    assert Index(memory, PLACE).find(key(1)) == [1, 8]
    assert sorted(memory.take_changes().values(), key=bool)[0] is None
    for index in (Index(memory, PLACE), restored(memory)):
        found = [index.find(key(number)) for number in range(1, 7)]
        assert found == [[1, 8], [1], [2], [7], [7], []]
    index.put(1, [key(2)])
    index.drop(2)
    assert [index.find(key(number)) for number in (1, 2, 3)] == [[8], [1], []]


def test_long_lists_of_earlier_versions_become_some_of_now():
    lists = {
        f"p{start}": {number: key(number)[:4] for number in range(start, start + 16)}
        for start in range(1, 4 * PAGES, 16)
    }
    memory = earlier(**lists)
    index = Index(memory, PLACE)
    kept = [value for value in memory.take_changes().values() if value is not None]
    assert len(kept) == 4
    for each in (index, Index(memory.restored(), PLACE)):
        assert all(each.find(key(number)) == [number] for number in range(1, 4 * PAGES))


def test_a_page_that_comes_back_takes_the_place_of_no_others(memory):
    """The first of its list, when that and the last one are full."""
    index = Index(memory, PLACE)
    for number in range(1, 2 * PAGES + 1):
        index.put(number, [key(number)])
    index.drop(1)
    index.put(1, [key(1)])
    for each in (index, restored(memory)):
        assert all(each.find(key(number)) == [number] for number in range(1, 2 * PAGES + 1))


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
        index.put(number, [key(64 * number + each) for each in range(64)])
    kept = memory.take_changes()
    assert len(kept) == 4
    assert max(map(len, kept.values())) <= PAGES * 64 * 12 + 16
    index.put(4 * PAGES + 1, [key(1)])
    assert len(memory.take_changes()) == 1


def test_other_conversations_have_their_own(memory):
    index = Index(memory, PLACE)
    index.put(1, [key(1)])
    memory.take_changes()
    assert Index(memory.restored(), b"q" * 16).find(key(1)) == []


@pytest.mark.parametrize(
    "damaged", [b"\xff", encode([bytes(8), b""]), encode([bytes(7), bytes(4)]), encode([b"", b""])]
)
def test_what_is_damaged_is_told(damaged):
    with pytest.raises(StoreError):
        Index(Memory({f"{PREFIX}{PLACE.hex()}/000000000001": damaged}), PLACE)
