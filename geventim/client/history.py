"""What was written in every conversation, as it was shown: to be read again, and searched.

A conversation's history is pages, ``history/ID/ORDER``. A page is named after its first utterance:
utterances are numbered across all conversations in the order in which they were shown, so that
pages sort by age. Only the last page of a conversation grows; it is written with whatever else the
same entry changes. The oldest pages make room when a conversation, or all of them, grow too large.
"""

import heapq
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Final

import msgspec
from msgspec import Struct

from geventim.chat.names import fold
from geventim.client.kept.memory import Memory
from geventim.client.sealing.content import ContentKind
from geventim.errors import StoreError, UserError

PREFIX: Final = "history/"

LIMIT: Final = 4 * 2**20
"""Bytes of a conversation that are kept: of short lines, about 50,000."""

TOTAL: Final = 32 * 2**20
"""Bytes that are kept of all conversations together."""

PAGE_LINES: Final = 64
PAGE_SIZE: Final = 16 * 2**10
"""Utterances and bytes of text after which a page is full; it is rewritten as long as it grows."""

STEP: Final = 64 * 2**10
"""Characters that are searched in one go."""

COST: Final = 64
"""As many characters as a text takes in work that has none."""

_DIGITS: Final = 12


class Utterance(Struct, frozen=True, array_like=True):
    """What ``nick`` wrote, in the entry ``seq``, at ``date`` by their clock.

    ``order`` numbers what was shown; ``verified`` says whether the author was, then.
    """

    order: int
    kind: ContentKind
    nick: str
    text: str
    date: float
    seq: int
    verified: bool = False

    def __repr__(self) -> str:
        return f"<utterance {self.order}>"


class Told(Struct, frozen=True):
    """An utterance, and the name that its conversation had."""

    conversation: str
    utterance: Utterance

    def __repr__(self) -> str:
        return f"<{self.utterance!r} told>"


class _Page(Struct, array_like=True):
    """Part of the conversation ``name``, oldest first."""

    name: str
    utterances: list[Utterance] = []

    @property
    def full(self) -> bool:
        return len(self.utterances) >= PAGE_LINES or (
            sum(len(utterance.text) for utterance in self.utterances) >= PAGE_SIZE
        )


_encoder = msgspec.msgpack.Encoder()
_pages = msgspec.msgpack.Decoder(_Page)


class _Shelf:
    """The pages of one conversation: all are in the memory, and the last one is open."""

    def __init__(self, memory: Memory, prefix: str, sizes: dict[int, int]) -> None:
        self._memory = memory
        self._prefix = prefix
        self._sizes = dict(sorted(sizes.items()))
        self.closed = sum(sizes.values())
        self._last: int | None = max(sizes, default=None)
        self._open = _Page("") if self._last is None else self._read(self._last)
        if self._last is not None:
            self.closed -= self._sizes.pop(self._last)

    @property
    def name(self) -> str:
        """The name of the conversation."""
        return self._open.name

    @property
    def newest(self) -> int:
        """The number of the last utterance."""
        return self._open.utterances[-1].order

    @property
    def oldest(self) -> int | None:
        """The oldest page, if it is not the open one."""
        return next(iter(self._sizes), None)

    def add(self, name: str, utterance: Utterance) -> bool:
        """Put ``utterance`` last; True if a page was closed for it."""
        turned = self._last is not None and (self._open.full or self._open.name != name)
        if turned and self._last is not None:
            encoded = _encoder.encode(self._open)
            self._memory.put(self._page(self._last), encoded)
            self._sizes[self._last] = len(encoded)
            self.closed += len(encoded)
        if turned or self._last is None:
            self._last, self._open = utterance.order, _Page(name)
        page = self._open
        page.utterances.append(utterance)
        self._memory.put_later(self._page(self._last), lambda: _encoder.encode(page))
        return turned

    def drop(self, number: int) -> None:
        """Forget a page that is not the open one."""
        self.closed -= self._sizes.pop(number)
        self._memory.drop(self._page(number))

    def backwards(self) -> Iterator[Told]:
        """Everything as it is now, newest first; read page by page, by any thread."""
        open_page = _Page(self._open.name, self._open.utterances[:])
        # Values are never changed in place, so that these stay what they are.
        closed = [self._memory.get(self._page(number)) for number in reversed(self._sizes)]
        return _tell(chain((open_page,), map(_decode, closed)))

    def _page(self, number: int) -> str:
        return f"{self._prefix}{number:0{_DIGITS}}"

    def _read(self, number: int) -> _Page:
        return _decode(self._memory.get(self._page(number)))


