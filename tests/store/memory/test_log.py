from typing import Any

import pytest

from geventim.chat import limits
from geventim.chat.values import first_hash
from geventim.log.changes import Commit, Expire
from geventim.log.outcomes import Appended
from geventim.store.memory.log import MemoryLog
from tests.store.builders import ALICE, BOB, CREW, KEYED, append, commit


@pytest.fixture
def crew() -> MemoryLog:
    made = MemoryLog(CREW)
    for person in (ALICE, BOB):
        made.begin(person.id, 0)
    return made


def write(kept: MemoryLog, **fields: Any) -> None:
    written = kept.apply(append(CREW, ALICE, b"text", **fields), is_peer_dnd=False)
    assert isinstance(written, Appended)


def test_an_empty_log_begins_with_its_incarnation_and_its_gate() -> None:
    kept = MemoryLog(KEYED)
    assert (kept.seq, kept.hash) == (0, first_hash(KEYED.incarnation))
    assert (kept.commit, kept.conversation.gate) == (0, KEYED.gate)


def test_each_entry_continues_the_hash(crew: MemoryLog) -> None:
    write(crew)
    write(crew)
    one, two = crew.entries[1], crew.entries[2]
    assert one.previous == first_hash(CREW.incarnation)
    assert (two.previous, crew.hash) == (one.hash, two.hash)


def test_only_the_group_infos_of_givers_are_kept(crew: MemoryLog) -> None:
    for number in range(limits.STATES + 2):
        crew.begin(account := number.to_bytes(16, "big"), 0)
        crew.apply_commit(Commit(CREW.id, account, account, 1.0, crew.commit, b"commit", account))
    assert len(crew.givers) == limits.STATES
    assert crew.group_infos == {giver.account: giver.account for giver in crew.givers}


def test_one_account_has_one_state(crew: MemoryLog) -> None:
    crew.apply_commit(commit(CREW, ALICE, 0, group_info=b"one"))
    crew.apply_commit(commit(CREW, BOB, 1, group_info=b"two"))
    crew.apply_commit(commit(CREW, ALICE, 2, group_info=b"three"))
    assert crew.group_infos == {ALICE.id: b"three", BOB.id: b"two"}


def test_what_expired_is_forgotten_by_every_name(crew: MemoryLog) -> None:
    write(crew, time=1.0)
    write(crew, time=9.0)
    assert crew.expire(Expire(5.0), 10) == 1
    assert list(crew.entries) == [2]
    assert list(crew.by_message.values()) == [crew.entries[2]]
    assert (crew.size, crew.floor) == (4, 1)
