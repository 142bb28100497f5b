import os
from pathlib import Path

import pytest

from geventim.errors import StoreError, UserError
from geventim.log.people import Register
from geventim.server.data import DataDirectory
from tests.service.identities import account


@pytest.fixture
def directory(tmp_path):
    opened = DataDirectory(tmp_path / "data")
    yield opened
    opened.close()


def test_it_is_for_one_process(tmp_path):
    directory = DataDirectory(tmp_path)
    with pytest.raises(UserError) as caught:
        DataDirectory(tmp_path)
    assert caught.value.code == "in_use"
    assert str(tmp_path) in caught.value.text
    directory.close()
    DataDirectory(tmp_path).close()


def test_nobody_else_can_look_into_it(directory):
    directory.server_key()
    directory.open_store().close()
    assert directory.path.stat().st_mode & 0o777 == 0o700
    found = {path.name: path.stat().st_mode & 0o777 for path in directory.path.iterdir()}
    assert {"lock", "key", "log.sqlite"} <= set(found)
    assert set(found.values()) == {0o600}


def test_the_key_is_made_once(directory, tmp_path):
    key = directory.server_key()
    assert directory.server_key().public == key.public
    other = DataDirectory(tmp_path / "other")
    assert other.server_key().public != key.public
    other.close()


@pytest.mark.parametrize("text", ["not a key", "a" * 26])
def test_a_damaged_key_is_told_and_not_replaced(directory, text):
    (directory.path / "key").write_text(text)
    with pytest.raises(UserError, match="server/key does not hold the key of a server"):
        directory.server_key()
    assert (directory.path / "key").read_text() == text


def test_a_key_that_a_full_disk_left_empty_is_made_again(directory):
    (directory.path / "key").touch()
    (directory.path / "log.sqlite").touch()
    assert directory.server_key().public == directory.server_key().public


@pytest.mark.parametrize("is_empty", [True, False])
def test_another_key_is_not_made_beside_a_log_that_belongs_to_the_first(directory, is_empty):
    directory.server_key()
    directory.open_store().close()
    key = directory.path / "key"
    key.unlink()
    if is_empty:
        key.touch()
    with pytest.raises(UserError) as caught:
        directory.server_key()
    assert str(key) in caught.value.text
    assert "back" in caught.value.advice
    assert key.exists() is is_empty


def test_accounts_and_logs_stay(directory):
    store = directory.open_store()
    store.commit([Register(account("alice"))])
    store.close()
    store = directory.open_store()
    assert store.accounts() == [account("alice")]
    store.close()


def test_what_is_no_directory_cannot_be_used(tmp_path):
    (tmp_path / "data").write_text("a file")
    with pytest.raises(StoreError, match="cannot be used"):
        DataDirectory(tmp_path / "data")


def test_the_lock_is_not_inherited(directory):
    assert not os.get_inheritable(directory._lock)


def test_what_others_could_look_into_is_closed_with_a_word(tmp_path, caplog):
    place = DataDirectory.place(tmp_path)
    place.mkdir()
    for name in ("key", "config.toml"):
        (place / name).touch()
        (place / name).chmod(0o644)
    place.chmod(0o755)
    DataDirectory(tmp_path).close()
    assert {path.stat().st_mode & 0o077 for path in (place, *place.iterdir())} == {0}
    assert {Path(record.at).name for record in caplog.records} == {"server", "key", "config.toml"}


def test_what_is_closed_already_gets_no_word(tmp_path, caplog):
    for _ in range(2):
        DataDirectory(tmp_path).close()
    assert caplog.records == []


class TestCheck:
    @pytest.mark.parametrize("name", [".", "missing/far"])
    def test_where_nothing_is_nothing_is_made(self, tmp_path, name):
        DataDirectory.check(tmp_path / name)
        assert list(tmp_path.iterdir()) == []

    def test_what_a_server_has_left_is_good(self, tmp_path):
        directory = DataDirectory(tmp_path)
        directory.server_key()
        directory.open_store().close()
        directory.close()
        before = {path.name for path in directory.path.iterdir()}
        DataDirectory.check(tmp_path)
        assert {path.name for path in directory.path.iterdir()} == before

    def test_a_server_that_runs_is_in_the_way(self, directory, tmp_path):
        with pytest.raises(UserError) as caught:
            DataDirectory.check(tmp_path / "data")
        assert caught.value.code == "in_use"

    def test_a_file_is_no_directory(self, tmp_path):
        (tmp_path / "data").touch()
        with pytest.raises(StoreError, match="is not a directory"):
            DataDirectory.check(tmp_path / "data")

    def test_a_log_that_is_none(self, tmp_path):
        directory = DataDirectory(tmp_path)
        directory.server_key()
        (directory.path / "log.sqlite").write_bytes(b"no database" * 100)
        directory.close()
        with pytest.raises(StoreError, match=r"log\.sqlite cannot be used: .*not a database"):
            DataDirectory.check(tmp_path)

    def test_a_log_without_its_key(self, tmp_path):
        directory = DataDirectory(tmp_path)
        directory.open_store().close()
        directory.close()
        with pytest.raises(UserError, match="is missing"):
            DataDirectory.check(tmp_path)
