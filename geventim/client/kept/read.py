"""Which messages of a conversation were read lately, so that none is shown twice.

A message is its author and its id. Its author may have sealed it twice, since the server said that
it did not take the first; and whoever is helped to an epoch could open again what it has read.
"""

import hashlib
from typing import Final

from geventim.client.kept.memory import Memory
from geventim.client.kept.record import READ

SIZE: Final = 8
"""Bytes that stand for a message."""

PAGE: Final = 64
"""Messages that are written together."""

PAGES: Final = 16
"""Pages that are kept, the newest."""


class Read:
    """The messages of one conversation that were read lately, at least ``page * (pages - 1)``."""

    def __init__(
        self, memory: Memory, conversation: bytes, page: int = PAGE, pages: int = PAGES
    ) -> None:
        self._memory = memory
        self._page_size = page
        self._most = pages
        self._prefix = f"{READ}{conversation.hex()}/"
        kept = sorted(memory.under(self._prefix))
        self._pages = {int(name): _split(page) for name, page in kept}
        self._last = max(self._pages, default=0)

    def add(self, account: bytes, message_id: bytes) -> bool:
        """Remember a message; False if it was read before."""
        mark = hashlib.sha256(account + message_id).digest()[:SIZE]
        if any(mark in page for page in self._pages.values()):
            return False
        page = self._pages.setdefault(self._last, [])
        if len(page) >= self._page_size:
            self._last += 1
            page = self._pages[self._last] = []
            oldest = self._last - self._most
            if self._pages.pop(oldest, None) is not None:
                self._memory.drop(self._name(oldest))
        page.append(mark)
        self._memory.put_later(self._name(self._last), lambda: b"".join(page))
        return True

    def _name(self, page: int) -> str:
        return f"{self._prefix}{page:012}"


def _split(page: bytes) -> list[bytes]:
    return [page[start : start + SIZE] for start in range(0, len(page), SIZE)]
