"""Backups of a server's directory; a real server is backed up in tests/e2e/test_backup.py."""

import os
import stat
import tarfile
import threading
from pathlib import Path

import pytest
from msgspec.structs import replace

from geventim.errors import StoreError, UserError
from geventim.log.blobs import BeginBlob, BlobState, FinishBlob
from geventim.server import backups
from geventim.server.data import DataDirectory
from geventim.store.blobs.directory import content_of
from geventim.store.sqlite.inspection import Findings
from geventim.store.sqlite.store import SqliteStore
from tests.store.blobs.test_content import THREE, chunks
from tests.store.builders import ALICE, CREW, append, commit, create, do, texts

WHOLE = replace(THREE, conversation=CREW.id, account=ALICE.id)
BEGUN = replace(WHOLE, id=b"begun".ljust(16), creation=b"begun".ljust(16))


@pytest.fixture
def data(tmp_path):
    """A directory in which a server has been."""
    directory = DataDirectory(tmp_path / "data")
    directory.server_key()
    (directory.path / "config.toml").write_text("keep_days = 7\n")
    store = directory.open_store()
    do(store, create(CREW, ALICE))
    store.commit([commit(CREW, ALICE, 0), append(CREW, ALICE, b"text", head=1)])
    store.close()
    directory.close()
    return tmp_path / "data"


@pytest.fixture
def file(tmp_path):
    return tmp_path / "backup"


def test_everything_comes_back(data, file, tmp_path):
    mask = os.umask(0)
    try:
        found = backups.back_up(data, file)
        assert backups.restore(file, tmp_path / "far" / "other") == found
    finally:
        os.umask(mask)
    assert found == Findings(0, 1, 2, 10, ())
    place = tmp_path / "far" / "other" / "server"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert {stat.S_IMODE(each.stat().st_mode) for each in place.iterdir()} == {0o600}
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    for name in ("key", "config.toml"):
        assert (place / name).read_bytes() == (data / "server" / name).read_bytes()
    store = DataDirectory(tmp_path / "far" / "other").open_store()
    assert texts(store, CREW, ALICE) == ["commit", "text"]
    store.close()
    assert {each.name for each in tmp_path.iterdir()} == {"data", "backup", "far"}


def test_it_is_of_one_moment_while_a_server_writes(data, file, tmp_path):
    """And holds all that was written before it."""
    directory = DataDirectory(data)
    store = directory.open_store()
    written = [2]
    done = threading.Event()

    def write():
        while not done.is_set():
            store.commit([append(CREW, ALICE, bytes(20_000), head=1) for _ in range(5)])
            written.append(written[-1] + 5)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            before = written[-1]
            place = tmp_path / f"{number}"
            found = backups.back_up(data, place.with_suffix(".backup"))
            assert found.entries >= before
            assert (found.entries - 2) % 5 == 0
            assert backups.verify(data).faults == ()
            assert backups.restore(place.with_suffix(".backup"), place) == found
    finally:
        done.set()
        writer.join()
        store.close()
        directory.close()


def test_what_a_killed_server_left_is_in_it(data, file, tmp_path):
    store = SqliteStore(data / "server" / "log.sqlite")
    do(store, append(CREW, ALICE, b"last", head=1))
    left = tmp_path / "left"
    for name in ("key", "log.sqlite", "log.sqlite-wal"):
        path = left / "server" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((data / "server" / name).read_bytes())
    store.close()
    assert backups.back_up(left, file).entries == 3
    directory = DataDirectory(left)
    again = directory.open_store()
    assert texts(again, CREW, ALICE) == ["commit", "text", "last"]
    again.close()
    directory.close()


def test_nothing_is_written_over(data, file):
    file.write_text("precious")
    with pytest.raises(UserError, match="There is a file "):
        backups.back_up(data, file)
    assert file.read_text() == "precious"


@pytest.mark.parametrize("name", ["server", "client", ".hidden"])
def test_only_an_empty_directory_is_restored_into(data, file, tmp_path, name):
    backups.back_up(data, file)
    other = tmp_path / "other"
    (other / name).mkdir(parents=True)
    with pytest.raises(UserError, match="is not empty"):
        backups.restore(file, other)
    assert [each.name for each in other.iterdir()] == [name]


def test_a_restore_that_was_cut_off_is_begun_anew(data, file, tmp_path):
    backups.back_up(data, file)
    (tmp_path / "other" / backups.DRAFT).mkdir(parents=True)
    (tmp_path / "other" / backups.DRAFT / "key").write_text("half")
    backups.restore(file, tmp_path / "other")
    assert [each.name for each in (tmp_path / "other").iterdir()] == ["server"]


