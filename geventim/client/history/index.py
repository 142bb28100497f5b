"""In which pages messages are that are only kept, so that few are read to find one.

A hash of eight bytes stands for what a page is found by. Others choose that, and must not be able
to have many pages looked through for nothing. Earlier versions have listed the first four bytes of
the key itself. The pages of one conversation are listed by sixteen, ``index/ID/ORDER``.
"""

import hashlib
import struct
from collections.abc import Collection, Iterable
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
        # By mark, the page that is found by it, or the pages: many changes are looked up here.
        self._found: dict[int, int | tuple[int, ...]] = {}
        for pages in self._lists.values():
            for number, marks in pages.items():
                self._enter(number, _split(marks))

    def put(self, number: int, keys: Iterable[bytes]) -> None:
        """A page is found by these ``keys``."""
        marks = [_mark(key) for key in keys]
        if not marks:
            self.drop(number)
            return
        self._take_out(number)
        self._enter(number, marks)
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
        return sorted({*self._pages(_mark(key)), *self._pages(_number(key[:EARLIER]))})

    def _pages(self, mark: int) -> tuple[int, ...]:
        found = self._found.get(mark, ())
        return (found,) if isinstance(found, int) else found

    def _enter(self, number: int, marks: Collection[int]) -> None:
        """Find a page by these ``marks``, which are nearly always those of no other."""
        if self._found.keys().isdisjoint(marks):
            self._found.update(dict.fromkeys(marks, number))
            return
        for mark in set(marks):
            self._found[mark] = (*self._pages(mark), number)

    def _take_out(self, number: int) -> None:
        """Find nothing in a page any more."""
        name = self._places.get(number)
        for mark in () if name is None else set(_split(self._lists[name].get(number, b""))):
            left = tuple(each for each in self._pages(mark) if each != number)
            if left:
                self._found[mark] = left
            else:
                self._found.pop(mark, None)

    def _keep(self, name: str) -> None:
        pages = self._lists[name]
        if pages:
            self._memory.put_later(self._prefix + name, lambda: _encode(pages))
        else:
            del self._lists[name]
            self._memory.drop(self._prefix + name)


def _split(marks: bytes) -> tuple[int, ...]:
    if len(marks) % EARLIER and marks.startswith(HASHED):
        start, size, code = len(HASHED), MARK, "Q"
    else:
        start, size, code = 0, EARLIER, "I"
    count = (len(marks) - start) // size
    return struct.unpack_from(f">{count}{code}", marks, start)


def _mark(key: bytes) -> int:
    return _number(hashlib.blake2b(key, digest_size=MARK).digest())


def _number(mark: bytes) -> int:
    return int.from_bytes(mark, "big")
