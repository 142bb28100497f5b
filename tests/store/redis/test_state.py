"""A conversation as it comes from Redis is a log in memory like it."""

import pytest

from geventim.store.memory.log import MemoryLog
from geventim.store.redis.layout import Roster, pack
from geventim.store.redis.state import State, questions, read_state
from geventim.store.rules import Giver
from tests.store.builders import ALICE, BOB, LOBBY


@pytest.fixture
def roster() -> Roster:
    known = MemoryLog(LOBBY)
    known.begin(ALICE.id, 0)
    known.begin(BOB.id, 3)
    known.commit, known.givers = 4, [Giver(BOB.id, 4)]
    return Roster.of(known, 9)


def test_what_was_written_is_read(roster: Roster) -> None:
    end = [b"version", b"7", b"hash", b"12", b"2"]
    assert read_state(end, pack(roster)) == State(b"version", 7, b"hash", 12, 2, roster)
    assert read_state(end, None) is None
    assert len(questions(LOBBY.id)) == 2


def test_log_made_of_it_is_like_it(roster: Roster) -> None:
    known = State(b"version", 7, b"hash", 12, 2, roster).revive()
    assert (known.seq, known.hash, known.size, known.floor) == (7, b"hash", 12, 2)
    assert (known.commit, known.givers) == (4, [Giver(BOB.id, 4)])
    assert known.members == sorted((ALICE.id, BOB.id))


def test_what_is_changed_in_it_is_its_own(roster: Roster) -> None:
    state = State(b"version", 7, b"hash", 12, 2, roster)
    state.revive().end(BOB.id, 8)
    assert state.revive().has_member(BOB.id)
