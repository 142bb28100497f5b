"""What clients ask about files: to begin, put, finish, get and delete blobs.

A blob belongs to a conversation. Who may read it, or go on with it, is decided anew at each
request, by who is a member now; whoever began it may delete it. That there is no blob, that it is
somebody else's, and that it is one of others' conversations is one answer, found in the same way.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from geventim.chat import requests as ask
from geventim.chat.codec import encode
from geventim.chat.limits import CHUNK_OVERHEAD, CHUNK_SIZE, CHUNKS, UNFINISHED
from geventim.chat.replies import BlobInfo, Chunk, ChunkStored, Ok
from geventim.chat.values import ID_SIZE
from geventim.errors import StoreError, UserError
from geventim.log.blobs import BeginBlob, Blob, BlobState, DropBlob, FinishBlob
from geventim.log.outcomes import NO_SPACE, QUOTA_FILES, Refusal
from geventim.service import refusals
from geventim.service.people.quotas import Allotments
from geventim.service.ports import Contents, Journal, Timers
from geventim.service.sessions import Session

DAY: Final = 86_400.0

UNFINISHED_AGE: Final = DAY
"""Seconds after which a blob is dropped that is not finished."""

LITTLE: Final = 0.2
"""Seconds to wait for whoever has too many chunks under way."""

NOWHERE: Final = bytes(ID_SIZE)
"""A conversation that does not exist."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What the operator decides: bytes of the ``largest`` blob and of all, seconds of their life.

    With no ``space`` at all no files are taken; None is without end.
    """

    largest: int = 2 * 1024**3
    space: int | None = None
    age: float = 30 * DAY


DEFAULT: Final = Terms()


class Blobs:
    """Answers with what ``contents`` keeps, on the operator's ``terms``."""

    def __init__(
        self,
        journal: Journal,
        contents: Contents,
        allotments: Allotments,
        timers: Timers,
        random_bytes: Callable[[int], bytes],
        terms: Terms,
    ) -> None:
        self._journal = journal
        self._contents = contents
        self._allotments = allotments
        self._timers = timers
        self._random_bytes = random_bytes
        self._terms = terms

    def begin(self, session: Session, request: ask.BeginBlob) -> BlobInfo:
        """Reserve room; see :class:`geventim.chat.requests.BeginBlob`.

        Raises :class:`geventim.errors.UserError`: ``not_a_member``, ``no_files``, ``too_large``,
        ``quota_files``, ``no_space``, ``too_many_begun``.
        """
        account = session.account
        if not self._journal.is_member(request.conversation, account.id):
            raise refusals.NOT_A_MEMBER.error()
        if not request.size:
            raise refusals.EMPTY_BLOB.error()
        if self._terms.space == 0:
            raise refusals.NO_FILES.error()
        largest = self._terms.largest
        if request.size > _sealed(largest):
            raise refusals.file_too_large(largest).error()
        if request.size > self._contents.free:
            raise refusals.NO_SPACE.error()
        most = self._allotments.bound(account.allowance).files
        blob = Blob(
            self._random_bytes(ID_SIZE),
            request.conversation,
            account.id,
            request.message_id,
            request.size,
            self._timers.now(),
        )
        change = BeginBlob(blob, most, self._terms.space, UNFINISHED)
        (outcome,) = self._journal.commit([change])
        if isinstance(outcome, Refusal):
            raise _refuse(outcome, most)
        if not isinstance(outcome, Blob) or outcome.state is BlobState.EXPIRED:
            raise refusals.BLOB_EXPIRED.error()
        return self._describe(request.id, outcome)

    def find(self, session: Session, request: ask.FindBlob) -> BlobInfo:
        """How a blob is now.

        Raises :class:`geventim.errors.UserError`: ``no_blob``, ``expired``.
        """
        blob = self._find(session, request.blob)
        if blob.state is BlobState.BEGUN and blob.account != session.account.id:
            raise refusals.NO_BLOB.error()
        return self._describe(request.id, blob)

    def put(self, session: Session, request: ask.PutChunk, chunk: bytes) -> None:
        """Put a chunk; the reply comes when it is on disk.

        Raises :class:`geventim.errors.UserError`: ``no_blob``, ``expired``, ``is_finished``,
        ``bad_chunk``, ``not_next``; ``busy`` when too many wait.
        """
        if len(chunk) > CHUNK_SIZE:
            raise refusals.CHUNK_TOO_LARGE.error()
        blob = self._find_own(session, request.blob)
        if blob.state is BlobState.FINISHED:
            raise refusals.IS_FINISHED.error()
        if request.index >= blob.chunks or len(chunk) != blob.chunk_size(request.index):
            raise refusals.BAD_CHUNK.error()
        if session.chunks >= CHUNKS or self._contents.is_full:
            session.refuse(request.id, refusals.busy(LITTLE))
            return

        def done(outcome: int | StoreError) -> None:
            session.chunks -= 1
            if isinstance(outcome, StoreError):
                session.refuse(request.id, refusals.STORAGE_FAILED)
            elif request.index >= outcome:
                session.refuse(request.id, refusals.NOT_NEXT)
            else:
                session.send(ChunkStored(id=request.id, chunks=outcome))

        session.chunks += 1
        self._contents.put(blob, request.index, chunk, done)

    def finish(self, session: Session, request: ask.FinishBlob) -> Ok:
        """Let members read a blob.

        Raises :class:`geventim.errors.UserError`: ``no_blob``, ``expired``, ``not_whole``.
        """
        blob = self._find_own(session, request.blob)
        if blob.state is not BlobState.FINISHED:
            if self._contents.count(blob) < blob.chunks:
                raise refusals.NOT_WHOLE.error()
            # Meanwhile it may have been deleted, and so may the conversation.
            self._find_own(session, request.blob)
            change = FinishBlob(blob.id, self._timers.now(), blob.account)
            (outcome,) = self._journal.commit([change])
            if not isinstance(outcome, Blob):
                raise refusals.NO_BLOB.error()
        return Ok(id=request.id)

    def get(self, session: Session, request: ask.GetChunk) -> None:
        """Send a chunk when nothing else waits to be sent.

        Raises :class:`geventim.errors.UserError`: ``no_blob``, ``expired``, ``bad_chunk``; ``busy``
        when too many wait.
        """
        self._find_chunk(session, request)
        if session.chunks >= CHUNKS:
            session.refuse(request.id, refusals.busy(LITTLE))
            return
        session.chunks += 1
        session.outlet.supply(partial(self._supply, session, request))

    def delete(self, session: Session, request: ask.DeleteBlob) -> Ok:
        """Delete a blob. Raises :class:`geventim.errors.UserError`: ``no_blob``."""
        blob, _ = self._look_up(session, request.blob)
        if blob is None or blob.account != session.account.id:
            raise refusals.NO_BLOB.error()
        self._journal.commit([DropBlob(blob.id, blob.account)])
        self._contents.remove([blob.id])
        return Ok(id=request.id)

    def _supply(self, session: Session, request: ask.GetChunk) -> None:
        """Send a chunk to whoever may still have it."""
        session.chunks -= 1
        try:
            # It may be a while since it was asked for.
            blob = self._find_chunk(session, request)
            chunk = self._contents.get(blob, request.index)
            if chunk is None:
                raise refusals.BLOB_EXPIRED.error()
        except UserError as error:
            session.refuse(request.id, refusals.Sentence(error.code, error.text, error.advice))
        except StoreError:
            session.refuse(request.id, refusals.STORAGE_FAILED)
        else:
            session.outlet.send(encode(Chunk(id=request.id, payload=len(chunk)), chunk))

    def _find_chunk(self, session: Session, request: ask.GetChunk) -> Blob:
        """The blob, when the session may have this chunk of it now."""
        blob = self._find(session, request.blob)
        if blob.state is not BlobState.FINISHED:
            raise refusals.NO_BLOB.error()
        if request.index >= blob.chunks:
            raise refusals.BAD_CHUNK.error()
        return blob

    def _find_own(self, session: Session, blob_id: bytes) -> Blob:
        """The blob that the session's account has begun where it is a member now."""
        blob = self._find(session, blob_id)
        if blob.account != session.account.id:
            raise refusals.NO_BLOB.error()
        return blob

    def _find(self, session: Session, blob_id: bytes) -> Blob:
        """The blob, if the session's account is a member of its conversation now."""
        blob, is_member = self._look_up(session, blob_id)
        if blob is None or not is_member:
            raise refusals.NO_BLOB.error()
        if blob.state is BlobState.EXPIRED or self._has_expired(blob):
            raise refusals.BLOB_EXPIRED.error()
        return blob

    def _look_up(self, session: Session, blob_id: bytes) -> tuple[Blob | None, bool]:
        """The blob, and whether the account is where it belongs: both are asked in any case."""
        blob = self._journal.blob(blob_id)
        place = NOWHERE if blob is None else blob.conversation
        return blob, self._journal.is_member(place, session.account.id)

    def _has_expired(self, blob: Blob) -> bool:
        """Whether it is about to be swept."""
        return self._timers.now() >= self._end(blob)

    def _end(self, blob: Blob) -> float:
        age = UNFINISHED_AGE if blob.state is BlobState.BEGUN else self._terms.age
        return blob.time + age

    def _describe(self, request: int, blob: Blob) -> BlobInfo:
        is_finished = blob.state is BlobState.FINISHED
        return BlobInfo(
            id=request,
            blob=blob.id,
            size=blob.size,
            chunks=blob.chunks if is_finished else self._contents.count(blob),
            finished=is_finished,
            end=self._end(blob),
        )


def _sealed(size: int) -> int:
    """The most bytes of a blob that holds a file of ``size`` bytes."""
    return size + (size // (CHUNK_SIZE - CHUNK_OVERHEAD) + 1) * CHUNK_OVERHEAD


def _refuse(refusal: Refusal, most: int | None) -> UserError:
    if refusal == QUOTA_FILES and most is not None:
        return refusals.quota_files(most).error()
    return (refusals.NO_SPACE if refusal == NO_SPACE else refusals.TOO_MANY_BEGUN).error()
