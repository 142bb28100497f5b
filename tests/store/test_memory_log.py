from typing import Any

import pytest

from geventim.chat import log
from geventim.chat.values import first_hash
from geventim.store.memory_log import Interval, MemoryLog
from tests.store.builders import ALICE, BOB, CREW, KEYED, append, commit, leave


@pytest.fixture
def crew() -> MemoryLog:
    made = MemoryLog(CREW)
    for person in (ALICE, BOB):
        made.begin(person.id, 0)
    return made


def write(kept: MemoryLog, **fields: Any) -> None:
    written = kept.apply(append(CREW, ALICE, b"text", **fields), is_peer_dnd=False)
    assert isinstance(written, log.Appended)


def test_an_empty_log_begins_with_its_incarnation_and_its_gate() -> None:
    kept = MemoryLog(KEYED)
    assert (kept.seq, kept.hash) == (0, first_hash(KEYED.incarnation))
    assert [(tip.seq, tip.gate) for tip in kept.tips] == [(0, KEYED.gate)]


def test_each_entry_continues_the_hash(crew: MemoryLog) -> None:
    write(crew)
    write(crew)
    one, two = crew.entries[1], crew.entries[2]
    assert one.previous == first_hash(CREW.incarnation)
    assert (two.previous, crew.hash) == (one.hash, two.hash)


class TestReopening:
    """A membership goes on that a commit had ended, when this commit is taken back."""

    def test_what_has_ended_since_goes_on(self, crew: MemoryLog) -> None:
        crew.end(BOB.id, 4)
        assert crew.reopen(BOB.id, 3) == 0
        assert crew.intervals[BOB.id] == [Interval(0)]
        assert crew.has_member(BOB.id)

    def test_what_came_after_it_is_one_with_it(self, crew: MemoryLog) -> None:
        crew.end(BOB.id, 4)
        crew.begin(BOB.id, 5)
        crew.end(BOB.id, 6)
        assert crew.reopen(BOB.id, 3) == 0
        assert crew.intervals[BOB.id] == [Interval(0)]

    def test_what_had_ended_before_stays_ended(self, crew: MemoryLog) -> None:
        crew.end(BOB.id, 2)
        crew.begin(BOB.id, 3)
        crew.end(BOB.id, 6)
        assert crew.reopen(BOB.id, 4) == 3
        assert crew.intervals[BOB.id] == [Interval(0, 2), Interval(3)]


def test_only_the_group_info_of_what_may_be_built_on_is_kept(crew: MemoryLog) -> None:
    crew.commit(commit(CREW, ALICE, 0, group_info=b"one"))
    crew.commit(commit(CREW, ALICE, 1, group_info=b"two"))
    assert crew.group_infos == {1: b"one", 2: b"two"}
    crew.commit(commit(CREW, BOB, 2, group_info=b"three"))
    assert crew.group_infos == {2: b"two", 3: b"three"}


def test_who_leaves_is_not_brought_back_by_what_is_taken_back(crew: MemoryLog) -> None:
    crew.commit(commit(CREW, ALICE, 0, remove=(BOB,)))
    crew.begin(BOB.id, 1)
    crew.apply(leave(CREW, BOB), is_peer_dnd=False)
    assert [tip.gone for tip in crew.tips] == [(), ()]
    assert crew.membership(BOB.id) is None


def test_what_expired_is_forgotten_by_every_name(crew: MemoryLog) -> None:
    write(crew, time=1.0)
    write(crew, time=9.0)
    assert crew.expire(log.Expire(5.0), 10) == 1
    assert list(crew.entries) == [2]
    assert list(crew.by_message.values()) == [crew.entries[2]]
    assert (crew.size, crew.floor) == (4, 1)
