"""The blobs of a store in memory, without their content."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from geventim.log import shelf
from geventim.log.blobs import (
    BeginBlob,
    Blob,
    BlobState,
    DropBlob,
    FinishBlob,
    OfBlobs,
    SweepBlobs,
    Swept,
)
from geventim.log.outcomes import Outcome, Refusal


@dataclass(slots=True)
class MemoryBlobs:
    """What is known of them."""

    _blobs: dict[bytes, Blob] = field(default_factory=dict)

    def get(self, blob: bytes) -> Blob | None:
        """See :meth:`geventim.log.store.Store.blob`."""
        return self._blobs.get(blob)

    def strays(self, blobs: Iterable[bytes]) -> list[bytes]:
        """See :meth:`geventim.log.store.Store.strays`."""
        kept = {each.id for each in self.kept()}
        return [blob for blob in blobs if blob not in kept]

    def kept(self, account: bytes | None = None) -> list[Blob]:
        """Those that have not expired, of ``account`` or of all."""
        return [
            blob
            for blob in self._blobs.values()
            if blob.weight and (account is None or blob.account == account)
        ]

    def apply(self, change: OfBlobs, is_homeless: Callable[[Blob], bool]) -> Outcome:
        """The outcome of ``change``.

        ``is_homeless`` says of a blob whether its conversation or its account has ended.
        """
        match change:
            case BeginBlob():
                return self._begin(change)
            case FinishBlob():
                outcome = shelf.finish(self._blobs.get(change.blob), change)
                if isinstance(outcome, Blob):
                    self._blobs[change.blob] = outcome
                return outcome
            case DropBlob():
                self._blobs.pop(change.blob, None)
                return None
            case SweepBlobs():
                return self._sweep(change, is_homeless)

    def _begin(self, change: BeginBlob) -> Blob | Refusal:
        new = change.blob
        own = [each for each in self._blobs.values() if each.account == new.account]
        for each in own:
            if each.creation == new.creation:
                return each
        of_account, of_all = (
            sum(each.weight for each in blobs) for blobs in (own, self._blobs.values())
        )
        begun = sum(each.state is BlobState.BEGUN for each in own)
        refusal = shelf.refuse(change, of_account, of_all, begun)
        if refusal is None:
            self._blobs[new.id] = new
        return refusal or new

    def _sweep(self, change: SweepBlobs, is_homeless: Callable[[Blob], bool]) -> Swept:
        gone = []
        for blob in list(self._blobs.values()):
            after = shelf.sweep(blob, change, is_homeless=is_homeless(blob))
            if shelf.is_gone(blob, after):
                gone.append(blob.id)
            if after is None:
                del self._blobs[blob.id]
            else:
                self._blobs[blob.id] = after
        return Swept(tuple(gone))
