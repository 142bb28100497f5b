import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from geventim.errors import StoreError
from geventim.log.changes import Expire
from geventim.store.sqlite.inspection import Findings, inspect, require_whole
from geventim.store.sqlite.store import SqliteStore
from tests.store.builders import ALICE, BOB, CREW, append, commit, create, do, leave


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore(tmp_path / "server.db")
    do(opened, create(CREW, ALICE, BOB))
    opened.commit(
        [
            commit(CREW, ALICE, 0, time=1.0),
            *(append(CREW, ALICE, b"text", head=1, time=float(n)) for n in range(2, 8)),
        ]
    )
    yield opened
    opened.close()


@pytest.fixture
def connection(store: SqliteStore) -> sqlite3.Connection:
    return store._writer


def test_what_is_whole_is_counted(connection: sqlite3.Connection) -> None:
    found = inspect(connection)
    assert found == Findings(0, 1, 7, 24 + len(b"commit"), ())
    assert require_whole(connection) == found


def test_what_has_expired_is_not_missing(store: SqliteStore) -> None:
    do(store, Expire(5.0))
    assert inspect(store._writer).faults == ()
    do(store, leave(CREW, ALICE))
    do(store, leave(CREW, BOB))
    do(store, Expire(99.0))
    assert inspect(store._writer).faults == ()


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        ("UPDATE entries SET payload = x'00010203' WHERE seq = 3", "fit together at its entry 4"),
        ("UPDATE entries SET payload = x'00010203' WHERE seq = 7", "ends with another hash"),
        ("DELETE FROM entries WHERE seq = 4", "misses entries before its entry 5"),
        ("DELETE FROM entries WHERE seq = 7", "misses entries after its entry 6"),
        ("UPDATE conversations SET seq = 6", "has an entry 7 behind its end"),
        ("UPDATE conversations SET members = 5", "1 times something is miscounted"),
        ("DELETE FROM conversations", "9 times something belongs to no conversation"),
    ],
)
def test_what_is_wrong_is_told(connection: sqlite3.Connection, damage: str, fault: str) -> None:
    connection.execute(damage)
    assert any(fault in each for each in inspect(connection).faults)
    with pytest.raises(StoreError, match=r"it is damaged .*: restore a backup"):
        require_whole(connection)


def test_a_damaged_page_is_told(store: SqliteStore, tmp_path: Path) -> None:
    for _ in range(20):
        do(store, append(CREW, ALICE, bytes(3000), head=1))
    (page,) = store._writer.execute(
        "SELECT rootpage FROM sqlite_master WHERE name = 'sqlite_autoindex_entries_2'"
    ).fetchone()
    store.close()
    path = tmp_path / "server.db"
    with path.open("r+b") as file:
        file.seek((page - 1) * 4096 + 4000)
        file.write(bytes(range(96)))
    connection = sqlite3.connect(path, isolation_level=None)
    assert "page or index: " in inspect(connection).faults[0]
    connection.close()
    store.__init__(tmp_path / "other.db")  # for the fixture to close
