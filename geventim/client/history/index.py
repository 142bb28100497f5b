"""In which pages messages are that are only kept, so that few are read to find one.

Four bytes stand for a message: a page may seem to have a message that it has not, which
whoever reads it sees. The pages of one conversation are listed by sixteen, ``index/ID/ORDER``.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
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
        pages = (page for pages in self._lists.values() for page in pages.items())
        pairs = sorted((mark, number) for number, marks in pages for mark in _split(marks))
        # The marks of all pages in order, and the page of each: many changes are looked up here.
        self._marks = array("I", (mark for mark, _ in pairs))
        self._numbers = array("Q", (number for _, number in pairs))

    def put(self, number: int, keys: Iterable[bytes]) -> None:
        """A page is found by these ``keys``."""
        marks = b"".join(key[:MARK] for key in keys)
        if not marks:
            self.drop(number)
            return
        self._take_out(number)
        for mark in _split(marks):
            at = bisect_right(self._marks, mark)
            self._marks.insert(at, mark)
            self._numbers.insert(at, number)
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
        self._take_out(number)
        name = self._places.pop(number, None)
        if name is not None:
            del self._lists[name][number]
            self._keep(name)

    def find(self, key: bytes) -> list[int]:
        """The pages that may be found by a ``key``."""
        return sorted({self._numbers[at] for at in self._all(_number(key[:MARK]))})

    def _take_out(self, number: int) -> None:
        """Find nothing in a page any more."""
        name = self._places.get(number)
        for mark in () if name is None else _split(self._lists[name].get(number, b"")):
            at = next(at for at in self._all(mark) if self._numbers[at] == number)
            del self._marks[at], self._numbers[at]

    def _all(self, mark: int) -> range:
        """Where ``mark`` is."""
        return range(bisect_left(self._marks, mark), bisect_right(self._marks, mark))

    def _keep(self, name: str) -> None:
        pages = self._lists[name]
        if pages:
            self._memory.put_later(self._prefix + name, lambda: _encode(pages))
        else:
            del self._lists[name]
            self._memory.drop(self._prefix + name)


def _split(marks: bytes) -> Iterator[int]:
    return (_number(marks[at : at + MARK]) for at in range(0, len(marks), MARK))


def _number(mark: bytes) -> int:
    return int.from_bytes(mark, "big")
