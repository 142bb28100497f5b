"""Blobs as values: how they are cut, and for how much they count."""

import pytest
from msgspec.structs import replace

from geventim.chat.limits import BLOB_WEIGHT, CHUNK_SIZE
from geventim.log.blobs import Blob, BlobState, weigh

BLOB = Blob(b"i" * 16, b"c" * 16, b"a" * 16, b"m" * 16, 1, 1.0)


@pytest.mark.parametrize(
    ("size", "sizes"),
    [
        (1, [1]),
        (CHUNK_SIZE, [CHUNK_SIZE]),
        (CHUNK_SIZE + 1, [CHUNK_SIZE, 1]),
        (2 * CHUNK_SIZE, [CHUNK_SIZE, CHUNK_SIZE]),
    ],
)
def test_chunks(size, sizes):
    blob = replace(BLOB, size=size)
    assert [blob.chunk_size(index) for index in range(blob.chunks)] == sizes


def test_what_has_expired_counts_for_nothing():
    assert BLOB.weight == weigh(1) == 1 + BLOB_WEIGHT
    assert replace(BLOB, state=BlobState.FINISHED).weight == BLOB.weight
    assert replace(BLOB, state=BlobState.EXPIRED).weight == 0
