from collections.abc import Iterator

import pytest

from geventim.chat import limits
from geventim.chat.values import Entry, EntryKind
from geventim.log.outcomes import Position
from geventim.log.pages import Interval, fill, find_position, spans

ALICE, BOB = b"a" * 16, b"b" * 16


def entry(seq: int, payload: bytes = b"", **fields: object) -> Entry:
    return Entry(b"c" * 16, seq, 1.0, ALICE, EntryKind.COMMIT, b"", b"h", 0, payload, **fields)


def test_an_account_is_entitled_to_its_intervals() -> None:
    intervals = [Interval(1, 3), Interval(5, 9, is_left=True), Interval(12)]
    assert list(spans(intervals, 0, 20)) == [(1, 3), (5, 9), (12, 20)]
    assert list(spans(intervals, 7, 20)) == [(7, 9), (12, 20)]
    assert list(spans(intervals, 9, 12)) == []


def test_a_page_holds_so_many_entries_and_reads_one_more() -> None:
    read = 0

    def entries() -> Iterator[Entry]:
        nonlocal read
        for seq in range(1, limits.PAGE_ENTRIES + 9):
            read += 1
            yield entry(seq)

    page = fill(entries(), BOB, present=True)
    assert len(page.entries) == limits.PAGE_ENTRIES == read - 1
    assert page.present


@pytest.mark.parametrize(("account", "held"), [(ALICE, 1), (BOB, 2)])
def test_it_holds_so_many_bytes_and_one_entry_at_least(account: bytes, held: int) -> None:
    half = bytes(limits.PAGE_SIZE // 2)
    read = [entry(1, half + b"x", welcome=half, added=(ALICE,)), entry(2, half[1:])]
    page = fill(read, account, present=False)
    assert len(page.entries) == held
    assert not page.present
    assert len(fill([entry(1, 3 * half)], BOB, present=True).entries) == 1


def test_a_position_is_behind_what_has_expired() -> None:
    found = entry(5)
    assert find_position(5, 9, b"last", 4, lambda: found) == Position(5, found.hash, 9, 4)
    assert find_position(2, 9, b"last", 4, lambda: found) == Position(4, b"h", 9, 4)
    assert find_position(2, 3, b"last", 4, lambda: found) == Position(4, b"h", 5, 4)
    assert find_position(2, 9, b"last", 9, lambda: None) == Position(9, b"last", 9, 9)


def test_at_the_end_nothing_is_looked_up() -> None:
    for after in (9, 12):
        assert find_position(after, 9, b"last", 4, pytest.fail) == Position(9, b"last", 9, 4)
