"""Every question that is asked often finds its rows by an index."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from geventim.chat.values import Kind
from geventim.store import rows, schema

ID = bytes(16)
QUESTIONS: dict[str, Callable[[sqlite3.Connection], object]] = {
    "account": lambda connection: rows.account(connection, ID),
    "account_named": lambda connection: rows.account_named(connection, "alice"),
    "account_with_key": lambda connection: rows.account_with_key(connection, ID),
    "conversation": lambda connection: rows.conversation(connection, ID),
    "conversation_named": lambda connection: rows.conversation_named(connection, Kind.ROOM, "x"),
    "head": lambda connection: rows.head(connection, ID),
    "members": lambda connection: rows.members(connection, ID),
    "membership": lambda connection: rows.membership(connection, 1, ID),
    "memberships": lambda connection: rows.memberships(connection, ID),
    "page": lambda connection: rows.page(connection, ID, ID, 5),
}


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    opened = sqlite3.connect(tmp_path / "file.db", isolation_level=None)
    schema.prepare(opened)
    opened.execute("PRAGMA synchronous=OFF")
    # One member of one conversation, so that no question ends before its last statement.
    opened.execute(
        "INSERT INTO conversations VALUES (1, ?, 'room', 'x', 'x', 'x', ?, 0, 0)", (ID, ID)
    )
    opened.execute("INSERT INTO intervals VALUES (1, ?, 0, NULL)", (ID,))
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
