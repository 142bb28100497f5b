import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from geventim.errors import StoreError
from geventim.store.plan import Plan
from geventim.store.sqlite import schema


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file.db"


@pytest.fixture
def connection(path: Path) -> Iterator[sqlite3.Connection]:
    opened = sqlite3.connect(path, isolation_level=None)
    yield opened
    opened.close()


def tables(connection: sqlite3.Connection) -> set[str]:
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}


def test_tables_are_made_once(connection: sqlite3.Connection, path: Path) -> None:
    schema.prepare(connection, path)
    connection.execute("INSERT INTO allowed VALUES ('alice')")
    made = tables(connection)
    assert schema.prepare(connection, path) is None
    assert tables(connection) == made > {"accounts", "conversations", "entries", "intervals"}
    assert connection.execute("SELECT * FROM allowed").fetchall() == [("alice",)]
    assert connection.execute("PRAGMA user_version").fetchone() == (schema.PLAN.version,)


def test_failure_leaves_nothing_behind(connection: sqlite3.Connection, path: Path) -> None:
    def make_twice(connection: sqlite3.Connection) -> None:
        schema.PLAN.make(connection)
        schema.PLAN.make(connection)

    with pytest.raises(sqlite3.OperationalError, match="already exists"):
        schema.prepare(connection, path, Plan(4, 4, make_twice, {}))
    assert tables(connection) == set()
    schema.prepare(connection, path)


@pytest.mark.parametrize(
    ("version", "sentence"),
    [
        (schema.PLAN.first - 1, "begin with an empty directory"),
        (schema.PLAN.version + 1, "a newer program .* there is no way back"),
    ],
)
def test_tables_of_other_programs_are_left_alone(
    connection: sqlite3.Connection, path: Path, version: int, sentence: str
) -> None:
    connection.execute(f"PRAGMA user_version={version}")
    before = path.read_bytes()
    with pytest.raises(StoreError, match=sentence):
        schema.prepare(connection, path)
    assert path.read_bytes() == before


def test_a_message_takes_little_more_than_its_payload(
    connection: sqlite3.Connection, path: Path
) -> None:
    """A text of 140 to 700 characters makes 1,200 bytes, more than a quarter of a page."""
    schema.prepare(connection, path)
    values = [
        (number % 40, number, bytes(16), number.to_bytes(16, "big"), bytes(32), bytes(1200))
        for number in range(2000)
    ]
    connection.executemany(
        "INSERT INTO entries VALUES (?, ?, 0.0, ?, 'message', ?, ?, 0, ?, x'', x'')", values
    )
    connection.execute("PRAGMA wal_checkpoint").fetchall()
    assert path.stat().st_size < 1.3 * 1200 * len(values)
