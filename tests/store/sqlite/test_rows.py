"""Every question that is asked often finds its rows by an index."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from geventim.chat.values import Conversation, EntryKind, Kind
from geventim.log.changes import Append, Create
from geventim.log.outcomes import Refusal
from geventim.store.sqlite import rows, schema
from geventim.store.sqlite.changes import apply

ID = bytes(16)
LOBBY = Conversation(ID, Kind.ROOM, "x", ID)
QUESTIONS: dict[str, Callable[[sqlite3.Connection], object]] = {
    "account": lambda connection: rows.account(connection, ID),
    "account_named": lambda connection: rows.account_named(connection, "alice"),
    "account_with_key": lambda connection: rows.account_with_key(connection, ID),
    "position": lambda connection: rows.position(connection, ID, 5),
    "givers": lambda connection: rows.givers(connection, 1),
    "givers_of": lambda connection: rows.givers_of(connection, ID),
    "state": lambda connection: rows.state(connection, ID, ID),
    "has_written": lambda connection: rows.has_written(connection, ID, ID),
    "is_member": lambda connection: rows.is_member(connection, 1, ID),
    "entry": lambda connection: rows.entry(connection, (1, ID), 6),
    "key_packages": lambda connection: rows.key_packages(connection, ID, 1.0),
    "conversation": lambda connection: rows.conversation(connection, ID),
    "room_named": lambda connection: rows.room_named(connection, "x"),
    "created": lambda connection: rows.created(connection, LOBBY, ID),
    "head": lambda connection: rows.head(connection, ID),
    "members": lambda connection: rows.members(connection, ID),
    "usage": lambda connection: rows.usage(connection, ID),
    "is_crowded": lambda connection: rows.is_crowded(connection, ID, 1),
    "memberships": lambda connection: rows.memberships(connection, ID),
    "page": lambda connection: rows.page(connection, ID, ID, 5),
}


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    opened = sqlite3.connect(tmp_path / "file.db", isolation_level=None)
    schema.prepare(opened, tmp_path / "file.db")
    opened.execute("PRAGMA synchronous=OFF")
    # One member of one conversation, so that no question ends before its last statement.
    outcomes = [apply(opened, Create(LOBBY, (ID,)))]
    for number in range(8):
        message_id = number.to_bytes(16, "big")
        message = Append(ID, ID, EntryKind.MESSAGE, message_id, 1.0)
        outcomes.append(apply(opened, message))
    assert not [outcome for outcome in outcomes if isinstance(outcome, Refusal)]
    yield opened
    opened.close()


@pytest.mark.parametrize("question", QUESTIONS)
def test_question_searches_an_index(connection: sqlite3.Connection, question: str) -> None:
    asked: list[str] = []
    connection.set_trace_callback(asked.append)
    QUESTIONS[question](connection)
    connection.set_trace_callback(None)
    assert asked
    for statement in asked:
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}")]
        assert plan
        assert [step for step in plan if "SCAN" in step] == []


def test_page_is_read_in_order_without_sorting(connection: sqlite3.Connection) -> None:
    asked: list[str] = []
    connection.set_trace_callback(asked.append)
    rows.page(connection, ID, ID, 5)
    connection.set_trace_callback(None)
    for statement in asked:
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}")]
        assert [step for step in plan if "TEMP B-TREE" in step] == []
