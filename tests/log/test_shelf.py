"""What every store decides alike about blobs; tests/store/test_blobs.py has it done by stores."""

import pytest
from msgspec.structs import replace

from geventim.chat.limits import BLOB_WEIGHT
from geventim.log import shelf
from geventim.log.blobs import BeginBlob, Blob, BlobState, FinishBlob, SweepBlobs
from geventim.log.outcomes import NO_BLOB, NO_SPACE, QUOTA_FILES, TOO_MANY_BEGUN

BLOB = Blob(b"i" * 16, b"c" * 16, b"a" * 16, b"m" * 16, 100, 10.0)
WEIGHT = 100 + BLOB_WEIGHT


@pytest.mark.parametrize(
    ("most", "space", "begun", "refusal"),
    [
        (None, None, 0, None),
        (WEIGHT + 5, WEIGHT + 7, 1, None),
        (WEIGHT + 4, None, 0, QUOTA_FILES),
        (None, WEIGHT + 6, 0, NO_SPACE),
        (0, 0, 2, TOO_MANY_BEGUN),
        (0, 0, 0, QUOTA_FILES),
    ],
)
def test_room(most, space, begun, refusal):
    change = BeginBlob(BLOB, most, space, unfinished=2)
    assert shelf.refuse(change, 5, 7, begun) == refusal


def test_only_what_was_begun_is_finished():
    change = FinishBlob(BLOB.id, 20.0)
    whole = shelf.finish(BLOB, change)
    assert whole == replace(BLOB, state=BlobState.FINISHED, time=20.0)
    assert shelf.finish(whole, FinishBlob(BLOB.id, 30.0)) == whole
    assert shelf.finish(None, change) == NO_BLOB
    assert shelf.finish(replace(BLOB, state=BlobState.EXPIRED), change) == NO_BLOB


@pytest.mark.parametrize(
    ("state", "time", "becomes"),
    [
        (BlobState.BEGUN, 9.0, None),
        (BlobState.BEGUN, 10.0, BlobState.BEGUN),
        (BlobState.FINISHED, 19.0, BlobState.EXPIRED),
        (BlobState.FINISHED, 20.0, BlobState.FINISHED),
        (BlobState.EXPIRED, 29.0, None),
        (BlobState.EXPIRED, 30.0, BlobState.EXPIRED),
    ],
)
def test_each_state_has_its_time(state, time, becomes):
    blob = replace(BLOB, state=state, time=time)
    after = shelf.sweep(blob, SweepBlobs(99.0, 10.0, 20.0, 30.0), is_homeless=False)
    assert (after and after.state) == becomes
    assert shelf.is_gone(blob, after) is (state is not BlobState.EXPIRED and after != blob)


@pytest.mark.parametrize("state", BlobState)
def test_what_has_lost_its_place_goes(state):
    blob = replace(BLOB, state=state, time=90.0)
    assert shelf.sweep(blob, SweepBlobs(99.0, 1.0, 1.0, 1.0), is_homeless=True) is None
