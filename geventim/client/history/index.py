"""In which pages messages are that are only kept, so that few are read to find one.

Four bytes stand for a message: a page may seem to have a message that it has not, which
whoever reads it sees. The pages of one conversation are listed by sixteen, ``index/ID/ORDER``.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

from geventim.client.kept.memory import Memory
from geventim.errors import StoreError

PREFIX: Final = "index/"

MARK: Final = 4
"""Bytes that stand for a message."""

PAGES: Final = 16
"""Pages that are listed together."""

_encode = msgspec.msgpack.Encoder().encode
_lists = msgspec.msgpack.Decoder(dict[int, bytes])


class Index:
    """What is in the pages of a ``conversation``, by their numbers. Raises :class:`StoreError`."""

    def __init__(self, memory: Memory, conversation: bytes) -> None:
        self._memory = memory
        self._prefix = f"{PREFIX}{conversation.hex()}/"
        self._lists: dict[str, dict[int, bytes]] = {}
        self._places: dict[int, str] = {}
        try:
            for name, kept in sorted(memory.under(self._prefix)):
                self._lists[name] = _lists.decode(kept)
                self._places.update(dict.fromkeys(self._lists[name], name))
        except msgspec.MsgspecError:
            raise StoreError("what is kept of what is in the history is damaged") from None

    def put(self, number: int, keys: Iterable[bytes]) -> None:
        """A page is found by these ``keys``."""
        marks = b"".join(key[:MARK] for key in keys)
        if not marks:
            self.drop(number)
            return
        name = self._places.get(number)
        if name is None:
            name = next(reversed(self._lists), None)
            if name is None or len(self._lists[name]) >= PAGES:
                name = f"{number:012}"
                self._lists[name] = {}
            self._places[number] = name
        self._lists[name][number] = marks
        self._keep(name)

    def drop(self, number: int) -> None:
        """A page is gone."""
        name = self._places.pop(number, None)
        if name is not None:
            del self._lists[name][number]
            self._keep(name)

    def find(self, key: bytes) -> list[int]:
        """The pages that may be found by a ``key``."""
        mark = key[:MARK]
        return [
            number
            for pages in self._lists.values()
            for number, marks in pages.items()
            if mark in marks and _has(marks, mark)
        ]

    def _keep(self, name: str) -> None:
        pages = self._lists[name]
        if pages:
            self._memory.put_later(self._prefix + name, lambda: _encode(pages))
        else:
            del self._lists[name]
            self._memory.drop(self._prefix + name)


def _has(marks: bytes, mark: bytes) -> bool:
    return any(marks[at : at + MARK] == mark for at in range(0, len(marks), MARK))