def _decode(kept: bytes | None) -> _Page:
    try:
        page = _pages.decode(kept or b"")
    except msgspec.MsgspecError:
        raise StoreError("a page of the history is damaged") from None
    if not page.utterances:
        raise StoreError("a page of the history is empty")
    return page


def _tell(pages: Iterable[_Page]) -> Iterator[Told]:
    for page in pages:
        yield from (Told(page.name, each) for each in reversed(page.utterances))


class History:
    """The history of every conversation, as it is in ``memory``.

    ``limit`` and ``total`` are the bytes to keep of one and of all; a page more may be there.
    Methods raise :class:`StoreError` if what was kept is damaged.
    """

    def __init__(self, memory: Memory, *, limit: int = LIMIT, total: int = TOTAL) -> None:
        self._memory = memory
        self._limit = limit
        self._total = total
        sizes: dict[str, dict[int, int]] = {}
        for name, kept in memory.under(PREFIX):
            conversation, _, number = name.partition("/")
            sizes.setdefault(conversation, {})[int(number)] = len(kept)
        self._shelves = {
            conversation: _Shelf(memory, f"{PREFIX}{conversation}/", found)
            for conversation, found in sizes.items()
        }
        self._order = max((shelf.newest for shelf in self._shelves.values()), default=0)

    def add(
        self,
        conversation: bytes,
        name: str,
        *,
        kind: ContentKind,
        nick: str,
        text: str,
        date: float,
        seq: int,
        verified: bool = False,
    ) -> None:
        """Keep what was written in the ``conversation`` with this id, now called ``name``."""
        self._order += 1
        shelf = self._shelves.get(conversation.hex())
        if shelf is None:
            shelf = _Shelf(self._memory, f"{PREFIX}{conversation.hex()}/", {})
            self._shelves[conversation.hex()] = shelf
        utterance = Utterance(self._order, kind, nick, text, date, seq, verified)
        if shelf.add(name, utterance):
            self._make_room(shelf)

    def last(self, count: int, name: str | None = None) -> list[Told]:
        """The last ``count`` utterances of conversations called ``name``, or of all; in order."""
        return list(islice(self._backwards(name), count))[::-1]

    def search(self, text: str, count: int) -> "Search":
        """Look for the last ``count`` utterances that have every word of ``text``, in any case.

        A word may be part of another, and the nick counts as well.
        """
        return Search(text, count, self._backwards(None))

    def _backwards(self, name: str | None) -> Iterator[Told]:
        wanted: Iterable[_Shelf] = self._shelves.values()
        if name is not None:
            wanted = [shelf for shelf in wanted if fold(shelf.name) == fold(name)]
        return heapq.merge(
            *(shelf.backwards() for shelf in wanted), key=lambda told: -told.utterance.order
        )

    def _make_room(self, shelf: _Shelf) -> None:
        while shelf.closed > self._limit and shelf.oldest is not None:
            shelf.drop(shelf.oldest)
        while sum(each.closed for each in self._shelves.values()) > self._total:
            oldest = [(each.oldest, each) for each in self._shelves.values()]
            number, emptied = min((number, each) for number, each in oldest if number is not None)
            emptied.drop(number)


class Search:
    """Looks through what was written until now, in steps that each take a few milliseconds.

    They may be taken in any thread, one after the other: nothing else has hold of what is read.
    """

    def __init__(self, text: str, count: int, written: Iterator[Told]) -> None:
        self._words = _fold(text).split()
        self._count = count
        self._written = written
        self._found: list[Told] = []
        self.over = False

    @property
    def found(self) -> list[Told]:
        """What was found, in the order in which it was written."""
        return self._found[::-1]

    def step(self) -> None:
        """Read on. Raises :class:`UserError` if what was kept is damaged."""
        read = 0
        try:
            while read < STEP and len(self._found) < self._count:
                told = next(self._written)
                read += COST + len(told.utterance.text)
                if _has_all(self._words, (told.utterance.nick, told.utterance.text)):
                    self._found.append(told)
        except StopIteration:
            self.over = True
        except StoreError as error:
            raise UserError("damaged", f"The search has ended: {error}.") from None
        self.over = self.over or len(self._found) >= self._count


def _has_all(words: list[str], texts: tuple[str, ...]) -> bool:
    folded = _fold(" ".join(texts))
    return all(word in folded for word in words)


def _fold(text: str) -> str:
    """The form in which case and composition make no difference."""
    # Most lines are ASCII, and a search reads all there are.
    return text.lower() if text.isascii() else fold(text)
