import sqlite3
from pathlib import Path

import pytest

from geventim.errors import StoreError
from geventim.store import schema


def connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path / "file.db", isolation_level=None)


def tables(connection: sqlite3.Connection) -> set[str]:
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}


def test_tables_are_made_once(tmp_path: Path) -> None:
    connection = connect(tmp_path)
    schema.prepare(connection)
    connection.execute("INSERT INTO allowed VALUES ('alice')")
    made = tables(connection)
    schema.prepare(connection)
    assert tables(connection) == made > {"accounts", "conversations", "entries", "intervals"}
    assert connection.execute("SELECT * FROM allowed").fetchall() == [("alice",)]
    assert connection.execute("PRAGMA user_version").fetchone() == (schema.VERSION,)
    connection.close()


def test_failure_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = connect(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(schema, "TABLES", schema.TABLES + "CREATE TABLE accounts (again);")
        with pytest.raises(sqlite3.OperationalError, match="already exists"):
            schema.prepare(connection)
    connection.close()
    connection = connect(tmp_path)
    assert tables(connection) == set()
    schema.prepare(connection)
    connection.close()


def test_tables_of_a_program_before_this_one_are_left_alone(tmp_path: Path) -> None:
    connection = connect(tmp_path)
    connection.execute(f"PRAGMA user_version={schema.VERSION - 1}")
    with pytest.raises(StoreError, match="begin with an empty directory"):
        schema.prepare(connection)
    assert tables(connection) == set()
    connection.close()


def test_newer_tables_are_left_alone(tmp_path: Path) -> None:
    connection = connect(tmp_path)
    connection.execute(f"PRAGMA user_version={schema.VERSION + 1}")
    with pytest.raises(StoreError, match="newer"):
        schema.prepare(connection)
    assert tables(connection) == set()
    connection.close()
