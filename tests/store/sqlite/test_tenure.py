"""Copies of a directory in which a server writes: each can be used, or is refused."""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from geventim.chat.values import Status
from geventim.errors import StoreError
from geventim.log.people import Register, SetStatus
from geventim.store.sqlite import tenure
from geventim.store.sqlite.store import SqliteStore, examine
from geventim.store.sqlite.tenure import WAL_SIZE, Mark, wal
from tests.store.builders import ALICE, LOBBY, append, commit, create, do, texts, write


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "server" / "log.sqlite"


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    return tmp_path / "copy" / "log.sqlite"


def fill(store: SqliteStore, size: int = 0) -> None:
    """Write messages of so many bytes together, and a short one."""
    for _ in range(size // 50_000):
        write(store, append(LOBBY, ALICE, bytes(50_000), head=1))
    write(store, append(LOBBY, ALICE, b"last", head=1))


def begin(path: Path) -> SqliteStore:
    store = SqliteStore(path)
    do(store, create(LOBBY))
    do(store, commit(LOBBY, ALICE, 0, add=(ALICE,)))
    fill(store)
    return store


def take(path: Path, to: Path) -> None:
    to.parent.mkdir(exist_ok=True)
    shutil.copyfile(path, to)


def test_a_copy_of_an_open_file_with_its_log_is_whole(path: Path, elsewhere: Path) -> None:
    store = begin(path)
    take(path, elsewhere)
    take(wal(path), wal(elsewhere))
    store.close()
    again = SqliteStore(elsewhere)
    assert texts(again, LOBBY, ALICE) == ["commit", "last"]
    again.close()


def test_a_copy_of_an_open_file_alone_is_refused_and_not_an_empty_server(
    path: Path, elsewhere: Path
) -> None:
    store = begin(path)
    take(path, elsewhere)
    store.close()
    before = elsewhere.read_bytes()
    for _ in range(2):
        with pytest.raises(StoreError, match=r"log\.sqlite-wal is missing.*backup"):
            SqliteStore(elsewhere)
    assert elsewhere.read_bytes() == before
    assert not wal(elsewhere).exists()


def test_who_knows_that_nothing_is_missing_can_say_so(path: Path, elsewhere: Path) -> None:
    store = begin(path)
    take(path, elsewhere)
    take(wal(path), wal(elsewhere))
    store.close()
    sqlite3.connect(elsewhere).execute("PRAGMA wal_checkpoint").connection.close()
    assert not wal(elsewhere).exists()
    with pytest.raises(StoreError, match="make an empty file of that name"):
        SqliteStore(elsewhere)
    wal(elsewhere).touch()
    again = SqliteStore(elsewhere)
    assert texts(again, LOBBY, ALICE) == ["commit", "last"]
    again.close()


def test_a_copy_of_a_closed_file_needs_no_log(path: Path, elsewhere: Path) -> None:
    begin(path).close()
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    take(path, elsewhere)
    again = SqliteStore(elsewhere)
    assert texts(again, LOBBY, ALICE) == ["commit", "last"]
    again.close()


@pytest.mark.parametrize("first", [lambda path: path, wal], ids=["file", "log"])
def test_copies_of_different_moments_are_refused(
    path: Path, elsewhere: Path, first: Callable[[Path], Path]
) -> None:
    store = begin(path)
    take(first(path), first(elsewhere))
    fill(store, 3 * WAL_SIZE)
    other = path if first is wal else wal(path)
    take(other, wal(elsewhere) if other == wal(path) else elsewhere)
    before = elsewhere.read_bytes()
    with pytest.raises(StoreError, match="restore a backup"):
        SqliteStore(elsewhere)
    assert elsewhere.read_bytes() == before
    store.close()


@pytest.mark.parametrize("first", ["file", "log"])
def test_what_nothing_else_would_notice_is_refused(path: Path, elsewhere: Path, first: str) -> None:
    """What was changed meanwhile is in no log of messages, and went from one file to the other."""
    store = begin(path)
    do(store, Register(ALICE))
    take(*((path, elsewhere) if first == "file" else (wal(path), wal(elsewhere))))
    do(store, SetStatus(ALICE.id, Status.DND))
    store._tenure._renew()
    take(*((wal(path), wal(elsewhere)) if first == "file" else (path, elsewhere)))
    store.close()
    with pytest.raises(StoreError, match="copied at different moments"):
        SqliteStore(elsewhere)


def test_a_copy_taken_piece_by_piece_while_a_server_writes_is_whole_or_refused(
    path: Path, elsewhere: Path
) -> None:
    """Pieces of the file, then of its log; and the other way round."""
    store = begin(path)
    fill(store, 2 * WAL_SIZE)
    outcomes = []
    for number in range(12):
        shutil.rmtree(elsewhere.parent, ignore_errors=True)
        elsewhere.parent.mkdir()
        before = len(texts(store, LOBBY, ALICE))
        order = [path, wal(path)] if number % 2 else [wal(path), path]
        for source in order:
            with (
                source.open("rb") as reading,
                elsewhere.with_name(source.name).open("wb") as writing,
            ):
                while piece := reading.read(WAL_SIZE // 2):
                    writing.write(piece)
                    fill(store, WAL_SIZE // 48 * number)
        try:
            again = SqliteStore(elsewhere)
        except StoreError as error:
            outcomes.append(str(error))
            continue
        assert len(texts(again, LOBBY, ALICE)) >= before
        outcomes.append("")
        again.close()
    store.close()
    assert "" in outcomes
    assert any(outcomes)


def test_a_damaged_copy_is_found_out(path: Path, elsewhere: Path) -> None:
    store = begin(path)
    fill(store, WAL_SIZE // 2)
    take(path, elsewhere)
    take(wal(path), wal(elsewhere))
    store.close()
    with sqlite3.connect(elsewhere) as connection:
        connection.execute("UPDATE entries SET payload = zeroblob(4) WHERE seq = 2")
    connection.close()
    wal(elsewhere).touch()
    with pytest.raises(StoreError, match="does not fit together at its entry 3"):
        SqliteStore(elsewhere)


def test_looking_changes_nothing(path: Path, elsewhere: Path) -> None:
    store = begin(path)
    take(path, elsewhere)
    take(wal(path), wal(elsewhere))
    store.close()
    before = elsewhere.read_bytes(), wal(elsewhere).read_bytes()
    examine(elsewhere)
    assert (elsewhere.read_bytes(), wal(elsewhere).read_bytes()) == before


def test_the_log_is_begun_anew_when_it_has_grown(path: Path) -> None:
    store = begin(path)
    fill(store, 3 * WAL_SIZE)
    assert wal(path).stat().st_size < 1.5 * WAL_SIZE
    mark = Mark.read(store._writer)
    assert mark
    assert mark.generation == mark.base
    assert mark.generation > 1
    store.close()


def test_the_log_is_cut_after_somebody_read_from_outside(path: Path) -> None:
    store = begin(path)
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM entries").fetchone()
    fill(store, 3 * WAL_SIZE)
    assert wal(path).stat().st_size > 3 * WAL_SIZE
    reader.close()
    fill(store, 2 * WAL_SIZE)
    assert wal(path).stat().st_size < 1.5 * WAL_SIZE
    store.close()


def test_writers_hardly_wait_for_who_reads_from_outside(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = begin(path)
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM entries").fetchone()
    tried = []
    checkpoint = tenure.Tenure._checkpoint

    def count(self: tenure.Tenure) -> bool:
        tried.append(1)
        return checkpoint(self)

    monkeypatch.setattr(tenure.Tenure, "_checkpoint", count)
    fill(store, 3 * WAL_SIZE)
    assert len(tried) <= 4
    reader.close()
    store.close()
