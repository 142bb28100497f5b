"""What a group looked like in epochs that are past."""

import pytest

from geventim.chat.values import Kind
from geventim.client.kept.memory import Memory
from geventim.client.sealing.outlooks import Outlook, Outlooks
from geventim.errors import StoreError
from geventim.mls.groups import archive
from geventim.mls.groups.commit_creation import CommitRequest
from tests.client.members import NOW, charter_of, engine, group_of

PLACE = b"c" * 16


def put(kept, group, base):
    kept.put(Outlook(group.vantage, base, 5.0), archive.save_vantage(group.vantage))


@pytest.fixture
def group():
    return group_of(PLACE, charter_of(Kind.ROOM), "alice", "bob")[0]


def go_on(group):
    group.merge(group.commit(CommitRequest((), now=NOW)))


def test_they_outlive_the_process_by_epoch(group):
    memory = Memory({})
    kept = Outlooks(memory, engine("alice"), PLACE)
    for base in (7, 9):
        put(kept, group, base)
        go_on(group)
    again = Outlooks(Memory(memory.take_changes()), engine("alice"), PLACE)
    assert [(each.epoch, each.base, each.ended) for each in again] == [(1, 7, 5.0), (2, 9, 5.0)]
    assert again.get(1).vantage.own_index == 0
    again.drop(1)
    assert again.get(1) is None
    assert len(Outlooks(again._memory, engine("alice"), PLACE)) == 1
    again.drop(1)
    again.clear()
    assert len(again) == 0
    assert len(Outlooks(again._memory, engine("alice"), PLACE)) == 0


def test_only_so_many_are_kept(group):
    kept = Outlooks(Memory({}), engine("alice"), PLACE, most=2)
    for base in range(4):
        put(kept, group, base)
        go_on(group)
    assert [each.base for each in kept] == [2, 3]


@pytest.mark.parametrize("size", [0, 8, 15, 16, 40])
def test_damaged_ones_are_the_stores_fault(group, size):
    memory = Memory({})
    put(Outlooks(memory, engine("alice"), PLACE), group, 1)
    ((name, value),) = memory.take_changes().items()
    with pytest.raises(StoreError):
        Outlooks(Memory({name: value[:size]}), engine("alice"), PLACE)
