"""Messages that arrive together have the outcomes they have one by one, by fewer statements."""

import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from geventim.chat.values import Account, Conversation, EntryKind, Kind, Status, dm_id
from geventim.log.changes import Append, Change, Commit, Create
from geventim.log.outcomes import Refusal
from geventim.log.people import Register, SetStatus
from geventim.store.sqlite import rows, schema
from geventim.store.sqlite.changes import apply
from geventim.store.sqlite.runs import LONGEST, apply_all

ALICE, BOB, CAROL = (
    Account(letter * 16, name, letter * 32, letter.upper() * 32)
    for letter, name in [(b"a", "alice"), (b"b", "bob"), (b"c", "carol")]
)
LOBBY = Conversation(b"lobby".ljust(16), Kind.ROOM, "lobby", ALICE.id)
CREW = Conversation(b"crew".ljust(16), Kind.GROUP, "crew", ALICE.id)
GONE = Conversation(b"gone".ljust(16), Kind.GROUP, "gone", ALICE.id)
DM = Conversation(dm_id(ALICE.id, BOB.id), Kind.DM, "", ALICE.id)
OPEN = Conversation(b"open".ljust(16), Kind.GROUP, "open", ALICE.id)
NOBODYS = Conversation(b"none".ljust(16), Kind.ROOM, "none", ALICE.id)


def append(
    number: int,
    conversation: Conversation = LOBBY,
    author: Account = ALICE,
    kind: EntryKind = EntryKind.MESSAGE,
    head: int = 0,
) -> Append:
    message_id = number.to_bytes(16, "big")
    return Append(conversation.id, author.id, kind, message_id, float(number), head, b"payload")


def commit(number: int, conversation: Conversation, author: Account, head: int) -> Commit:
    message_id = number.to_bytes(16, "big")
    return Commit(conversation.id, author.id, message_id, float(number), head, b"c", b"info")


BEFORE: list[Change] = [
    *map(Register, (ALICE, BOB, CAROL)),
    SetStatus(BOB.id, Status.DND),
    Create(LOBBY, (ALICE.id, BOB.id)),
    Create(CREW, (ALICE.id, BOB.id, CAROL.id)),
    Create(GONE, (ALICE.id, BOB.id)),
    Create(OPEN, (ALICE.id, BOB.id)),
    Create(DM, (ALICE.id, BOB.id)),
    append(1000),
    append(1001, CREW, CAROL, EntryKind.LEAVE),
    append(1002, GONE, ALICE, EntryKind.DELETE),
    commit(1003, OPEN, ALICE, 0),
]


def connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    schema.prepare(connection, path)
    connection.execute("PRAGMA synchronous=OFF")
    for change in BEFORE:
        assert not isinstance(apply(connection, change), Refusal)
    return connection


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    opened = connect(tmp_path / "file.db")
    yield opened
    opened.close()


@pytest.fixture
def other(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    opened = connect(tmp_path / "other.db")
    yield opened
    opened.close()


def content(connection: sqlite3.Connection) -> list[object]:
    return [
        connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()
        for table in ("conversations", "entries", "intervals", "states", "usage")
    ]


ORDINARY = [append(n, (LOBBY, CREW)[n % 2], (ALICE, BOB)[n // 2 % 2]) for n in range(10)]


@pytest.mark.parametrize(
    "batch",
    [
        [],
        [append(1)],
        ORDINARY,
        [append(n) for n in range(LONGEST + 1)],
        [append(n) for n in range(3 * LONGEST)],
        [*ORDINARY, append(3, CREW, BOB), append(11)],
        [*ORDINARY, append(1000)],
        [*ORDINARY, append(11, LOBBY, CAROL), append(12)],
        [*ORDINARY, append(11, CREW, CAROL), append(12)],
        [*ORDINARY, append(11, GONE), append(12)],
        [*ORDINARY, append(11, NOBODYS), append(12)],
        [*ORDINARY, append(11, DM, ALICE), append(12, DM, BOB)],
        [append(11, DM, BOB), append(12, DM, BOB)],
        [append(n, LOBBY, who, EntryKind.LEAVE) for n, who in [(11, ALICE), (12, BOB)]],
        [append(n, DM, who, EntryKind.LEAVE) for n, who in [(11, ALICE), (12, BOB)]],
        [append(n, CREW, ALICE, EntryKind.DELETE) for n in (11, 12)],
        [append(11, OPEN, BOB), append(12, OPEN, BOB, head=1)],
        [append(n, OPEN, ALICE, head=1) for n in (11, 12)],
        [append(n, OPEN, BOB, head=1) for n in (11, 12)],
        [append(n, OPEN, BOB, head=1) for n in (11, 12)] + [append(13, OPEN, ALICE), *ORDINARY],
        [append(11, head=1), append(12, head=1)],
        [append(1), append(2), commit(3, LOBBY, BOB, 0), append(4), append(5, head=2)],
        [commit(1, OPEN, ALICE, 1), append(2, OPEN, BOB, head=2), append(3, OPEN, ALICE, head=2)],
        [append(1), append(2, LOBBY, BOB, EntryKind.LEAVE), append(3, LOBBY, BOB), append(4)],
    ],
)
def test_outcomes_and_content_are_those_of_one_by_one(
    connection: sqlite3.Connection, other: sqlite3.Connection, batch: list[Change]
) -> None:
    assert apply_all(connection, batch) == [apply(other, change) for change in batch]
    assert content(connection) == content(other)


def test_any_batch_has_the_outcomes_of_one_by_one(
    connection: sqlite3.Connection, other: sqlite3.Connection
) -> None:
    chance = random.Random(7)
    for _ in range(40):
        batch = [
            append(
                chance.randrange(400),
                chance.choice([LOBBY, LOBBY, CREW, DM]),
                chance.choice([ALICE, BOB]),
            )
            for _ in range(chance.randrange(2, 6))
        ]
        assert apply_all(connection, batch) == [apply(other, change) for change in batch]
    assert content(connection) == content(other)
    head = rows.head(connection, LOBBY.id)
    assert head
    assert head.seq > 20


def test_run_takes_few_statements(connection: sqlite3.Connection) -> None:
    asked: list[str] = []
    connection.set_trace_callback(asked.append)
    apply_all(connection, [append(n) for n in range(LONGEST)])
    connection.set_trace_callback(None)
    assert [each.split()[0] for each in asked] == ["WITH", "INSERT", "INSERT", "UPDATE"]


def test_run_is_looked_up_by_indexes(connection: sqlite3.Connection) -> None:
    asked: list[str] = []
    connection.set_trace_callback(asked.append)
    apply_all(connection, ORDINARY)
    connection.set_trace_callback(None)
    plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {asked[0]}")]
    assert [step for step in plan if step.startswith("SCAN")] == [
        "SCAN 10 CONSTANT ROWS",
        "SCAN asked",
    ]
