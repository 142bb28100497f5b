"""What a server has for neighbours that is the only one."""

from collections.abc import Iterable

from geventim.chat.bulletins import Bulletin


class Alone:
    """Implements :class:`.ports.Neighbours`: there are none."""

    def tell(self, _bulletin: Bulletin) -> None:
        """Nobody listens."""

    def untold(self) -> Iterable[Bulletin]:
        """Nobody is waiting for anything."""
        return ()

    def acquire(self, _conversation: bytes) -> bytes | None:
        """Nobody else has the turn."""
        return b""

    def release(self, _conversation: bytes, _lease: bytes) -> None:
        """Nobody else wants it."""
