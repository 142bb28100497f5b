"""What a server keeps of files: blobs, which belong to conversations, and what becomes of them.

The content of a blob is elsewhere: in chunks, put there one after the other. Here is who has begun
it, where, how large it is to be, and whether it is whole.
"""

import enum
from typing import Final

from msgspec import Struct

from geventim.chat.limits import BLOB_WEIGHT, CHUNK_SIZE

SWEPT_AT_ONCE: Final = 1_000
"""Blobs that one :class:`SweepBlobs` looks at, or about so many."""


class BlobState(enum.StrEnum):
    """Whether chunks are put into a blob, or read from it, or it is remembered that there was one.

    One that was deleted, or whose conversation was, is not remembered.
    """

    BEGUN = "begun"
    FINISHED = "finished"
    EXPIRED = "expired"


class Blob(Struct, frozen=True):
    """A blob of ``size`` bytes that ``account`` has begun in ``conversation``.

    The ``creation`` is the message id of its request. It is in its ``state`` since ``time``, in
    seconds since the epoch.
    """

    id: bytes
    conversation: bytes
    account: bytes
    creation: bytes
    size: int
    time: float
    state: BlobState = BlobState.BEGUN

    @property
    def chunks(self) -> int:
        """How many chunks it has."""
        return -(-self.size // CHUNK_SIZE)

    def chunk_size(self, index: int) -> int:
        """Bytes in the chunk ``index``, which is one of its own."""
        return min(CHUNK_SIZE, self.size - index * CHUNK_SIZE)

    @property
    def weight(self) -> int:
        """For how many bytes it counts: none once it has expired."""
        return 0 if self.state is BlobState.EXPIRED else weigh(self.size)


def weigh(size: int) -> int:
    """For how many bytes a blob of ``size`` bytes counts: one that is small takes room, too."""
    return size + BLOB_WEIGHT


class BeginBlob(Struct, frozen=True):
    """Reserve room for ``blob``.

    Its account may have no more than ``most`` bytes, and all together no more than ``space``; None
    is without end. It may have begun at most ``unfinished`` blobs. Outcome: the :class:`Blob`,
    QUOTA_FILES, NO_SPACE or TOO_MANY_BEGUN. The same account's ``creation`` is looked up before
    anything else, and has the blob of the first time as its outcome.
    """

    blob: Blob
    most: int | None
    space: int | None
    unfinished: int


class FinishBlob(Struct, frozen=True):
    """All chunks of a blob are there, says its ``account``.

    Outcome: the :class:`Blob`, or NO_BLOB; harmless again.
    """

    blob: bytes
    time: float
    account: bytes = b""


class DropBlob(Struct, frozen=True):
    """Forget a blob, as its ``account`` wants. Outcome: None."""

    blob: bytes
    account: bytes = b""


class SweepBlobs(Struct, frozen=True):
    """Let go of blobs that were begun, finished or expired before a time, or have lost their place.

    What was begun is dropped, what was finished expires, and what has expired is forgotten. So is
    all of a conversation that was deleted, and of an account that has ended. Times are in seconds
    since the epoch, the present is ``time``.

    This is done bit by bit, from ``start`` on. Outcome: :class:`Swept`.
    """

    time: float
    begun: float
    finished: float
    expired: float
    start: int = 0


class Swept(Struct, frozen=True):
    """Whose content can go, and where to go on; with ``start`` 0 it is done."""

    gone: tuple[bytes, ...]
    start: int = 0


OfBlobs = BeginBlob | FinishBlob | DropBlob | SweepBlobs
