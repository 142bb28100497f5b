"""The content of one blob, in a file: its chunks, each followed by its CRC-32, one after another.

A chunk is put behind those that are there, so how many there are follows from the length of the
file, and none is ever replaced. All who put chunks lock the file, whichever process of whichever
machine they are.

A crash may leave a part of a chunk, or one of which the length reached the disk and the bytes did
not. Nobody was told of either: a part is cut off, and what may be damaged is read before more is
put behind it.
"""

import errno
import fcntl
import os
import struct
import zlib
from collections.abc import Sequence
from typing import Final

from geventim.chat.limits import CHUNK_SIZE, CHUNKS
from geventim.errors import StoreError
from geventim.log.blobs import Blob

_SUM: Final = struct.Struct(">I")

RECORD: Final = CHUNK_SIZE + _SUM.size
"""Bytes of a chunk that is not the last, and its sum, in the file."""

TAIL: Final = 2 * CHUNKS
"""Chunks that are read after a crash: more than are ever put together."""


def size_of(blob: Blob) -> int:
    """Bytes in the file when all chunks are there."""
    return blob.size + blob.chunks * _SUM.size


class Content:
    """The file of ``blob``, opened as ``descriptor``, which this owns.

    Raises :class:`OSError`.
    """

    def __init__(self, blob: Blob, descriptor: int) -> None:
        self._blob = blob
        self._file = descriptor

    def close(self) -> None:
        """Give the file back, and the lock with it."""
        os.close(self._file)

    def lock(self) -> None:
        """Let nobody else put something until this is closed."""
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def count(self) -> int:
        """How many whole chunks there are."""
        size = os.fstat(self._file).st_size
        return self._blob.chunks if size >= size_of(self._blob) else size // RECORD

    def count_good(self) -> int:
        """How many chunks there are when the last ones that are damaged are cut off: on disk.

        To be called under the lock.
        """
        count = self.count()
        whole = count
        for index in range(count - 1, max(count - 1 - TAIL, -1), -1):
            if self._read(index) is None:
                whole = index
        self._cut(whole)
        os.fdatasync(self._file)
        return whole

    def put(self, index: int, chunks: Sequence[bytes]) -> None:
        """Put ``chunks`` from ``index`` on, which are the next; they are on disk.

        To be called under the lock. After :class:`OSError` they are not there.
        """
        try:
            for place, chunk in enumerate(chunks, index):
                self._write(chunk + _SUM.pack(zlib.crc32(chunk)), place * RECORD)
            os.fdatasync(self._file)
        except OSError:
            self._cut(index)
            raise

    def get(self, index: int) -> bytes:
        """The chunk ``index``.

        Raises :class:`StoreError` when it is damaged, or missing.
        """
        chunk = self._read(index)
        if chunk is None:
            raise StoreError(f"the chunk {index} of the blob {self._blob.id.hex()} is damaged")
        return chunk

    def _read(self, index: int) -> bytes | None:
        size = self._blob.chunk_size(index)
        record = os.pread(self._file, size + _SUM.size, index * RECORD)
        chunk, digest = record[:size], record[size:]
        return chunk if digest == _SUM.pack(zlib.crc32(chunk)) else None

    def _write(self, data: bytes, offset: int) -> None:
        written = 0
        while written < len(data):
            count = os.pwrite(self._file, data[written:], offset + written)
            if not count:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            written += count

    def _cut(self, count: int) -> None:
        size = min(count * RECORD, size_of(self._blob))
        if os.fstat(self._file).st_size != size:
            os.ftruncate(self._file, size)
