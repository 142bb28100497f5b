"""A server that takes no files has nothing of them."""

from geventim.errors import StoreError
from geventim.service.files.nothing import Nothing
from tests.log.test_blobs import BLOB


def test_there_is_nothing():
    nothing, told = Nothing(), []
    nothing.put(BLOB, 0, b"chunk", told.append)
    assert isinstance(told[0], StoreError)
    assert (nothing.count(BLOB), nothing.get(BLOB, 0)) == (0, None)
    assert (nothing.places(), nothing.list(0)) == (0, [])
    assert (nothing.free, nothing.is_full) == (0, True)
    nothing.remove([BLOB.id])
