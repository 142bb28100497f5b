"""In which pages messages are that are only kept, so that few are read to find one.

A hash of eight bytes stands for what a page is found by. Others choose that, and must not be able
to have many pages looked through for nothing. Earlier versions have listed the first four bytes of
the key itself. The pages of one conversation are listed by sixteen, ``index/ID/ORDER``.
"""

import hashlib
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from geventim.client.kept.memory import Memory
from geventim.errors import StoreError

PREFIX: Final = "index/"

MARK: Final = 8
EARLIER: Final = 4
"""Bytes that stand for a key, now and in what was written by earlier versions."""

HASHED: Final = b"\1"
"""How the marks of a page begin that are hashes; the others come in fours."""

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
        self._marks = array("Q", (mark for mark, _ in pairs))
        self._numbers = array("Q", (number for _, number in pairs))

    def put(self, number: int, keys: Iterable[bytes]) -> None:
        """A page is found by these ``keys``."""
        marks = [_mark(key) for key in keys]
        if not marks:
            self.drop(number)
            return
        self._take_out(number)
        for mark in marks:
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
        self._lists[name][number] = HASHED + b"".join(mark.to_bytes(MARK, "big") for mark in marks)
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
        places = (*self._all(_mark(key)), *self._all(_number(key[:EARLIER])))
        return sorted({self._numbers[at] for at in places})

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
    is_hashed = len(marks) % EARLIER and marks.startswith(HASHED)
    start, size = (len(HASHED), MARK) if is_hashed else (0, EARLIER)
    return (_number(marks[at : at + size]) for at in range(start, len(marks), size))


def _mark(key: bytes) -> int:
    return _number(hashlib.blake2b(key, digest_size=MARK).digest())


def _number(mark: bytes) -> int:
    return int.from_bytes(mark, "big")
