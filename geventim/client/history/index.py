"""In which pages messages are that are only kept, so that few are read to find one.

A hash of eight bytes, the *mark*, stands for what a page is found by. Others choose that, and must
not be able to have many pages looked through for nothing. The marks of some pages of a conversation
are kept together, sorted, as ``index/ID/NUMBER``; what earlier versions have kept there, by pages
and in part with the first four bytes of the key itself as a mark, is kept so once it was read.
"""

import hashlib
import struct
import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterable
from typing import Final

import msgspec
from msgspec import Struct

from geventim.client.kept.memory import Memory
from geventim.errors import StoreError

PREFIX: Final = "index/"

MARK: Final = 8
EARLIER: Final = 4
"""Bytes that stand for a key, now and in what was written by earlier versions."""

HASHED: Final = b"\1"
"""How the marks of a page began in earlier versions that were hashes; others came in fours."""

PAGES: Final = 128
"""Pages whose marks are kept together."""

EARLIER_END: Final = 1 << 8 * EARLIER

_MARKS: Final = "Q"
_PAGES: Final = "I"


class _Kept(Struct, frozen=True, array_like=True):
    """Marks and the numbers of their pages, each little-endian."""

    marks: bytes
    pages: bytes


_encode = msgspec.msgpack.Encoder().encode
_decoder = msgspec.msgpack.Decoder(_Kept | dict[int, bytes])


class _Sheet:
    """Sorted ``marks``, and to each of them the number of its page in ``pages``.

    Two arrays, since there are as many marks as messages, and an object for each takes ten times
    as much.
    """

    def __init__(self, found: Iterable[tuple[int, int]] = ()) -> None:
        entries = sorted(found)
        self.marks = array(_MARKS, [mark for mark, _ in entries])
        self.pages = array(_PAGES, [page for _, page in entries])
        self.count = len(set(self.pages))

    @classmethod
    def decode(cls, kept: _Kept) -> "_Sheet":
        """Raises ValueError."""
        sheet = cls()
        sheet.marks.frombytes(kept.marks)
        sheet.pages.frombytes(kept.pages)
        if not sheet.marks or len(sheet.marks) != len(sheet.pages):
            raise ValueError("not each mark has a page")
        sheet.marks, sheet.pages = _turned(sheet.marks), _turned(sheet.pages)
        sheet.count = len(set(sheet.pages))
        return sheet

    def encode(self) -> bytes:
        """What is sealed."""
        return _encode(_Kept(_turned(self.marks).tobytes(), _turned(self.pages).tobytes()))

    def add(self, page: int, marks: Iterable[int]) -> None:
        """A page that is not here is found by these ``marks``."""
        for mark in marks:
            place = bisect_left(self.marks, mark)
            self.marks.insert(place, mark)
            self.pages.insert(place, page)
        self.count += 1

    def drop(self, page: int) -> None:
        """Nothing is found in a page any more."""
        for place in range(len(self.pages) - 1, -1, -1):
            if self.pages[place] == page:
                del self.marks[place], self.pages[place]
        self.count -= 1


class Index:
    """What is in the pages of a ``conversation``, by their numbers. Raises :class:`StoreError`."""

    def __init__(self, memory: Memory, conversation: bytes) -> None:
        self._memory = memory
        self._prefix = f"{PREFIX}{conversation.hex()}/"
        self._sheets: dict[int, _Sheet] = {}
        earlier: dict[int, dict[int, bytes]] = {}
        try:
            for name, value in sorted(memory.under(self._prefix)):
                kept = _decoder.decode(value)
                if isinstance(kept, _Kept):
                    self._sheets[int(name)] = _Sheet.decode(kept)
                else:
                    earlier[int(name)] = kept
            self._convert(earlier)
        except (msgspec.MsgspecError, ValueError, struct.error):
            raise StoreError("what is kept of what is in the history is damaged") from None
        self._places = {
            page: name for name, sheet in self._sheets.items() for page in set(sheet.pages)
        }
        # Only earlier versions have made marks so small.
        self._has_earlier = any(sheet.marks[0] < EARLIER_END for sheet in self._sheets.values())

    def put(self, number: int, keys: Iterable[bytes]) -> None:
        """A page is found by these ``keys``."""
        marks = {_mark(key) for key in keys}
        if not marks:
            self.drop(number)
            return
        name = self._places.get(number)
        if name is not None:
            self._sheets[name].drop(number)
        else:
            name = max(self._sheets, default=0)
            if not name or self._sheets[name].count >= PAGES:
                name = max(number, name + 1)
                self._sheets[name] = _Sheet()
            self._places[number] = name
        self._sheets[name].add(number, marks)
        self._keep(name)

    def drop(self, number: int) -> None:
        """A page is gone."""
        name = self._places.pop(number, None)
        if name is not None:
            self._sheets[name].drop(number)
            self._keep(name)

    def find(self, key: bytes) -> list[int]:
        """The pages that may be found by a ``key``."""
        found = self._pages(_mark(key))
        if self._has_earlier:
            found |= self._pages(_number(key[:EARLIER]))
        return sorted(found)

    def _pages(self, mark: int) -> set[int]:
        found = set()
        for sheet in self._sheets.values():
            marks = sheet.marks
            place = bisect_left(marks, mark)
            while place < len(marks) and marks[place] == mark:
                found.add(sheet.pages[place])
                place += 1
        return found

    def _convert(self, earlier: dict[int, dict[int, bytes]]) -> None:
        """Keep as it is kept now what earlier versions have, in lists of a few pages."""
        entries: list[tuple[int, int]] = []
        first, count = 0, 0
        for name, pages in earlier.items():
            if not count:
                first = name
            else:
                self._memory.drop(self._prefix + _spelled(name))
            count += len(pages)
            entries += [(mark, page) for page, marks in pages.items() for mark in _split(marks)]
            if count >= PAGES:
                self._begin(first, entries)
                entries, count = [], 0
        if count:
            self._begin(first, entries)

    def _begin(self, name: int, entries: Iterable[tuple[int, int]]) -> None:
        self._sheets[name] = _Sheet(set(entries))
        self._keep(name)

    def _keep(self, name: int) -> None:
        sheet = self._sheets[name]
        if sheet.count:
            self._memory.put_later(self._prefix + _spelled(name), sheet.encode)
        else:
            del self._sheets[name]
            self._memory.drop(self._prefix + _spelled(name))


def _split(marks: bytes) -> tuple[int, ...]:
    """The marks of one page, as earlier versions have kept them."""
    if len(marks) % EARLIER and marks.startswith(HASHED):
        start, size, code = len(HASHED), MARK, "Q"
    else:
        start, size, code = 0, EARLIER, "I"
    count = (len(marks) - start) // size
    return struct.unpack_from(f">{count}{code}", marks, start)


def _turned(numbers: "array[int]") -> "array[int]":
    """The same, little-endian; or of this machine, if they were that."""
    if sys.byteorder == "big":
        numbers = numbers[:]
        numbers.byteswap()
    return numbers


def _mark(key: bytes) -> int:
    return _number(hashlib.blake2b(key, digest_size=MARK).digest())


def _number(mark: bytes) -> int:
    return int.from_bytes(mark, "big")


def _spelled(name: int) -> str:
    return f"{name:012}"
