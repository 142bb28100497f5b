"""A log as a value: what a change makes of it."""

import pytest

from geventim.chat.values import EntryKind, Membership, first_hash
from geventim.log.expiry import Cut
from geventim.log.judge import LogChange
from geventim.log.logs import Log
from geventim.log.outcomes import Head, Refusal
from geventim.log.pages import Interval
from tests.store.builders import (
    ALICE,
    BOB,
    CAROL,
    CREW,
    DM,
    KEYED,
    append,
    commit,
    delete,
    give,
    ids,
    leave,
)


@pytest.fixture
def crew() -> Log:
    return Log.begin(CREW, ids(ALICE, BOB), 7)


def do(log: Log, *changes: LogChange) -> Log:
    for change in changes:
        outcome, effect = log.judge(change)
        assert not isinstance(outcome, Refusal)
        assert effect
        log = log.applied(effect)
    return log


def test_an_empty_log_begins_with_its_incarnation_and_its_gate() -> None:
    log = Log.begin(KEYED, (), 1)
    assert log.head() == Head(0, first_hash(KEYED.incarnation), 0, 0)
    assert log.roster.conversation.gate == KEYED.gate


def test_a_message_moves_the_end_and_leaves_the_roster(crew: Log) -> None:
    log = do(crew, append(CREW, ALICE, b"text"))
    assert (log.seq, log.size) == (1, 4)
    assert log.roster is crew.roster
    assert crew.seq == 0


def test_a_commit_changes_the_membership_of_the_next_value_alone(crew: Log) -> None:
    log = do(crew, commit(CREW, ALICE, 0, add=(CAROL,), remove=(BOB,)))
    assert (log.members, log.size, log.roster.commit) == (2, 0, 1)
    assert log.roster.members == sorted(ids(ALICE, CAROL))
    assert log.roster.intervals[BOB.id] == (Interval(0, 1),)
    assert log.roster.intervals[CAROL.id] == (Interval(0),)
    assert crew.roster.members == sorted(ids(ALICE, BOB))


def test_who_comes_back_has_two_intervals(crew: Log) -> None:
    log = do(crew, leave(CREW, BOB), commit(CREW, ALICE, 0, add=(BOB,)))
    assert log.roster.intervals[BOB.id] == (Interval(0, 1, is_left=True), Interval(1))


def test_an_empty_room_can_be_deleted() -> None:
    log = do(Log.begin(KEYED, (), 1), delete(KEYED, ALICE, operator=True))
    assert log.roster.deleted
    assert log.head().deleted


def test_a_state_moves_no_end(crew: Log) -> None:
    committed = do(crew, commit(CREW, ALICE, 0))
    given = do(committed, give(CREW, BOB, b"state"))
    assert [giver.account for giver in given.roster.givers] == [BOB.id, ALICE.id]
    assert (given.seq, given.hash) == (committed.seq, committed.hash)


def test_what_expired_is_no_longer_counted(crew: Log) -> None:
    log = do(crew, append(CREW, ALICE, b"text"), append(CREW, ALICE, b"texts"))
    assert (log.without(Cut([], 4, 1)).size, log.without(Cut([], 4, 1)).floor) == (5, 1)
    assert log.without(Cut([], 0, None)) == log


def test_what_no_member_needs_lies_before_all_of_them(crew: Log) -> None:
    assert crew.unneeded == 0
    log = do(
        crew,
        commit(CREW, ALICE, 0, add=(CAROL,)),
        leave(CREW, ALICE),
        leave(CREW, BOB),
    )
    assert log.unneeded == 0
    assert do(log, leave(CREW, CAROL)).unneeded == 4


def test_a_membership_ends_with_the_entry_that_ends_it(crew: Log) -> None:
    log = do(crew, append(CREW, ALICE), commit(CREW, ALICE, 0, remove=(BOB,)), leave(CREW, ALICE))
    assert log.membership(CAROL.id) is None
    assert log.membership(ALICE.id) is None
    assert log.membership(BOB.id) == Membership(CREW, 0, 2, 0, present=False)


def test_the_other_one_of_two_is_a_peer() -> None:
    log = Log.begin(DM, ids(ALICE, BOB), 1)
    assert log.membership(ALICE.id) == Membership(DM, 0, 0, 2, peer=BOB.id)
    assert log.peers(append(DM, ALICE)) == [BOB.id]
    assert log.peers(append(DM, ALICE, kind=EntryKind.KICK)) == []
    assert Log.begin(CREW, ids(ALICE, BOB), 1).peers(append(CREW, ALICE)) == []
