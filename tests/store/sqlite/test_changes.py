"""A question before a write finds its rows by an index, and a refusal writes nothing."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from geventim.chat.values import Account, Conversation, EntryKind, Kind, Sanction
from geventim.log.changes import (
    AddKeyPackages,
    Append,
    Change,
    Commit,
    Create,
    GiveState,
    TakeKeyPackage,
)
from geventim.log.outcomes import Refusal
from geventim.log.people import AddInvite, Allow, Register, SetOperator, SetSanction
from geventim.store.sqlite import schema
from geventim.store.sqlite.changes import apply

ALICE = Account(b"a" * 16, "alice", b"i" * 32, b"c" * 32)
MALLORY = Account(b"m" * 16, "ALICE", b"j" * 32, b"d" * 32)
CREW = Conversation(b"crew".ljust(16), Kind.GROUP, "crew", ALICE.id)
SAME = Conversation(b"same".ljust(16), Kind.ROOM, "lobby", ALICE.id)
LOBBY = Conversation(b"lobby".ljust(16), Kind.ROOM, "lobby", ALICE.id)


def append(conversation: Conversation, author: bytes, kind: EntryKind, number: int) -> Append:
    return Append(conversation.id, author, kind, bytes([number]) * 16, 1.0, payload=b"payload")


def commit(
    conversation: Conversation, author: bytes, *, head: int = 0, add: bytes = b"", limit: int = 5
) -> Commit:
    added = (add,) if add else ()
    message_id = b"commit".ljust(16)
    return Commit(
        conversation.id, author, message_id, 1.0, head, b"commit", b"info", added=added, limit=limit
    )


ACCEPTED: list[Change] = [
    AddInvite("code", 1),
    Allow("bob"),
    Register(ALICE),
    Create(CREW, (ALICE.id,)),
    Create(LOBBY, (ALICE.id,)),
    append(CREW, ALICE.id, EntryKind.MESSAGE, 3),
]
REFUSED: list[Change] = [
    Register(MALLORY, code="code", listed=True),
    Register(Account(b"m" * 16, "zoe", b"i" * 32, b"d" * 32), code="other"),
    Register(Account(b"m" * 16, "zoe", b"i" * 32, b"d" * 32), code="code", listed=True),
    Create(SAME, (ALICE.id,)),
    commit(CREW, MALLORY.id, add=MALLORY.id),
    commit(CREW, ALICE.id, head=1),
    commit(LOBBY, MALLORY.id, add=MALLORY.id, limit=1),
    commit(SAME, ALICE.id),
    GiveState(CREW.id, MALLORY.id, 0, b"info"),
    GiveState(CREW.id, ALICE.id, 0, b"info"),
    TakeKeyPackage(ALICE.id, 0.0),
    append(CREW, MALLORY.id, EntryKind.MESSAGE, 4),
    append(CREW, MALLORY.id, EntryKind.DELETE, 4),
    append(SAME, ALICE.id, EntryKind.MESSAGE, 4),
]


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    opened = sqlite3.connect(tmp_path / "file.db", isolation_level=None)
    schema.prepare(opened, tmp_path / "file.db")
    opened.execute("PRAGMA synchronous=OFF")
    for change in ACCEPTED:
        assert not isinstance(apply(opened, change), Refusal)
    yield opened
    opened.close()


@pytest.mark.parametrize("change", REFUSED)
def test_refusal_writes_nothing(connection: sqlite3.Connection, change: Change) -> None:
    before = connection.total_changes
    assert isinstance(apply(connection, change), Refusal)
    assert connection.total_changes == before


@pytest.mark.parametrize(
    "change",
    [
        Register(MALLORY),
        Create(SAME, (ALICE.id,)),
        commit(LOBBY, MALLORY.id, add=MALLORY.id),
        commit(CREW, ALICE.id),
        GiveState(CREW.id, ALICE.id, 1, b"info"),
        AddKeyPackages(ALICE.id, (b"package",), 1.0),
        TakeKeyPackage(ALICE.id, 0.0),
        append(CREW, ALICE.id, EntryKind.MESSAGE, 5),
        append(CREW, ALICE.id, EntryKind.LEAVE, 5),
        append(CREW, ALICE.id, EntryKind.KICK, 5),
        append(CREW, ALICE.id, EntryKind.DELETE, 5),
        SetOperator(ALICE.id),
        SetSanction(ALICE.id, Sanction.RELEASED),
    ],
)
def test_change_searches_an_index(connection: sqlite3.Connection, change: Change) -> None:
    asked: list[str] = []
    connection.set_trace_callback(asked.append)
    apply(connection, change)
    connection.set_trace_callback(None)
    assert asked
    for statement in asked:
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}")]
        # What is asked for is gone through, what is stored is not.
        scans = [step for step in plan if "SCAN" in step]
        assert [step for step in scans if "CONSTANT ROW" not in step and "asked" not in step] == []
