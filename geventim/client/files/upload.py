"""A file that is sent: sealed chunk by chunk, and put into a blob.

What the server has taken is told by itself whenever there is a new connection, and everything
before that is only read, so that the hash is that of the whole. If the file has changed meanwhile,
all of it is sent anew, under another key.
"""

from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Final

from msgspec.structs import replace

from geventim.channel.file import (
    CHUNK,
    SECRET_SIZE,
    FileSealer,
    chunk_size,
    count_chunks,
    sealed_size,
)
from geventim.chat.replies import BlobInfo, ChunkStored, Ok
from geventim.chat.requests import BeginBlob, FinishBlob, PutChunk
from geventim.chat.values import ID_SIZE
from geventim.client.files.disk import Facts, Picture, Source
from geventim.client.files.names import is_picture
from geventim.client.files.records import Sending
from geventim.client.files.states import State
from geventim.client.files.transfer import Label, Means, Transfer
from geventim.client.steps.effects import Labour
from geventim.errors import DeniedError, PeerError, UserError

CHANGED: Final = "source_changed"
"""The code of a file that is not any more what was begun to be sent."""

TRIES: Final = 3
"""How often a file is begun anew that changes all the time."""

FRUITLESS: Final = 5
"""How often in a row a server may have other chunks than those that are put, and take none."""

MARK: Final = 64
"""Chunks after which the hash so far is kept."""

STRIDE: Final = 16
"""Chunks that are read in one go, where they are only read."""

NOT_NEXT: Final = "not_next"
NO_BLOB: Final = "no_blob"
IS_FINISHED: Final = "is_finished"


