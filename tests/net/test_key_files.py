"""Keys in files that only their owner can read."""

import errno
import os
import stat

import pytest

from geventim.chat.access import channel_psk
from geventim.crypto.readable import generate_key
from geventim.errors import UserError
from geventim.net.key_files import (
    LONGEST,
    read_access_key,
    read_key_file,
    read_or_make_key_file,
)


def test_missing_file_is_made_for_its_owner_only(tmp_path):
    path = tmp_path / "key"
    before = os.umask(0)
    try:
        assert read_or_make_key_file(path, "abcd") == "abcd"
    finally:
        os.umask(before)
    assert path.read_text() == "abcd\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_existing_file_is_left_as_it_is(tmp_path):
    path = tmp_path / "key"
    path.write_text("  first \n")
    assert read_or_make_key_file(path, "second") == "first"
    assert path.read_text() == "  first \n"


def test_nothing_is_left_beside_it(tmp_path):
    read_or_make_key_file(tmp_path / "key", "abcd")
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"caf\xc3\xa9"])
def test_what_cannot_be_read(tmp_path, content):
    path = tmp_path / "key"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError) as caught:
        read_key_file(path)
    assert caught.value.code == "bad_key_file"
    assert str(path) in caught.value.text


@pytest.mark.parametrize("name", ["missing/key", "."])
def test_what_cannot_be_made(tmp_path, name):
    with pytest.raises(UserError) as caught:
        read_or_make_key_file(tmp_path / name, "abcd")
    assert caught.value.code == "bad_key_file"


def test_no_more_is_read_than_a_key_may_have(tmp_path):
    path = tmp_path / "key"
    path.write_bytes(b"a" * (LONGEST + 1))
    assert len(read_key_file(path)) == LONGEST


def test_what_others_could_read_is_closed_with_a_word(tmp_path, caplog):
    path = tmp_path / "key"
    path.write_text("abcd\n")
    path.chmod(0o644)
    assert read_key_file(path) == "abcd"
    assert path.stat().st_mode & 0o777 == 0o600
    assert str(path) in caplog.text
    caplog.clear()
    assert read_key_file(path) == "abcd"
    assert caplog.text == ""


@pytest.mark.parametrize(("mode", "is_taken"), [(0o604, False), (0o640, True)])
def test_what_everybody_can_read_and_we_cannot_close_is_refused(
    tmp_path, monkeypatch, mode, is_taken
):
    path = tmp_path / "key"
    path.write_text("abcd\n")
    path.chmod(mode)
    monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 1)
    if is_taken:
        assert read_key_file(path) == "abcd"
    else:
        with pytest.raises(UserError, match="belongs to somebody else"):
            read_key_file(path)
    assert path.stat().st_mode & 0o777 == mode


def test_an_empty_file_is_told_from_a_key(tmp_path):
    path = tmp_path / "key"
    path.touch(0o600)
    with pytest.raises(UserError, match=f"{path} is empty"):
        read_or_make_key_file(path, "abcd")


def test_a_disk_that_is_full_leaves_no_file(tmp_path, monkeypatch):
    def fail(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(UserError, match="cannot be made: No space left on device"):
        read_or_make_key_file(tmp_path / "key", "abcd")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["swordfish", "a" * 52])
def test_a_file_without_an_access_key_is_named_and_not_repeated(tmp_path, text):
    path = tmp_path / "key"
    path.write_text(text)
    with pytest.raises(UserError) as caught:
        read_access_key(path)
    assert str(path) in caught.value.text
    assert text not in str(caught.value)


def test_an_access_key_is_what_the_handshake_needs(tmp_path):
    path = tmp_path / "key"
    key = generate_key()
    read_or_make_key_file(path, key)
    assert read_access_key(path) == channel_psk(key)
