"""What a server has for the content of blobs that takes none."""

from collections.abc import Callable, Sequence

from geventim.errors import StoreError
from geventim.log.blobs import Blob


class Nothing:
    """Implements :class:`geventim.service.ports.Contents`: there is none."""

    free = 0
    is_full = True

    def put(
        self, _blob: Blob, _index: int, _chunk: bytes, done: Callable[[int | StoreError], None]
    ) -> None:
        """It cannot be put."""
        done(StoreError("there is no place for files"))

    def count(self, _blob: Blob) -> int:
        """There is none."""
        return 0

    def get(self, _blob: Blob, _index: int) -> bytes | None:
        """There is none."""
        return None

    def remove(self, _blobs: Sequence[bytes]) -> None:
        """There is none."""

    def places(self) -> int:
        """There is none."""
        return 0

    def list(self, _place: int) -> list[bytes]:
        """There is none."""
        return []
