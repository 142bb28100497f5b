"""Chunks on their way to the disk and from it, while everything else goes on."""

import threading

import gevent
import pytest

from geventim.chat.limits import CHUNKS
from geventim.errors import StoreError
from geventim.net.journals.blob_keeper import BlobKeeper
from tests.log.test_blobs import BLOB

PATIENCE = 10


class Contents:
    """A disk that writes when it is let, and counts how often."""

    free, places = 7, 2

    def __init__(self):
        self.chunks = []
        self.batches = []
        self.removed = []
        self.let = threading.Event()
        self.let.set()
        self.error = None

    def put(self, blob, puts):
        self.batches.append([index for index, _ in puts])
        assert self.let.wait(PATIENCE)
        if self.error:
            raise self.error
        for index, chunk in puts:
            if index == len(self.chunks):
                self.chunks.append(chunk)
        return len(self.chunks)

    def count(self, blob):
        return len(self.chunks)

    def get(self, blob, index):
        if self.error:
            raise self.error
        return self.chunks[index] if index < len(self.chunks) else None

    def remove(self, blobs):
        self.removed += blobs

    def list(self, place):
        return [bytes([place])]


@pytest.fixture
def contents():
    return Contents()


@pytest.fixture
def keeper(contents):
    made = BlobKeeper(contents, most=2)
    yield made
    contents.let.set()
    made.close()


def test_what_was_put_is_told_and_got(keeper, contents):
    told = []
    for index in range(3):
        keeper.put(BLOB, index, bytes([index]), told.append)
    assert keeper.count(BLOB) == 3
    assert told in ([1, 3, 3], [3, 3, 3])
    assert [keeper.get(BLOB, index) for index in range(4)] == [b"\0", b"\1", b"\2", None]
    assert (keeper.put_bytes, keeper.got_bytes) == (3, 3)
    assert keeper.waiting == 0


def test_what_arrives_while_the_disk_is_at_work_goes_together(keeper, contents):
    contents.let.clear()
    keeper.put(BLOB, 0, b"x", lambda _: None)
    gevent.sleep(0)
    for index in range(1, CHUNKS + 3):
        keeper.put(BLOB, index, b"x", lambda _: None)
    contents.let.set()
    assert keeper.count(BLOB) == CHUNKS + 3
    assert list(map(len, contents.batches)) == [1, CHUNKS, 2]


def test_others_go_on_while_the_disk_is_at_work(keeper, contents):
    contents.let.clear()
    told = []
    keeper.put(BLOB, 0, b"x", told.append)
    gevent.sleep(0.01)
    assert told == []
    assert keeper.list(1) == [b"\1"]
    contents.let.set()
    keeper.count(BLOB)
    assert told == [1]


def test_it_is_full_when_much_waits(keeper, contents):
    contents.let.clear()
    keeper.put(BLOB, 0, b"x", lambda _: None)
    assert not keeper.is_full
    keeper.put(BLOB, 1, b"x", lambda _: None)
    assert keeper.is_full
    contents.let.set()
    keeper.count(BLOB)
    assert not keeper.is_full


def test_failures_are_told_to_all_who_wait_and_counted(keeper, contents, caplog):
    contents.error = StoreError("the disk is full")
    told = []
    for index in range(2):
        keeper.put(BLOB, index, b"x", told.append)
    gevent.sleep(0)
    keeper.count(BLOB)
    assert told == [contents.error, contents.error]
    with pytest.raises(StoreError):
        keeper.get(BLOB, 0)
    assert keeper.failures >= 2
    (record,) = caplog.records
    assert record.fault == "the disk is full"
    contents.error = None
    keeper.put(BLOB, 0, b"x", told.append)
    keeper.count(BLOB)
    assert told[-1] == 1


def test_the_rest_is_passed_on(keeper, contents):
    assert (keeper.free, keeper.places()) == (7, 2)
    keeper.remove([])
    keeper.remove([b"one"])
    assert contents.removed == [b"one"]


def test_what_waits_is_put_before_the_end(contents):
    keeper, told = BlobKeeper(contents), []
    keeper.put(BLOB, 0, b"x", told.append)
    keeper.close()
    assert told == [1]


def test_what_is_on_its_way_is_removed_as_well(keeper, contents):
    contents.let.clear()
    keeper.put(BLOB, 0, b"0", lambda _: None)
    gevent.sleep()
    keeper.put(BLOB, 0, b"0", lambda _: None)
    removing = gevent.spawn(keeper.remove, [BLOB.id])
    gevent.sleep(0.05)
    assert contents.removed == []
    contents.let.set()
    removing.get(timeout=PATIENCE)
    assert (contents.batches, contents.removed) == ([[0], [0]], [BLOB.id])