def test_any_bit_that_was_changed_is_noticed(data, file, tmp_path):
    backups.back_up(data, file)
    whole = file.read_bytes()
    with tarfile.open(file) as tar:
        places = [member.offset_data + member.size // 2 for member in tar]
    for place in places:
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        for check in (backups.verify_backup, lambda file: backups.restore(file, tmp_path / "o")):
            with pytest.raises(UserError, match="no whole backup"):
                check(file)
    assert list((tmp_path / "o").iterdir()) == []


@pytest.mark.parametrize("size", [0, 100, 600, 5000, -11_000])
def test_a_backup_that_was_cut_is_noticed(data, file, tmp_path, size):
    backups.back_up(data, file)
    file.write_bytes(file.read_bytes()[:size])
    with pytest.raises(UserError, match="no whole backup"):
        backups.restore(file, tmp_path / "other")
    assert not (tmp_path / "other" / "server").exists()


@pytest.mark.parametrize("name", ["../key", "/tmp/key", "lock", "key"])
def test_nothing_else_is_taken_from_a_file_that_is_said_to_be_a_backup(data, file, tmp_path, name):
    with tarfile.open(file, "w") as tar:
        tar.add(data / "server" / "key", "key")
        member = tarfile.TarInfo(name)
        member.type = tarfile.REGTYPE if name != "lock" else tarfile.SYMTYPE
        tar.addfile(member)
    with pytest.raises(UserError, match="no whole backup of a server: it holds"):
        backups.restore(file, tmp_path / "far" / "other")
    assert not list(tmp_path.glob("far/key"))


def test_damage_is_told_and_not_backed_up(data, file):
    store = SqliteStore(data / "server" / "log.sqlite")
    store._writer.execute("UPDATE entries SET payload = zeroblob(6) WHERE seq = 1")
    store.close()
    found = backups.verify(data)
    assert [fault.partition(" ")[0] for fault in found.faults] == ["the"]
    assert "does not fit together at its entry 2" in found.faults[0]
    with pytest.raises(StoreError, match="is damaged"):
        backups.back_up(data, file)
    assert not file.exists()


def test_without_its_key_there_is_nothing_to_back_up(data, file):
    (data / "server" / "key").unlink()
    for call in (lambda: backups.back_up(data, file), lambda: backups.verify(data)):
        with pytest.raises(UserError, match="key"):
            call()
    assert not file.exists()


def test_where_no_server_was_that_is_said(file, tmp_path):
    for call in (lambda: backups.back_up(tmp_path, file), lambda: backups.verify(tmp_path)):
        with pytest.raises(UserError, match="There is no server's log"):
            call()
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_named(data, tmp_path):
    with pytest.raises(StoreError, match="missing/file"):
        backups.back_up(data, Path(tmp_path, "missing", "file"))


def test_no_server_begins_while_its_directory_is_read(data, monkeypatch):
    def begin(_path):
        with pytest.raises(UserError) as caught:
            DataDirectory(data)
        assert caught.value.code == "in_use"
        return Findings(0, 0, 0, 0, ())

    monkeypatch.setattr(backups.store, "inspect", begin)
    backups.verify(data)
    DataDirectory(data).close()


class TestFiles:
    """Those of clients, which are in a backup if they are wanted."""

    @pytest.fixture
    def blobs(self, data):
        directory = DataDirectory(data)
        store, kept = directory.open_store(), directory.open_blobs()
        for blob in (WHOLE, BEGUN):
            store.commit([BeginBlob(blob, None, None, 9)])
            kept.put(blob, list(enumerate(chunks(blob))))
        store.commit([FinishBlob(WHOLE.id, 2.0)])
        store.close()
        directory.close()
        yield kept
        kept.close()

    def restored(self, file, place):
        found = backups.restore(file, place)
        directory = DataDirectory(place)
        store, kept = directory.open_store(), directory.open_blobs()
        blobs = [store.blob(blob.id) for blob in (WHOLE, BEGUN)]
        content = kept.get(WHOLE, 2)
        usage = store.usage(ALICE.id).files
        for each in (store, kept, directory):
            each.close()
        assert backups.verify(place).faults == ()
        assert backups.verify_backup(file) == found
        return blobs, content, usage

    def test_they_come_back_where_they_are_wanted(self, data, blobs, file, tmp_path):
        found = backups.back_up(data, file, data / "server" / "blobs")
        assert found.files == 1
        (whole, begun), content, usage = self.restored(file, tmp_path / "far")
        assert whole.state is BlobState.FINISHED
        assert begun is None
        assert content == chunks(WHOLE)[2]
        assert usage == WHOLE.weight
        place = tmp_path / "far" / "server" / "blobs"
        modes = {stat.S_IMODE(each.stat().st_mode) for each in place.rglob("*")}
        assert modes == {0o700, 0o600}

    def test_they_have_expired_where_they_are_not(self, data, blobs, file, tmp_path):
        assert backups.back_up(data, file).files == 0
        (whole, begun), content, usage = self.restored(file, tmp_path / "far")
        assert whole.state is BlobState.EXPIRED
        assert (begun, content, usage) == (None, None, 0)
        assert backups.verify(data).files == 1

    def test_what_is_deleted_meanwhile_is_not_in_it(self, data, blobs, file, tmp_path):
        blobs.remove([WHOLE.id])
        assert backups.back_up(data, file, data / "server" / "blobs").files == 0
        (whole, _), *_ = self.restored(file, tmp_path / "far")
        assert whole.state is BlobState.EXPIRED

    def test_what_is_damaged_or_missing_is_told(self, data, blobs):
        place = data / "server" / "blobs"
        assert backups.verify(data).faults == backups.verify(data, place).faults == ()
        path = content_of(place, WHOLE.id)
        path.write_bytes(b"\0" + path.read_bytes()[1:])
        assert "is damaged" in backups.verify(data).faults[0]
        path.unlink()
        path.parent.rmdir()
        assert backups.verify(data).faults == (f"the blob {WHOLE.id.hex()} is missing",)

    @pytest.mark.parametrize("name", ["blobs/../key", "blobs/x", "blobs/" + "G" * 32, "other/x"])
    def test_no_other_place_is_reached(self, data, file, tmp_path, name):
        with tarfile.open(file, "w") as tar:
            tar.addfile(tarfile.TarInfo(name))
        with pytest.raises(UserError, match="it holds"):
            backups.restore(file, tmp_path / "far")
        assert not list(tmp_path.glob("far/*"))
