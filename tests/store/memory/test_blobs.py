"""Blobs in memory; the suite for every store is in tests/store/test_blobs.py."""

from geventim.log.blobs import BeginBlob, SweepBlobs, Swept
from geventim.store.memory.blobs import MemoryBlobs
from tests.log.test_blobs import BLOB


def test_where_they_belong_is_asked_for_each():
    asked = []

    def note(blob):
        asked.append(blob.id)
        return True

    blobs = MemoryBlobs()
    blobs.apply(BeginBlob(BLOB, None, None, 1), note)
    assert blobs.apply(SweepBlobs(1.0, 0.0, 0.0, 0.0), note) == Swept((BLOB.id,))
    assert asked == [BLOB.id]
