"""A file that is received: got chunk by chunk, opened, written, and verified in the end."""

from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from geventim.channel.file import CHUNK, FileOpener, count_chunks
from geventim.chat.replies import Chunk
from geventim.chat.requests import GetChunk
from geventim.client.files.disk import PART_CHANGED, Part, part_changed
from geventim.client.files.records import Fetching
from geventim.client.files.states import State
from geventim.client.files.transfer import Label, Means, Transfer
from geventim.errors import AuthenticationError, DeniedError, PeerError, UserError

STRIDE: Final = 16
"""Chunks that are read in one go, where they are only read."""

TRIES: Final = 3
"""How often a file is received anew whose part something else changes all the time."""


class Download(Transfer):
    """Receives the file of ``record``; ``keep`` remembers that as it is now."""

    def __init__(
        self,
        means: Means,
        label: Label,
        record: Fetching,
        keep: Callable[[Fetching], None],
        ended: Callable[[Transfer], None],
    ) -> None:
        super().__init__(means, label, record.file.size, ended)
        self.record = record
        self._keep = keep
        self._part: Part | None = None
        self._opener: FileOpener | None = None
        self._end_of_part = 0
        self._is_writing = False
        self._written = 0
        self._next = 0
        self._tries = 0
        self._asked: dict[int, float] = {}
        self._arrived: dict[int, bytes] = {}

    def go_on(self) -> None:
        """Go on: there is a connection, and it has its turn."""
        if self._opener is None:
            self._open()
        else:
            self._move(State.MOVING)
            self._pump()

    def suspend(self) -> None:
        """The connection is gone, and with it every answer."""
        self._asked.clear()
        self._arrived.clear()
        self._next = self._written + self._is_writing
        if self.state is not State.FINISHING:
            super().suspend()

    def _open(self) -> None:
        self._move(State.OPENING)
        record, file, disk = self.record, self.record.file, self._means.disk

        def open_part() -> Part | str:
            """The part; or where the file is, if an earlier process has received all of it."""
            return self._find_whole() or disk.open_part(
                record.wanted, file.name, file.size, record.part, record.tag, record.inode
            )

        self._compute(open_part, self._opened, late=self._opened_too_late)

    def _opened_too_late(self, part: Part | str) -> None:
        self._let_go(self._drop_part if isinstance(part, str) else part.discard)

    def _opened(self, part: Part | str) -> None:
        if isinstance(part, str):
            self._count(self.size)
            self._finished(part)
            return
        self._part, file = part, self.record.file
        self._opener = FileOpener(file.key, file.size)
        # The last chunk is got once more, whatever there is of it.
        self._end_of_part = min(part.whole // CHUNK, count_chunks(file.size) - 1)
        self._record(replace(self.record, part=part.path, inode=part.inode))
        self._skip()

    def _skip(self) -> None:
        """Read what is there already."""
        self._move(State.SKIPPING)
        part, opener, end = self._part, self._opener, self._end_of_part
        assert part is not None and opener is not None  # noqa: S101, PT018 - it was opened

        def skip() -> tuple[int, bool]:
            for _ in range(min(STRIDE, end - opener.index)):
                data = part.read(CHUNK)
                if not data:
                    return opener.index, False
                opener.skip(data)
            return opener.index, True

        self._compute(skip, self._skipped)

    def _skipped(self, skipped: tuple[int, bool]) -> None:
        index, is_there = skipped
        if not is_there:
            # It has become shorter since it was opened.
            self._end_of_part = index
        self._written = self._next = index
        self._count(index * CHUNK)
        if index < self._end_of_part:
            self._skip()
        elif self._means.online:
            self._move(State.MOVING)
            self._pump()
        else:
            self._move(State.WAITING)

    def _pump(self) -> None:
        if self.state is not State.MOVING:
            return
        total = count_chunks(self.size)
        if self._written == total:
            self._finish()
            return
        while self._next < total and self._next - self._written < self._means.window.share:
            self._get(self._next)
            self._next += 1
        if not self._is_writing and self._written in self._arrived:
            self._write(self._arrived.pop(self._written))

    def _get(self, index: int) -> None:
        self._asked[index] = self._means.clock()
        request = GetChunk(id=0, blob=self.record.file.blob, index=index)
        self._ask(Chunk, request, lambda _, payload: self._got(index, payload))

    def _got(self, index: int, payload: bytes) -> None:
        begun = self._asked.pop(index, None)
        if begun is not None:
            self._means.window.answered(self._means.clock() - begun)
        self._arrived[index] = payload
        self._pump()

    def _write(self, sealed: bytes) -> None:
        self._is_writing = True
        part, opener = self._part, self._opener
        assert part is not None and opener is not None  # noqa: S101, PT018 - it was opened
        self._compute(lambda: part.write(opener.open(sealed)), self._has_written)

    def _has_written(self, _: None) -> None:
        self._is_writing = False
        self._written += 1
        self._count(min(self._written * CHUNK, self.size))
        self._pump()

    def _finish(self) -> None:
        self._move(State.FINISHING)
        part, opener, expected = self._part, self._opener, self.record.file.hash
        assert part is not None and opener is not None  # noqa: S101, PT018 - it was opened

        def finish() -> str:
            opener.verify(expected)
            return part.finish(expected)

        self._compute(finish, self._finished, late=lambda _: self._let_go(part.discard))

    def _finished(self, path: str) -> None:
        self.path = path
        self._part = self._opener = None
        self._end(State.DONE)

    def _not_computed(self, error: UserError | PeerError) -> None:
        is_finishing = self.state is State.FINISHING
        # What was there already may have been something else.
        is_stale = isinstance(error, AuthenticationError) and self._end_of_part > 0
        if is_stale and is_finishing:
            self._anew(discard=True)
        elif isinstance(error, DeniedError) and error.code == PART_CHANGED:
            self._anew(discard=is_finishing)
        else:
            super()._not_computed(error)

    def _anew(self, *, discard: bool) -> None:
        """Receive it once more: all of it, or what is not there any more."""
        path = self.record.part
        self._tries += 1
        if self._tries > TRIES:
            self.fail(part_changed(path))
            return
        self._try += 1
        self._put_down(discard=discard)
        self._end_of_part = 0
        if discard:
            self._record(replace(self.record, part="", inode=0))
        self._open()

    def _record(self, record: Fetching) -> None:
        if record != self.record:
            self.record = record
            self._keep(record)

    def _release(self, *, discard: bool) -> None:
        has_part = self._part is not None
        self._put_down(discard=discard)
        if discard:
            # If this process ends before that is done, the next one does it.
            self._record(replace(self.record, is_over=True))
            if not has_part:
                self._let_go(self._drop_part)

    def _put_down(self, *, discard: bool) -> None:
        part, self._part, self._opener = self._part, None, None
        self._is_writing = False
        self._asked.clear()
        self._arrived.clear()
        if part is not None:
            self._let_go(part.discard if discard else part.close)

    def _find_whole(self) -> str:
        """Where the file is, if an earlier process has received all of it and has not noted it."""
        record, file = self.record, self.record.file
        if not record.inode:
            return ""
        return self._means.disk.find_whole(
            record.wanted, file.name, file.size, file.hash, record.part, record.inode
        )

    def _drop_part(self) -> None:
        """Delete what an earlier process has left."""
        record, file, disk = self.record, self.record.file, self._means.disk
        whole = self._find_whole()
        if whole:
            disk.remove(whole, file.size, file.hash)
        else:
            disk.drop_part(record.wanted, file.name, record.part, record.tag, record.inode)
