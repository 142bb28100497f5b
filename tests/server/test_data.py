import os

import pytest

from geventim.chat import log
from geventim.errors import StoreError, UserError
from geventim.server.data import DataDirectory
from tests.service.doubles import account


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
    directory.write_invite("code")
    directory.open_store().close()
    assert directory.path.stat().st_mode & 0o777 == 0o700
    found = {path.name: path.stat().st_mode & 0o777 for path in directory.path.iterdir()}
    assert {"lock", "key", "invite", "log.sqlite"} <= set(found)
    assert set(found.values()) == {0o600}


def test_the_key_is_made_once(directory, tmp_path):
    key = directory.server_key()
    assert directory.server_key().public == key.public
    other = DataDirectory(tmp_path / "other")
    assert other.server_key().public != key.public
    other.close()


@pytest.mark.parametrize("text", ["", "not a key", "a" * 26])
def test_a_damaged_key_is_told_and_not_replaced(directory, text):
    (directory.path / "key").write_text(text)
    with pytest.raises(UserError):
        directory.server_key()
    assert (directory.path / "key").read_text() == text


def test_accounts_and_logs_stay(directory):
    store = directory.open_store()
    store.commit([log.Register(account("alice"))])
    store.close()
    store = directory.open_store()
    assert store.accounts() == [account("alice")]
    store.close()


def test_the_invite_is_remembered(directory):
    assert directory.read_invite() == ""
    directory.write_invite("abcd")
    directory.write_invite("efgh")
    assert directory.read_invite() == "efgh"


def test_a_damaged_invite_is_none(directory):
    (directory.path / "invite").write_bytes(b"\xff\xfe")
    assert directory.read_invite() == ""


def test_what_is_no_directory_cannot_be_used(tmp_path):
    (tmp_path / "data").write_text("a file")
    with pytest.raises(StoreError, match="cannot be used"):
        DataDirectory(tmp_path / "data")


def test_the_lock_is_not_inherited(directory):
    assert not os.get_inheritable(directory._lock)
