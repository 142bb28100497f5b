"""What is kept of what was said of late."""

import pytest

from geventim.chat import limits
from geventim.chat.values import Entry, EntryKind
from geventim.service.recent import OVERHEAD, SIZE, Recent

ROOM, OTHER = bytes(16), bytes(range(16))


def entry(seq, conversation=ROOM):
    return Entry(
        conversation,
        seq,
        time=1.0,
        author=bytes(32),
        kind=EntryKind.MESSAGE,
        message_id=bytes(16),
        previous=bytes([seq]) * 32,
    )


@pytest.fixture
def kept():
    kept = Recent(SIZE)
    for seq in range(4, 8):
        kept.keep(entry(seq), b"%d" % seq)
    return kept


def test_what_follows_is_given_in_order(kept):
    assert kept.frames(ROOM, 4, 7) == [b"5", b"6", b"7"]
    assert kept.frames(ROOM, 3, 4) == [b"4"]
    assert kept.frames(ROOM, 7, 7) == []


@pytest.mark.parametrize(("after", "last"), [(2, 7), (3, 8), (7, 8)])
def test_nothing_is_given_where_one_is_missing(kept, after, last):
    assert kept.frames(ROOM, after, last) == []


def test_conversations_are_told_apart(kept):
    kept.keep(entry(8, OTHER), b"other")
    assert kept.frames(ROOM, 6, 8) == []
    assert kept.frames(OTHER, 7, 8) == [b"other"]


def test_hash_before_an_entry(kept):
    assert kept.hash_before(ROOM, 5) == bytes([5]) * 32
    assert kept.hash_before(ROOM, 3) is None


def test_a_page_has_so_many_entries(kept, monkeypatch):
    monkeypatch.setattr(limits, "PAGE_ENTRIES", 2)
    assert kept.frames(ROOM, 3, 7) == [b"4", b"5"]


def test_a_page_has_so_many_bytes_but_at_least_one_entry(kept, monkeypatch):
    monkeypatch.setattr(limits, "PAGE_SIZE", 2)
    assert kept.frames(ROOM, 3, 7) == [b"4", b"5"]
    monkeypatch.setattr(limits, "PAGE_SIZE", 0)
    assert kept.frames(ROOM, 3, 7) == [b"4"]


def test_the_oldest_is_forgotten_when_there_are_too_many():
    kept = Recent(3 * (OVERHEAD + 1))
    for seq in range(1, 5):
        kept.keep(entry(seq), b"!")
        kept.keep(entry(seq), b"!")  # twice takes no more room
    assert kept.frames(ROOM, 0, 4) == []
    assert kept.frames(ROOM, 1, 4) == 3 * [b"!"]
    kept.keep(entry(5), bytes(2 * OVERHEAD + 3))
    assert kept.hash_before(ROOM, 4) is None
    assert len(kept.frames(ROOM, 4, 5)) == 1


def test_everything_is_forgotten(kept):
    kept.clear()
    assert kept.frames(ROOM, 3, 7) == []
    assert kept.hash_before(ROOM, 5) is None
