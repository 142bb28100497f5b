"""Keys in files that only their owner can read."""

import os
import stat

import pytest

from geventim.errors import UserError
from geventim.net.key_files import LONGEST, read_key_file, read_or_make_key_file


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
