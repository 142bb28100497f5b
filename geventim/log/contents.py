"""The port to what keeps the content of blobs."""

from collections.abc import Sequence
from typing import Protocol

from geventim.log.blobs import Blob


class Contents(Protocol):
    """Keeps the chunks of blobs; every method may be called from any thread.

    All raise :class:`geventim.errors.StoreError`.
    """

    @property
    def free(self) -> int:
        """Bytes that can still be written."""

    @property
    def places(self) -> int:
        """In how many parts all blobs can be listed."""

    def count(self, blob: Blob) -> int:
        """How many chunks of an unfinished blob are there, and on disk. There may be none yet."""

    def put(self, blob: Blob, puts: Sequence[tuple[int, bytes]]) -> int:
        """Put those chunks that are next, each with its index; how many are then there.

        They are on disk, together. What is not next is left out.
        """

    def get(self, blob: Blob, index: int) -> bytes | None:
        """The chunk of a blob that is finished; None if there is nothing of it."""

    def remove(self, blobs: Sequence[bytes]) -> None:
        """Delete what there is of ``blobs``."""

    def list(self, place: int) -> list[bytes]:
        """The blobs of which there is something in one of the places."""
