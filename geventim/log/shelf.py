"""What every store decides alike about blobs, once it has looked up what the decision needs."""

from msgspec.structs import replace

from geventim.log.blobs import BeginBlob, Blob, BlobState, FinishBlob, SweepBlobs
from geventim.log.outcomes import NO_BLOB, NO_SPACE, QUOTA_FILES, TOO_MANY_BEGUN, Refusal


def refuse(change: BeginBlob, of_account: int, of_all: int, begun: int) -> Refusal | None:
    """Why there is no room, given the bytes of the account and of all, and what it has begun."""
    weight = change.blob.weight
    if begun >= change.unfinished:
        return TOO_MANY_BEGUN
    if change.most is not None and of_account + weight > change.most:
        return QUOTA_FILES
    if change.space is not None and of_all + weight > change.space:
        return NO_SPACE
    return None


def finish(blob: Blob | None, change: FinishBlob) -> Blob | Refusal:
    """The ``blob`` when it is whole."""
    if blob is None or blob.state is BlobState.EXPIRED:
        return NO_BLOB
    if blob.state is BlobState.FINISHED:
        return blob
    return replace(blob, state=BlobState.FINISHED, time=change.time)


def sweep(blob: Blob, change: SweepBlobs, *, is_homeless: bool) -> Blob | None:
    """What becomes of ``blob``: itself, another one, or nothing.

    It ``is_homeless`` when its conversation was deleted, or its account has ended.
    """
    if is_homeless:
        return None
    match blob.state:
        case BlobState.BEGUN:
            return None if blob.time < change.begun else blob
        case BlobState.EXPIRED:
            return None if blob.time < change.expired else blob
        case BlobState.FINISHED:
            if blob.time >= change.finished:
                return blob
            return replace(blob, state=BlobState.EXPIRED, time=change.time)


def is_gone(before: Blob, after: Blob | None) -> bool:
    """Whether the content of a blob can go that has become ``after``."""
    return before.weight > 0 and (after is None or after.weight == 0)
