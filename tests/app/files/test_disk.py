"""Files on a real disk: what is read, where what comes goes, and what is refused."""

import hashlib
import os
from pathlib import Path

import pytest

from geventim.app.files.disk import LocalDisk
from geventim.client.sealing.content import FILE_SIZE
from geventim.errors import DeniedError


@pytest.fixture
def local(tmp_path: Path) -> LocalDisk:
    return LocalDisk(tmp_path / "downloads")


def receive(local: LocalDisk, wanted: str, name: str, data: bytes = b"data") -> Path:
    part = local.open_part(wanted, name, len(data), "", os.urandom(8).hex(), 0)
    part.write(data)
    return Path(part.finish(hashlib.sha256(data).digest()))


def test_a_source_is_read(local: LocalDisk, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"hello")
    source = local.open_source(str(path))
    facts = source.look()
    assert facts.size == 5
    assert (source.read(3), source.read(9), source.read(1)) == (b"hel", b"lo", b"")
    os.utime(path, ns=(1, 1))
    assert source.look() != facts
    source.close()


def test_what_is_no_file_is_not_sent(local: LocalDisk, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    big = tmp_path / "big"
    with big.open("wb") as file:
        file.truncate(FILE_SIZE + 1)
    for name, code in [
        ("pipe", "no_source"),
        (".", "no_source"),
        ("none", "no_source"),
        ("big", "file_too_large"),
    ]:
        with pytest.raises(DeniedError, match=code):
            local.open_source(str(tmp_path / name))
    with pytest.raises(DeniedError, match="no_source"):
        local.open_source("\0")


def test_what_does_not_say_how_large_it_is_is_not_sent(local: LocalDisk) -> None:
    assert Path("/proc/self/status").stat().st_size == 0
    with pytest.raises(DeniedError, match="no_source") as raised:
        local.open_source("/proc/self/status")
    assert "how large" in str(raised.value.facts["why"])
    # What cannot be read where it begins is none either.
    with pytest.raises(DeniedError, match="no_source"):
        local.open_source("/proc/self/mem")


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a\0b", "." * 300, "x" * 3000, ".."])
def test_names_that_lie_stay_where_files_go(local: LocalDisk, tmp_path: Path, name: str) -> None:
    place = receive(local, "", name)
    assert place.parent == tmp_path / "downloads"
    assert place.read_bytes() == b"data"
    assert place.stat().st_mode & 0o777 == 0o600


def test_nothing_is_replaced(local: LocalDisk, tmp_path: Path) -> None:
    target = tmp_path / "downloads"
    assert [receive(local, "", "a.pdf", bytes([n])).name for n in range(3)] == [
        "a.pdf",
        "a (2).pdf",
        "a (3).pdf",
    ]
    assert (target / "a.pdf").read_bytes() == b"\0"
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    (target / "b.part").symlink_to(secret)
    (target / "b").symlink_to(secret)
    assert receive(local, "", "b").name == "b (2)"
    assert secret.read_bytes() == b"secret"


def test_it_goes_where_it_is_wanted(local: LocalDisk, tmp_path: Path) -> None:
    assert receive(local, str(tmp_path), "a") == tmp_path / "a"
    assert receive(local, str(tmp_path / "other"), "a") == tmp_path / "other"
    with pytest.raises(DeniedError, match="bad_path"):
        receive(local, str(tmp_path / "none" / "a"), "a")


def test_only_what_is_still_the_same_is_removed(local: LocalDisk, tmp_path: Path) -> None:
    digest = hashlib.sha256(b"data").digest()
    same, longer, other = (receive(local, "", "a", data) for data in (b"data", b"data2", b"atad"))
    link = tmp_path / "downloads" / "link"
    link.symlink_to(same)
    os.mkfifo(tmp_path / "downloads" / "pipe")
    for name in ("link", "pipe", "none", "", "\0"):
        local.remove(str(tmp_path / "downloads" / name), 4, digest)
    for place in (longer, other):
        local.remove(str(place), 4, digest)
    assert all(each.exists() for each in (same, longer, other))
    assert link.is_symlink()
    local.remove(str(same), 4, digest)
    assert not same.exists()
