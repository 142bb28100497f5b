"""What is left of old entries in the file; what members see of it is in test_upkeep.py."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from geventim.log.changes import Expire
from geventim.log.outcomes import Expired
from geventim.store.sqlite.expiry import expire
from geventim.store.sqlite.store import SqliteStore
from tests.store.builders import ALICE, BOB, LOBBY, append, commit, create, do, leave


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore(tmp_path / "server.db")
    do(opened, create(LOBBY))
    opened.commit(
        [
            commit(LOBBY, ALICE, 0, add=(ALICE,), welcome=b"welcome", time=1.0),
            append(LOBBY, ALICE, b"old", head=1, time=2.0),
            commit(LOBBY, BOB, 1, add=(BOB,), welcome=b"welcome", time=3.0),
            append(LOBBY, ALICE, b"newer", head=3, time=8.0),
        ]
    )
    yield opened
    opened.close()


def rows(store: SqliteStore, query: str) -> list[tuple[object, ...]]:
    return store._writer.execute(query).fetchall()


def test_welcomes_go_with_their_commits(store: SqliteStore) -> None:
    do(store, leave(LOBBY, ALICE))
    assert expire(store._writer, Expire(5.0)) == Expired(2)
    assert rows(store, "SELECT seq FROM entries ORDER BY seq") == [(3,), (4,), (5,)]
    assert rows(store, "SELECT seq FROM welcomes") == [(3,)]


def test_size_and_floor_are_those_of_messages(store: SqliteStore) -> None:
    assert rows(store, "SELECT size, floor FROM conversations") == [(8, 0)]
    expire(store._writer, Expire(5.0))
    assert rows(store, "SELECT size, floor FROM conversations") == [(5, 2)]


def test_nothing_is_written_where_nothing_goes(store: SqliteStore) -> None:
    before = store._writer.total_changes
    assert expire(store._writer, Expire(0.5)) == Expired(0)
    assert store._writer.total_changes == before
