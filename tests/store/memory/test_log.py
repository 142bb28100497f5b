from typing import Any

import pytest

from geventim.chat import limits
from geventim.log.changes import Commit, Expire
from geventim.log.outcomes import Appended
from geventim.store.memory.log import MemoryLog
from tests.store.builders import ALICE, BOB, CREW, append, commit, ids


@pytest.fixture
def crew() -> MemoryLog:
    return MemoryLog(CREW, ids(ALICE, BOB), 1)


def write(kept: MemoryLog, **fields: Any) -> None:
    assert isinstance(kept.apply(append(CREW, ALICE, b"text", **fields)), Appended)


def test_each_entry_continues_the_hash(crew: MemoryLog) -> None:
    begun = crew.log.hash
    write(crew)
    write(crew)
    one, two = crew.entries[1], crew.entries[2]
    assert one.previous == begun
    assert (two.previous, crew.log.hash) == (one.hash, two.hash)


def test_only_the_group_infos_of_givers_are_kept(crew: MemoryLog) -> None:
    newcomers = [number.to_bytes(16, "big") for number in range(limits.STATES + 2)]
    crew.apply(Commit(CREW.id, ALICE.id, bytes(16), 1.0, 0, b"", b"", added=tuple(newcomers)))
    for account in newcomers:
        head = crew.log.roster.commit
        crew.apply(Commit(CREW.id, account, account, 1.0, head, b"commit", account))
    givers = crew.log.roster.givers
    assert len(givers) == limits.STATES
    assert crew.group_infos == {giver.account: giver.account for giver in givers}


def test_one_account_has_one_state(crew: MemoryLog) -> None:
    crew.apply(commit(CREW, ALICE, 0, group_info=b"one"))
    crew.apply(commit(CREW, BOB, 1, group_info=b"two"))
    crew.apply(commit(CREW, ALICE, 2, group_info=b"three"))
    assert crew.group_infos == {ALICE.id: b"three", BOB.id: b"two"}


def test_what_expired_is_forgotten_by_every_name(crew: MemoryLog) -> None:
    write(crew, time=1.0)
    write(crew, time=9.0)
    assert [entry.seq for entry in crew.expire(Expire(5.0), 10)] == [1]
    assert list(crew.entries) == [2]
    assert list(crew.by_message.values()) == [crew.entries[2]]
    assert (crew.log.size, crew.log.floor) == (4, 1)