class Upload(Transfer):
    """Sends the file of ``record`` into the conversation ``place``.

    ``keep`` remembers the record as it is now; ``delete`` has a blob deleted that nobody needs.
    """

    def __init__(
        self,
        means: Means,
        label: Label,
        record: Sending,
        place: bytes,
        keep: Callable[[Sending], None],
        delete: Callable[[bytes], None],
        ended: Callable[[Transfer], None],
    ) -> None:
        super().__init__(means, label, record.facts.size if record.facts else 0, ended)
        self.record = record
        self._place = place
        self._keep = keep
        self._delete = delete
        self._tries = 0
        self._source: Source | None = None
        self._sealer: FileSealer | None = None
        self._is_sealing = False
        self._made = 0
        self._sealed: deque[tuple[int, bytes]] = deque()
        self._asked: dict[int, float] = {}
        self._stored = 0
        self._most_stored = 0
        self._round = 0
        self._fruitless = 0
        self._digests: dict[int, bytes] = {}
        self._hash = b""

    def go_on(self) -> None:
        """Go on: there is a connection, and it has its turn."""
        if self._sealer is None:
            self._open()
        else:
            self._begin()

    def suspend(self) -> None:
        """The connection is gone, and with it every answer."""
        self._asked.clear()
        super().suspend()

    def _open(self) -> None:
        self._move(State.OPENING)
        path, disk = self.record.path, self._means.disk

        def look() -> tuple[Source, Facts]:
            source = disk.open_source(path)
            return source, source.look()

        self._compute(look, self._opened, late=lambda opened: self._let_go(opened[0].close))

    def _opened(self, opened: tuple[Source, Facts]) -> None:
        source, facts = opened
        record = self.record
        if record.facts is not None and record.facts != facts:
            record = self._renewed()
        self._source, self.size = source, facts.size
        self._record(replace(record, facts=facts))
        self._sealer = FileSealer(self.record.key, facts.size, self._means.random)
        if self.record.picture is None and is_picture(self.record.path):
            path, disk = self.record.path, self._means.disk
            self._compute(lambda: disk.look_at(path), self._seen, Labour.PICTURING)
        else:
            self._go()

    def _seen(self, picture: Picture) -> None:
        self._record(replace(self.record, picture=picture))
        self._go()

    def _go(self) -> None:
        if self._means.online:
            self._begin()
        else:
            self._move(State.WAITING)

    def _begin(self) -> None:
        self._move(State.BEGINNING)
        self._round += 1
        size = sealed_size(self.size)
        request = BeginBlob(id=0, conversation=self._place, message_id=self.record.begun, size=size)
        begun, too_late = self.record.begun, self._begun_too_late
        self._ask(BlobInfo, request, self._begun, late=lambda reply: too_late(begun, reply))

    def _begun(self, blob: BlobInfo, _: bytes) -> None:
        assert self._sealer is not None  # noqa: S101 - it is opened before it is begun
        self._record(replace(self.record, blob=blob.blob))
        total = count_chunks(self.size)
        if blob.chunks > total or (blob.finished and blob.chunks < total):
            self._fail_by(PeerError("a blob has other chunks than its file"))
            return
        self._stored = blob.chunks
        self._note_stored()
        # Of one that is being sealed the sealer may know already, or not yet.
        next_one = self._made if self._is_sealing else self._sealer.index
        first = self._sealed[0][0] if self._sealed else next_one
        if not self._is_sealing and not self._sealed and first < self._stored:
            self._skip()
        elif first > self._stored:
            # What was there is gone: it is all read once more.
            if self._tries < TRIES:
                self._reopen()
            else:
                self._fail_by(PeerError("it loses again and again what it has taken"))
        else:
            self._advance()

    def _begun_too_late(self, begun: bytes, blob: BlobInfo) -> None:
        """A blob was begun that is not needed any more."""
        if self.over or begun != self.record.begun:
            self._delete(blob.blob)

    def _skip(self) -> None:
        """Read what the server has taken already."""
        self._move(State.SKIPPING)
        source, sealer, record, end = self._source, self._sealer, self.record, self._stored
        assert source is not None and sealer is not None  # noqa: S101, PT018 - it was opened
        digests = self._digests

        def skip() -> None:
            for _ in range(min(STRIDE, end - sealer.index)):
                sealer.skip(_read(source, sealer, record.path))
                _note(sealer, digests)
                if sealer.index == record.mark and sealer.digest != record.digest:
                    raise DeniedError(CHANGED, path=record.path)
            if sealer.is_complete:
                _compare(source, record)

        self._compute(skip, self._skipped)

    def _skipped(self, _: None) -> None:
        assert self._sealer is not None  # noqa: S101 - it was opened
        self._count(self._sealer.index * CHUNK)
        if self._sealer.index < self._stored:
            self._skip()
        elif self._means.online:
            self._advance()
        else:
            self._move(State.WAITING)

    def _advance(self) -> None:
        self._move(State.MOVING)
        for index, sealed in self._sealed:
            self._put(index, sealed)
        self._pump()

    def _pump(self) -> None:
        if self.state is not State.MOVING:
            return
        sealer = self._sealer
        assert sealer is not None  # noqa: S101 - it was opened
        if sealer.is_complete and not self._sealed and not self._is_sealing:
            self._finish()
        elif (
            not sealer.is_complete
            and not self._is_sealing
            and len(self._sealed) < self._means.window.share
        ):
            self._seal()

    def _seal(self) -> None:
        self._is_sealing = True
        self._made = self._sealer.index if self._sealer is not None else 0
        source, sealer, record = self._source, self._sealer, self.record
        assert source is not None and sealer is not None  # noqa: S101, PT018 - it was opened
        digests = self._digests

        def seal() -> tuple[int, bytes]:
            index = sealer.index
            sealed = sealer.seal(_read(source, sealer, record.path))
            _note(sealer, digests)
            if sealer.is_complete:
                _compare(source, record)
            return index, sealed

        self._compute(seal, self._has_sealed)

    def _has_sealed(self, made: tuple[int, bytes]) -> None:
        self._is_sealing = False
        self._sealed.append(made)
        if self.state is State.MOVING:
            self._put(*made)
            self._pump()

    def _put(self, index: int, sealed: bytes) -> None:
        self._asked[index] = self._means.clock()
        request = PutChunk(id=0, blob=self.record.blob, index=index, payload=len(sealed))
        self._ask(
            ChunkStored,
            request,
            lambda reply, _: self._put_done(index, reply),
            sealed,
            refused=partial(self._put_refused, self._round),
        )

    def _put_refused(self, round_: int, error: UserError) -> None:
        if error.code not in {NOT_NEXT, IS_FINISHED}:
            self._refused(error)
        elif self.state is State.MOVING and round_ == self._round:
            # One before it was refused, or it was there. What is there by now is asked once.
            self._asked.clear()
            self._fruitless += 1
            if self._fruitless > FRUITLESS:
                self._fail_by(PeerError("it refuses the chunk that it says is next"))
            else:
                self._begin()

    def _put_done(self, index: int, reply: ChunkStored) -> None:
        begun = self._asked.pop(index, None)
        if begun is not None:
            self._means.window.answered(self._means.clock() - begun)
        if not index < reply.chunks <= count_chunks(self.size):
            self._fail_by(PeerError("it has taken a chunk and does not have it"))
            return
        self._stored = max(self._stored, index + 1)
        self._note_stored()
        self._mark()
        self._count(min(self._stored * CHUNK, self.size))
        self._pump()

    def _note_stored(self) -> None:
        while self._sealed and self._sealed[0][0] < self._stored:
            self._sealed.popleft()
        if self._stored > self._most_stored:
            self._most_stored, self._fruitless = self._stored, 0

    def _mark(self) -> None:
        """Keep the hash of what the server has, now and then."""
        mark = self._stored - self._stored % MARK
        if mark > self.record.mark and mark in self._digests:
            self._record(replace(self.record, mark=mark, digest=self._digests[mark]))
            for index in [index for index in self._digests if index < mark]:
                del self._digests[index]

    def _finish(self) -> None:
        assert self._sealer is not None  # noqa: S101 - it was opened
        self._move(State.FINISHING)
        self._hash = self._sealer.hash
        self._ask(Ok, FinishBlob(id=0, blob=self.record.blob), self._finished)

    def _finished(self, _: Ok, __: bytes) -> None:
        self._record(replace(self.record, hash=self._hash))
        self._count(self.size)
        self._end(State.DONE)

    def _refused(self, error: UserError) -> None:
        if error.code == NO_BLOB and self._tries < TRIES:
            self._anew()
        else:
            self.fail(error)

    def _not_computed(self, error: UserError | PeerError) -> None:
        if isinstance(error, DeniedError) and error.code == CHANGED and self._tries < TRIES:
            self._anew()
        else:
            super()._not_computed(error)

    def _anew(self) -> None:
        """Send all of it once more, as it is now."""
        self._record(self._renewed())
        self._reopen()

    def _reopen(self) -> None:
        self._release(discard=False)
        self._try += 1
        self._tries += 1
        self._most_stored = 0
        if self._tries > TRIES:
            self.fail(DeniedError(CHANGED, path=self.record.path))
        else:
            self._open()

    def _renewed(self) -> Sending:
        """The record of a file that is another one now."""
        if self.record.blob:
            self._delete(self.record.blob)
        return replace(
            self.record,
            key=self._means.random(SECRET_SIZE),
            begun=self._means.random(ID_SIZE),
            facts=None,
            picture=None,
            mark=0,
            digest=b"",
            blob=b"",
        )

    def _record(self, record: Sending) -> None:
        if record != self.record:
            self.record = record
            self._keep(record)

    def _release(self, *, discard: bool) -> None:
        source, self._source, self._sealer = self._source, None, None
        self._is_sealing = False
        self._sealed.clear()
        self._asked.clear()
        self._digests = {}
        if source is not None:
            self._let_go(source.close)
        if discard and self.record.blob:
            self._delete(self.record.blob)


def _read(source: Source, sealer: FileSealer, path: str) -> bytes:
    """What the next chunk holds. Raises :class:`DeniedError` if the file has become shorter."""
    expected = chunk_size(sealer.size, sealer.index)
    data = source.read(expected)
    if len(data) != expected:
        raise DeniedError(CHANGED, path=path)
    return data


def _note(sealer: FileSealer, digests: dict[int, bytes]) -> None:
    if sealer.index % MARK == 0:
        digests[sealer.index] = sealer.digest


def _compare(source: Source, record: Sending) -> None:
    """Raise :class:`DeniedError` if the file has changed since it was opened."""
    # Some files have more in them than their size says.
    if source.look() != record.facts or source.read(1):
        raise DeniedError(CHANGED, path=record.path)
