"""Puts chunks of blobs on disk and reads them, in threads of its own.

While some chunks of a blob are on their way to the disk, those that arrive wait, and go together:
one flush serves all of them.
"""

import logging
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, TypeVar

import gevent
from gevent.event import Event

from geventim.chat.limits import CHUNKS
from geventim.errors import StoreError
from geventim.log.blobs import Blob
from geventim.log.contents import Contents
from geventim.net.complaints import Complaints
from geventim.net.journals.crew import Team

WRITERS: Final = 2
READERS: Final = 2
"""Threads that put chunks, and that do everything else."""

MOST: Final = 256
"""Chunks that wait for the disk: 64 MiB."""

logger = logging.getLogger(__name__)

T = TypeVar("T")

Done = Callable[[int | StoreError], None]


class _Line:
    """What is to be put into a blob; ``is_empty`` is set when all of it is answered."""

    __slots__ = ("is_empty", "waiting")

    def __init__(self) -> None:
        self.waiting: list[tuple[int, bytes, Done]] = []
        self.is_empty = Event()


class BlobKeeper:
    """Implements :class:`geventim.service.ports.Contents` on ``contents``.

    ``put_bytes`` and ``got_bytes`` are how many there were, ``failures`` how often anything failed.
    """

    def __init__(self, contents: Contents, most: int = MOST) -> None:
        self._most = most
        self._contents = contents
        self._writers = Team(WRITERS)
        self._readers = Team(READERS)
        self._lines: dict[bytes, _Line] = {}
        self._complaints = Complaints(time.monotonic)
        self.waiting = 0
        self.put_bytes = 0
        self.got_bytes = 0
        self.failures = 0

    @property
    def free(self) -> int:
        """Bytes that can still be written."""
        return self._contents.free

    @property
    def is_full(self) -> bool:
        """Whether nothing more should be put for now."""
        return self.waiting >= self._most

    def put(self, blob: Blob, index: int, chunk: bytes, done: Done) -> None:
        """See :class:`geventim.service.ports.Contents`."""
        line = self._lines.get(blob.id)
        self.waiting += 1
        if line is None:
            line = self._lines[blob.id] = _Line()
            gevent.spawn(self._work, blob, line)
        line.waiting.append((index, chunk, done))

    def count(self, blob: Blob) -> int:
        """See :class:`geventim.service.ports.Contents`."""
        line = self._lines.get(blob.id)
        if line is not None:
            line.is_empty.wait()
        return self._read(partial(self._contents.count, blob))

    def get(self, blob: Blob, index: int) -> bytes | None:
        """See :class:`geventim.service.ports.Contents`."""
        chunk = self._read(partial(self._contents.get, blob, index))
        self.got_bytes += len(chunk or b"")
        return chunk

    def remove(self, blobs: Sequence[bytes]) -> None:
        """See :class:`geventim.service.ports.Contents`.

        What is on its way to the disk would be there again afterwards, so that goes first.
        """
        for blob in blobs:
            line = self._lines.get(blob)
            if line is not None:
                line.is_empty.wait()
        if blobs:
            self._read(partial(self._contents.remove, blobs))

    def places(self) -> int:
        """See :class:`geventim.service.ports.Contents`."""
        return self._contents.places

    def list(self, place: int) -> list[bytes]:
        """See :class:`geventim.service.ports.Contents`."""
        return self._read(partial(self._contents.list, place))

    def close(self) -> None:
        """Put what waits on disk, and let the threads end."""
        for line in list(self._lines.values()):
            line.is_empty.wait()
        for team in (self._writers, self._readers):
            team.dismiss()

    def _work(self, blob: Blob, line: _Line) -> None:
        while line.waiting:
            batch, line.waiting = line.waiting[:CHUNKS], line.waiting[CHUNKS:]
            puts = [(index, chunk) for index, chunk, _ in batch]
            outcome: int | StoreError
            try:
                outcome = self._writers.do(partial(self._contents.put, blob, puts))
                self.put_bytes += sum(len(chunk) for _, chunk in puts)
            except StoreError as error:
                outcome = error
                self._complain(error)
            self.waiting -= len(batch)
            for *_, done in batch:
                done(outcome)
            del batch, puts  # what they hold is large
        del self._lines[blob.id]
        line.is_empty.set()

    def _read(self, call: Callable[[], T]) -> T:
        try:
            return self._readers.do(call)
        except StoreError as error:
            self._complain(error)
            raise

    def _complain(self, error: StoreError) -> None:
        self.failures += 1
        event = "files cannot be stored or read"
        self._complaints.log(logger, logging.ERROR, event, fault=str(error))
