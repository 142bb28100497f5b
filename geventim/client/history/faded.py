"""Which messages have had their time: what is said about them later has nothing to wait for.

The words of an edit that comes too late, or those that somebody quotes, would stay otherwise.
"""

from typing import Final

from geventim.chat.values import ID_SIZE
from geventim.client.kept.memory import Memory
from geventim.errors import StoreError

PREFIX: Final = "faded/"

MOST: Final = 512
"""Messages of one conversation that are remembered so, the last ones."""


class Faded:
    """The ids of those in a ``conversation``. Raises :class:`StoreError`."""

    def __init__(self, memory: Memory, conversation: bytes) -> None:
        self._memory = memory
        self._name = PREFIX + conversation.hex()
        kept = memory.get(self._name) or b""
        if len(kept) % ID_SIZE:
            raise StoreError("what is kept of messages that have faded is damaged")
        ids = (kept[at : at + ID_SIZE] for at in range(0, len(kept), ID_SIZE))
        self._ids = dict.fromkeys(ids)

    def __contains__(self, message_id: bytes) -> bool:
        return message_id in self._ids

    def put(self, message_id: bytes) -> None:
        """A message has had its time."""
        self._ids[message_id] = None
        if len(self._ids) > MOST:
            del self._ids[next(iter(self._ids))]
        self._memory.put_later(self._name, lambda: b"".join(self._ids))
