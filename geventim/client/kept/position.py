"""How far a log was read, and what it looked like: the running hash, and the last few before it.

So a server that shows different people different histories is found out: by itself, when it is
asked to go on after an entry, and by others, who say in their messages what they have seen.
"""

from typing import Final

from msgspec import Struct

from geventim.chat.values import next_hash
from geventim.errors import PeerError

WINDOW: Final = 128
"""Entries back to which the word of others can be compared."""


class Position(Struct):
    """The last entry that was taken, and the running hash after it; empty when it is not known.

    ``recent`` has the hashes before that one, the newest last.
    """

    seq: int = 0
    hash: bytes = b""
    recent: list[bytes] = []

    def follows(self, seq: int, previous: bytes | None) -> bool:
        """Whether ``seq`` is the next entry; False if it was taken before.

        Raises :class:`PeerError` when an entry is missing before it, or the server contradicts
        itself. ``previous`` is the running hash where a gap is to be expected.
        """
        if seq <= self.seq:
            return False
        if previous is None and seq != self.seq + 1:
            raise PeerError("an entry is missing")
        if previous is not None and seq == self.seq + 1 and self.hash not in {b"", previous}:
            raise PeerError("the history is another one than before")
        return True

    def jump(self, seq: int, running: bytes) -> None:
        """Go to ``seq`` without reading what is in between."""
        if seq != self.seq or not self.hash:
            self.seq, self.hash, self.recent = seq, running, []

    def advance(self, seq: int, payload: bytes) -> None:
        """Take the next entry."""
        if self.hash:
            self.recent = [*self.recent[-WINDOW + 1 :], self.hash]
            self.hash = next_hash(self.hash, seq, payload)
        self.seq = seq

    def agrees(self, seq: int, running: bytes) -> bool | None:
        """Whether ``running`` was the hash at ``seq``; None when that cannot be told.

        Nobody can have read what comes after the entry that we are about to take.
        """
        back = self.seq - seq
        if back < 0:
            return False
        if not self.hash or back > len(self.recent):
            return None
        return running == (self.recent[-back] if back else self.hash)
