import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from geventim.store import files


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(params=[0o000, 0o022, 0o077, 0o777])
def mask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def test_file_is_the_owners_alone_whatever_the_umask(tmp_path: Path, mask: int) -> None:
    files.make_file(tmp_path / "new")
    files.replace_file(tmp_path / "replaced", b"content")
    assert mode(tmp_path / "new") == mode(tmp_path / "replaced") == 0o600


def test_file_that_exists_is_closed_to_others_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"content")
    path.chmod(0o644)
    files.make_file(path)
    assert mode(path) == 0o600
    assert path.read_bytes() == b"content"


def test_directories_are_made_closed_to_others(tmp_path: Path) -> None:
    files.make_directory(tmp_path / "a" / "b")
    files.make_directory(tmp_path / "a" / "b")
    assert mode(tmp_path / "a") == mode(tmp_path / "a" / "b") == 0o700


def test_directory_that_exists_is_left_as_it_is(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    files.make_directory(tmp_path)
    assert mode(tmp_path) == 0o755


def test_content_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "file"
    files.replace_file(path, b"one")
    files.replace_file(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(tmp_path.iterdir()) == [path]


def test_failure_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    files.replace_file(path, b"one")

    def fail(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        files.replace_file(path, b"two")
    assert path.read_bytes() == b"one"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_is_created_once_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "key"
    mask = os.umask(0)
    try:
        files.create_file(path, b"first")
    finally:
        os.umask(mask)
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        files.create_file(path, b"second")
    assert path.read_bytes() == b"first"


def test_what_is_erased_is_overwritten_first(tmp_path: Path) -> None:
    path, other = tmp_path / "file", tmp_path / "other"
    path.write_bytes(b"secret" * 1000)
    other.hardlink_to(path)
    files.erase_file(path)
    assert not path.exists()
    assert other.read_bytes() == bytes(6000)
