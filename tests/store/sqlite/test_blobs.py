"""Blobs in SQLite; the suite for every store is in tests/store/test_blobs.py."""

import sqlite3
from contextlib import closing

import pytest
from msgspec.structs import replace

from geventim.log.blobs import BeginBlob, FinishBlob
from geventim.store.sqlite import blobs
from geventim.store.sqlite.store import SqliteStore, inspect
from tests.log.test_blobs import BLOB


@pytest.fixture
def path(tmp_path):
    store = SqliteStore(tmp_path / "log")
    other = replace(BLOB, id=b"o" * 16, creation=b"o" * 16)
    store.commit([BeginBlob(each, None, None, 9) for each in (BLOB, other)])
    store.commit([FinishBlob(BLOB.id, 2.0)])
    store.close()
    return tmp_path / "log"


def test_those_that_are_whole_are_listed_with_their_counts(path):
    with closing(sqlite3.connect(path)) as connection:
        assert [each.id for each in blobs.finished(connection)] == [BLOB.id]
        assert blobs.count(connection) == blobs.count(connection, BLOB.account)
        assert blobs.count(connection)[:2] == (1, 2)
        assert blobs.count(connection, b"nobody") == (0, 0, 0)


@pytest.mark.parametrize("whose", [b"", BLOB.account])
def test_what_is_miscounted_is_found(path, whose):
    assert inspect(path).faults == ()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE kept SET bytes = bytes + 1 WHERE account = ?", (whose,))
    assert "is miscounted" in inspect(path).faults[0]
