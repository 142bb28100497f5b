"""How far the others in a conversation have read it, as they have said.

It is ``readers/ID``, and written with whatever else the same entry changes.
"""

from typing import Final

import msgspec

from geventim.client.kept.memory import Memory
from geventim.errors import StoreError

READERS: Final = "readers/"

MOST: Final = 20
"""People in a group up to which they tell each other how far they have read."""

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(dict[bytes, int])


class Readers:
    """Those of one conversation, as they are in ``memory``; raises :class:`StoreError`."""

    def __init__(self, memory: Memory, conversation: bytes) -> None:
        self._memory = memory
        self._name = READERS + conversation.hex()
        kept = memory.get(self._name)
        try:
            self._read: dict[bytes, int] = {} if kept is None else _decoder.decode(kept)
        except msgspec.MsgspecError:
            raise StoreError("what is kept of who has read what is damaged") from None

    def read(self, account: bytes) -> int:
        """The number of the last entry that an account has read, or 0 if that is not known."""
        return self._read.get(account, 0)

    def note(self, account: bytes, seq: int) -> bool:
        """An account has read everything up to that entry; whether that is news."""
        if seq <= self.read(account):
            return False
        self._read.pop(account, None)
        self._read[account] = seq
        while len(self._read) > 2 * MOST:
            # Who has said nothing for longest is most likely gone.
            del self._read[next(iter(self._read))]
        self._memory.put_later(self._name, lambda: _encoder.encode(self._read))
        return True
