"""The blobs of Redis, without their content."""

from collections.abc import Callable, Sequence
from typing import Final

from geventim.log import shelf
from geventim.log.blobs import (
    SWEPT_AT_ONCE,
    BeginBlob,
    Blob,
    BlobState,
    DropBlob,
    FinishBlob,
    OfBlobs,
    SweepBlobs,
    Swept,
)
from geventim.log.outcomes import NO_SPACE, QUOTA_FILES, TOO_MANY_BEGUN, Outcome, Refusal
from geventim.store.redis import layout, scripts
from geventim.store.redis.layout import pack, unpack_blob
from geventim.store.redis.link import RedisLink

REFUSALS: Final = {each.code: each for each in (TOO_MANY_BEGUN, QUOTA_FILES, NO_SPACE)}

KEYS: Final = (layout.ALL, layout.MADE, layout.KEPT, layout.BEGUN, layout.COUNT)

OF_ALL: Final = ""
"""The field with the counts of all accounts."""


class RedisBlobs:
    """The blobs behind ``link``.

    ``find_homeless`` gives those of blobs whose conversation or account has ended.
    """

    def __init__(
        self, link: RedisLink, find_homeless: Callable[[Sequence[Blob]], set[bytes]]
    ) -> None:
        self._link = link
        self._find_homeless = find_homeless

    def get(self, blob: bytes) -> Blob | None:
        """See :meth:`geventim.log.store.Store.blob`."""
        found = self._link.ask("HGET", layout.ALL, blob)
        return unpack_blob(found) if found else None

    def strays(self, ids: Sequence[bytes]) -> list[bytes]:
        """See :meth:`geventim.log.store.Store.strays`."""
        if not ids:
            return []
        found = self._link.ask("HMGET", layout.ALL, *ids)
        return [
            blob
            for blob, packed in zip(ids, found, strict=True)
            if packed is None or not unpack_blob(packed).weight
        ]

    def finished(self) -> list[Blob]:
        """See :meth:`geventim.log.shared.SharedStore.finished_blobs`."""
        found: dict[bytes, Blob] = {}
        start = -1
        while start:
            start, packed = self._scan(max(start, 0))
            blobs = map(unpack_blob, packed.values())
            found |= {each.id: each for each in blobs if each.state is BlobState.FINISHED}
        return list(found.values())

    def weight(self, account: bytes) -> int:
        """The bytes for which the blobs of ``account`` count."""
        return int(self._link.ask("HGET", layout.KEPT, account) or 0)

    def totals(self) -> tuple[int, int]:
        """How many blobs there are, and for how many bytes they count."""
        asked = [("HGET", key, OF_ALL) for key in (layout.COUNT, layout.KEPT)]
        count, weight = self._link.ask_all(asked)
        return int(count or 0), int(weight or 0)

    def apply(self, change: OfBlobs) -> Outcome:
        """The outcome of ``change``."""
        match change:
            case BeginBlob():
                return self._begin(change)
            case FinishBlob():
                return self._finish(change)
            case DropBlob():
                while (known := self.get(change.blob)) and not self._put(known, None):
                    pass  # somebody else has changed it
                return None
            case SweepBlobs():
                return self._sweep(change)

    def _begin(self, change: BeginBlob) -> Blob | Refusal:
        new = change.blob
        values = (
            new.id,
            pack(new),
            new.account,
            new.account + new.creation,
            new.weight,
            -1 if change.most is None else change.most,
            -1 if change.space is None else change.space,
            change.unfinished,
        )
        found = self._link.write("EVAL", scripts.BEGIN_BLOB, len(KEYS), *KEYS, *values)
        return REFUSALS[found[0].decode()] if found[0] else unpack_blob(found[1])

    def _finish(self, change: FinishBlob) -> Blob | Refusal:
        while True:
            known = self.get(change.blob)
            outcome = shelf.finish(known, change)
            if known is None or not isinstance(outcome, Blob) or self._put(known, outcome):
                return outcome

    def _sweep(self, change: SweepBlobs) -> Swept:
        start, found = self._scan(change.start)
        # Redis may give the same again.
        blobs = list(map(unpack_blob, found.values()))
        homeless = self._find_homeless(blobs)
        gone = []
        for blob in blobs:
            after = shelf.sweep(blob, change, is_homeless=blob.id in homeless)
            # What somebody else has changed meanwhile is looked at the next time.
            if self._put(blob, after) and shelf.is_gone(blob, after):
                gone.append(blob.id)
        return Swept(tuple(gone), start)

    def _scan(self, start: int) -> tuple[int, dict[bytes, bytes]]:
        """Some of the blobs, and where to go on, which is 0 where there is no more."""
        start, found = self._link.ask(
            "HSCAN", layout.ALL, start, "COUNT", SWEPT_AT_ONCE, home=layout.ALL
        )
        return int(start), found

    def _put(self, before: Blob, after: Blob | None) -> bool:
        """Let ``after`` stand in the place of ``before``, if that still stands there."""
        if before == after:
            return True
        values = (
            before.id,
            pack(before),
            "" if after is None else pack(after),
            before.account,
            before.account + before.creation,
            (after.weight if after else 0) - before.weight,
            _is_begun(after) - _is_begun(before),
            bool(after and after.weight) - bool(before.weight),
        )
        return bool(self._link.write("EVAL", scripts.CHANGE_BLOB, len(KEYS), *KEYS, *values))


def _is_begun(blob: Blob | None) -> int:
    return int(blob is not None and blob.state is BlobState.BEGUN)
