"""The file of one blob: chunks one after the other, and what a crash may leave of them."""

import errno
import os

import pytest
from msgspec.structs import replace

from geventim.chat.limits import CHUNK_SIZE, CHUNKS
from geventim.errors import StoreError
from geventim.store.blobs import content as module
from geventim.store.blobs.content import RECORD, TAIL, Content, size_of
from tests.log.test_blobs import BLOB

THREE = replace(BLOB, size=2 * CHUNK_SIZE + 10)


def chunks(blob=THREE):
    return [bytes([index + 1]) * blob.chunk_size(index) for index in range(blob.chunks)]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "content"


@pytest.fixture
def content(path):
    opened = Content(THREE, os.open(path, os.O_RDWR | os.O_CREAT))
    yield opened
    opened.close()


def test_what_was_put_is_got(content, path):
    first, second, third = chunks()
    assert content.count() == 0
    content.put(0, [first, second])
    assert content.count() == 2
    content.put(2, [third])
    assert content.count() == content.count_good() == 3
    assert [content.get(index) for index in range(3)] == chunks()
    assert path.stat().st_size == size_of(THREE)


def test_what_a_crash_has_cut_off_is_not_there(content, path):
    content.put(0, chunks()[:2])
    os.truncate(path, 2 * RECORD - 1)
    assert content.count_good() == 1
    assert path.stat().st_size == RECORD


@pytest.mark.parametrize("kept", [0, 1])
def test_what_never_reached_the_disk_is_not_there(content, path, kept):
    """The length may be on disk before the bytes are."""
    content.put(0, chunks())
    with path.open("r+b") as file:
        file.seek(kept * RECORD + 5)
        file.write(b"\0")
    assert content.count_good() == kept
    content.put(kept, chunks()[kept:])
    assert [content.get(index) for index in range(3)] == chunks()


def test_more_is_looked_at_than_is_ever_put_together():
    assert TAIL > CHUNKS


@pytest.mark.parametrize("change", [lambda b: b[:9] + b"!" + b[10:], lambda b: b[:-1]])
def test_what_is_damaged_is_not_given_away(content, path, change):
    content.put(0, chunks())
    path.write_bytes(change(path.read_bytes()))
    damaged = 0 if path.stat().st_size == size_of(THREE) else 2
    with pytest.raises(StoreError, match="is damaged"):
        content.get(damaged)


def test_what_could_not_be_written_is_taken_back(content, path, monkeypatch):
    content.put(0, chunks()[:1])
    real = os.pwrite

    def full(file, data, offset):
        if offset > RECORD:
            raise OSError(errno.ENOSPC, "full")
        return real(file, data[: len(data) // 2], offset)

    monkeypatch.setattr(module.os, "pwrite", full)
    with pytest.raises(OSError, match="full"):
        content.put(1, chunks()[1:])
    assert path.stat().st_size == RECORD


def test_short_writes_are_gone_on_with(content, monkeypatch):
    real = os.pwrite
    monkeypatch.setattr(module.os, "pwrite", lambda file, data, at: real(file, data[:70_000], at))
    content.put(0, chunks())
    assert [content.get(index) for index in range(3)] == chunks()
