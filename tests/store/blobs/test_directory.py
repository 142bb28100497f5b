"""A directory of blobs, as one server and as several use it."""

import fcntl
import os
import stat
import threading
import zlib

import pytest
from msgspec.structs import replace

from geventim.chat.limits import CHUNK_SIZE
from geventim.errors import StoreError
from geventim.store.blobs.content import RECORD
from geventim.store.blobs.directory import BlobDirectory
from tests.log.test_blobs import BLOB
from tests.store.blobs.test_content import THREE, chunks

OTHER = replace(BLOB, id=b"o" * 16, size=10)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "blobs"


@pytest.fixture
def blobs(path):
    directory = BlobDirectory(path, "me")
    yield directory
    directory.close()


def file_of(path, blob=THREE):
    return path / blob.id[:1].hex() / blob.id.hex()


def put_all(blobs, blob=THREE):
    return blobs.put(blob, list(enumerate(chunks(blob))))


def test_what_was_put_is_got(blobs):
    assert blobs.count(THREE) == 0
    assert put_all(blobs) == 3
    assert blobs.count(THREE) == 3
    assert [blobs.get(THREE, index) for index in range(3)] == chunks()
    assert blobs.get(OTHER, 0) is None


def test_nobody_else_can_look_in(blobs, path):
    mask = os.umask(0)
    try:
        put_all(blobs)
    finally:
        os.umask(mask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert stat.S_IMODE(file_of(path).parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(file_of(path).stat().st_mode) == 0o600


def test_only_the_next_is_put_and_none_is_replaced(blobs):
    first, second, third = chunks()
    assert blobs.put(THREE, [(1, second)]) == 0
    assert blobs.put(THREE, [(0, first), (2, third), (1, second)]) == 2
    assert blobs.put(THREE, [(0, bytes(CHUNK_SIZE)), (1, bytes(CHUNK_SIZE)), (2, third)]) == 3
    assert blobs.put(THREE, [(2, bytes(10)), (3, b"more")]) == 3
    assert [blobs.get(THREE, index) for index in range(3)] == chunks()


def test_two_servers_that_share_it_put_nothing_twice(blobs, path):
    """Whoever resumes elsewhere may be faster than what is still on its way."""
    other = BlobDirectory(path, "me")
    assert blobs.put(THREE, [(0, chunks()[0])]) == 1
    assert other.count(THREE) == 1
    assert other.put(THREE, [(1, chunks()[1])]) == 2
    assert blobs.put(THREE, [(1, bytes(CHUNK_SIZE)), (2, chunks()[2])]) == 3
    assert [other.get(THREE, index) for index in range(3)] == chunks()
    other.close()


def test_who_puts_something_has_the_file_alone(blobs, path):
    blobs.put(THREE, [(0, chunks()[0])])
    ended = threading.Event()

    def go_on():
        blobs.put(THREE, [(1, chunks()[1])])
        ended.set()

    with file_of(path).open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        thread = threading.Thread(target=go_on)
        thread.start()
        assert not ended.wait(0.1)
        assert file_of(path).stat().st_size == RECORD
    thread.join(10)
    assert ended.is_set()


def test_after_a_crash_what_is_damaged_is_put_again(blobs, path):
    blobs.put(THREE, [(0, chunks()[0]), (1, chunks()[1])])
    with file_of(path).open("r+b") as file:
        file.seek(RECORD + 3)
        file.write(b"\0\0\0")
    after = BlobDirectory(path, "me")
    assert after.count(THREE) == 1
    assert after.put(THREE, [(1, chunks()[1]), (2, chunks()[2])]) == 3
    assert after.verify(THREE) is None
    after.close()


def test_small_blobs(blobs, path):
    assert blobs.put(OTHER, [(0, b"0123456789")]) == 1
    assert blobs.get(OTHER, 0) == b"0123456789"
    assert file_of(path, OTHER).read_bytes()[10:] == zlib.crc32(b"0123456789").to_bytes(4, "big")


def test_what_is_removed_is_gone_and_may_have_been(blobs, path):
    put_all(blobs)
    blobs.remove([THREE.id, OTHER.id])
    blobs.remove([THREE.id])
    assert not file_of(path).exists()
    assert blobs.count(THREE) == 0
    assert put_all(blobs) == 3


def test_blobs_are_listed_by_their_places_and_nothing_else_is(blobs, path):
    put_all(blobs)
    blobs.put(OTHER, [(0, bytes(10))])
    for name in ("x", "0" * 31, "0" * 33, "G" * 32, f"{'0' * 32}.new"):
        (file_of(path).parent / name).write_bytes(b"")
    found = {place: blobs.list(place) for place in range(blobs.places) if blobs.list(place)}
    assert found == {ord("i"): [THREE.id], ord("o"): [OTHER.id]}


class TestVerifying:
    def test_what_is_whole_is_right(self, blobs):
        put_all(blobs)
        assert blobs.verify(THREE) is None

    def test_what_is_missing_or_damaged_is_told(self, blobs, path):
        assert blobs.verify(THREE) == f"the blob {THREE.id.hex()} is missing"
        put_all(blobs)
        with file_of(path).open("r+b") as file:
            file.seek(-1, os.SEEK_END)
            file.write(b"?")
        assert "chunk 2" in blobs.verify(THREE)
        file_of(path).unlink()
        file_of(path).symlink_to(path / "server")
        assert "cannot be read" in blobs.verify(THREE)


class TestLinks:
    """Nothing is written or read where a link leads."""

    def test_a_link_in_the_place_of_a_file(self, blobs, path, tmp_path):
        victim = tmp_path / "victim"
        victim.write_bytes(b"precious")
        file_of(path).parent.mkdir()
        file_of(path).symlink_to(victim)
        for call in (lambda: put_all(blobs), lambda: blobs.get(THREE, 0)):
            with pytest.raises(StoreError):
                call()
        blobs.remove([THREE.id])
        assert victim.read_bytes() == b"precious"

    def test_a_link_in_the_place_of_a_directory(self, blobs, path, tmp_path):
        (tmp_path / "elsewhere").mkdir()
        file_of(path).parent.symlink_to(tmp_path / "elsewhere")
        for call in (lambda: put_all(blobs), lambda: blobs.list(ord("i"))):
            with pytest.raises(StoreError):
                call()
        assert not list((tmp_path / "elsewhere").iterdir())


def test_the_blobs_of_another_server_are_left_alone(blobs, path):
    with pytest.raises(StoreError, match="those of another server"):
        BlobDirectory(path, "somebody else")
    BlobDirectory(path, "me").close()
    assert {each.name for each in path.iterdir()} == {"server"}


def test_a_place_that_cannot_be_used_is_named_as_such(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreError, match="cannot be used"):
        BlobDirectory(tmp_path / "file", "me")


def test_room_is_that_of_the_disk(blobs, path):
    there = os.statvfs(path)
    assert abs(blobs.free - there.f_bavail * there.f_frsize) < 2**30
