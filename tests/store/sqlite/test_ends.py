"""A message that comes alone has the outcome that it has otherwise, by one statement."""

import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from geventim.chat.values import EntryKind, Status
from geventim.log.changes import Change
from geventim.log.outcomes import Appended, Outcome
from geventim.log.people import SetStatus
from geventim.store.sqlite.changes import apply
from geventim.store.sqlite.ends import KNOWN, Ends
from tests.store.sqlite.test_runs import (
    ALICE,
    BOB,
    CAROL,
    CREW,
    DM,
    GONE,
    LOBBY,
    OPEN,
    append,
    commit,
    connect,
    content,
)


class Writer:
    """A store that knows where logs end, or one that does not; ``told`` counts what it knew."""

    def __init__(self, path: Path, most: int = KNOWN) -> None:
        self.connection = connect(path)
        self.ends = Ends(self.connection, most)
        self.told = 0

    def apply(self, change: Change) -> Outcome:
        outcomes = self.ends.append([change])
        if outcomes is not None:
            self.told += 1
            return outcomes[0]
        assert not self.connection.in_transaction
        outcome = apply(self.connection, change)
        self.ends.note([outcome])
        return outcome


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    made = Writer(tmp_path / "one.db")
    yield made
    made.connection.close()


@pytest.fixture
def other(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = connect(tmp_path / "other.db")
    yield connection
    connection.close()


@pytest.mark.parametrize(
    "before",
    [
        [],
        [SetStatus(BOB.id, Status.NORMAL)],
        [append(1, LOBBY, ALICE, EntryKind.LEAVE)],
        [append(1, LOBBY, ALICE, EntryKind.DELETE)],
        [commit(1, LOBBY, BOB, 0)],
        [append(1)],
    ],
)
@pytest.mark.parametrize(
    "change",
    [
        append(5),
        append(5, LOBBY, BOB),
        append(5, LOBBY, CAROL),
        append(5, head=1),
        append(5, LOBBY, ALICE, EntryKind.LEAVE),
        append(1),
        append(1000),
        append(5, CREW, BOB),
        append(5, CREW, CAROL),
        append(5, GONE),
        append(5, DM, BOB),
        append(5, DM, ALICE),
        append(5, OPEN, ALICE, head=1),
        append(5, OPEN, BOB, head=1),
    ],
)
def test_outcome_and_content_are_those_of_one_who_knows_nothing(
    writer: Writer, other: sqlite3.Connection, before: list[Change], change: Change
) -> None:
    for each in [*before, change, append(6), append(7, DM, BOB)]:
        assert writer.apply(each) == apply(other, each)
    assert content(writer.connection) == content(other)


def test_any_messages_have_the_outcomes_of_one_who_knows_nothing(
    writer: Writer, other: sqlite3.Connection
) -> None:
    chance = random.Random(7)
    for _ in range(200):
        change = append(
            chance.randrange(300), chance.choice([LOBBY, CREW, DM]), chance.choice([ALICE, BOB])
        )
        assert writer.apply(change) == apply(other, change)
    assert content(writer.connection) == content(other)
    assert writer.told > 50


def test_it_is_one_statement(writer: Writer) -> None:
    writer.apply(append(1))
    asked: list[str] = []
    writer.connection.set_trace_callback(asked.append)
    writer.apply(append(2))
    writer.connection.set_trace_callback(None)
    # What a trigger does is part of the statement that fires it, which is told again then.
    assert [each.split()[0] for each in dict.fromkeys(asked)] == ["INSERT"]
    assert writer.told == 1


def test_what_another_process_has_written_is_not_written_over(
    writer: Writer, tmp_path: Path
) -> None:
    writer.apply(append(1))
    beside = sqlite3.connect(tmp_path / "one.db", isolation_level=None)
    seen = apply(beside, append(2, LOBBY, BOB))
    beside.close()
    outcome = writer.apply(append(3))
    assert isinstance(seen, Appended)
    assert isinstance(outcome, Appended)
    assert outcome.entry.previous == seen.entry.hash
    assert writer.told == 0


def test_several_messages_and_those_to_unknown_logs_are_left_to_others(writer: Writer) -> None:
    assert writer.ends.append([append(1)]) is None
    writer.apply(append(1))
    assert writer.ends.append([append(2), append(3)]) is None
    assert writer.ends.append([]) is None


def test_what_fails_has_changed_nothing_and_can_be_tried_again(writer: Writer) -> None:
    writer.apply(append(1))
    before = content(writer.connection)
    writer.connection.execute(
        "CREATE TEMP TRIGGER full BEFORE UPDATE ON conversations"
        " BEGIN SELECT raise(ABORT, 'no') FROM missing; END"
    )
    with pytest.raises(sqlite3.OperationalError):
        writer.ends.append([append(2)])
    assert not writer.connection.in_transaction
    assert content(writer.connection) == before
    writer.connection.execute("DROP TRIGGER temp.full")
    assert isinstance(writer.apply(append(2)), Appended)


def test_what_was_heard_of_last_is_known(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "one.db", most=2)
    for number, conversation in enumerate([LOBBY, CREW, OPEN, CREW]):
        writer.apply(append(number, conversation, head=int(conversation is OPEN)))
    writer.told = 0
    for number, conversation in enumerate([CREW, OPEN, LOBBY], 10):
        writer.apply(append(number, conversation, head=int(conversation is OPEN)))
    assert writer.told == 2
    writer.connection.close()
