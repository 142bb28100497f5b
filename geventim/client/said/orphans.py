"""Changes of messages that are not here: they wait, for the message may still come.

A message that could not be opened yet comes after what was said about it. Most never come: they
were written before the user was there. So few changes are kept, the newest, and of one account so
few that nobody displaces those of others.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

from geventim.client.kept.memory import Memory
from geventim.client.said.changes import Change, Edit, Opinion, Retraction
from geventim.errors import StoreError

OF_ONE: Final = 32
"""Changes of one account that wait in a conversation."""

OF_ALL: Final = 256
"""Those of all accounts."""

SIZE: Final = 128 * 1024
"""Bytes that these take together."""

PREFIX: Final = "orphans/"

_encode = msgspec.msgpack.Encoder().encode
_decoder = msgspec.msgpack.Decoder(list[Edit | Retraction | Opinion])


class Orphans:
    """The changes that wait in a ``conversation``. Raises :class:`StoreError`."""

    def __init__(self, memory: Memory, conversation: bytes) -> None:
        self._memory = memory
        self._name = PREFIX + conversation.hex()
        self._changes: list[Change] = []
        kept = memory.get(self._name)
        if kept is not None:
            try:
                self._changes = list(_decoder.decode(kept))
            except msgspec.MsgspecError:
                raise StoreError("what is kept of changes of messages is damaged") from None

    def __len__(self) -> int:
        return len(self._changes)

    def put(self, change: Change) -> None:
        """Have ``change`` wait, in the place of an older one if there are too many."""
        if change in self._changes or any(_is_void(change, each) for each in self._changes):
            return
        # The words of what was deleted must not stay.
        self._changes = [each for each in self._changes if not _is_void(each, change)]
        self._changes.append(change)
        self._changes.sort(key=lambda each: each.seq)
        self._shrink(
            (each for each in self._changes if each.account == change.account), OF_ONE, SIZE // 4
        )
        self._shrink(self._changes, OF_ALL, SIZE)
        self._keep()

    def take(self, about: bytes) -> list[Change]:
        """What waits for the message with this id, which has come."""
        taken = self.about(about)
        if taken:
            self._changes = [each for each in self._changes if each.about != about]
            self._keep()
        return taken

    def settle(self, messages: Iterable[bytes]) -> None:
        """Nothing waits any more for the ``messages`` with these ids."""
        here = frozenset(messages)
        left = [each for each in self._changes if each.about not in here]
        if len(left) < len(self._changes):
            self._changes = left
            self._keep()

    def about(self, about: bytes) -> list[Change]:
        """What waits for the message with this id."""
        return [each for each in self._changes if each.about == about]

    def _shrink(self, changes: Iterable[Change], most: int, size: int) -> None:
        """Let go of the oldest of ``changes`` beyond so many, or so many bytes."""
        gone = set()
        for number, each in enumerate(sorted(changes, key=lambda each: -each.seq), 1):
            size -= each.size
            if number > most or size < 0:
                gone.add(id(each))
        if gone:
            self._changes = [each for each in self._changes if id(each) not in gone]

    def _keep(self) -> None:
        if self._changes:
            self._memory.put_later(self._name, lambda: _encode(self._changes))
        else:
            self._memory.drop(self._name)


def _is_void(change: Change, other: Change) -> bool:
    """Whether ``change`` is an edit that does not count after ``other``, whoever is the author."""
    return (
        isinstance(change, Edit)
        and isinstance(other, Retraction)
        and change.about == other.about
        and (other.by_founder or other.account == change.account)
    )
