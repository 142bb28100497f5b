"""The pages of one conversation: one that grows, and those that are only kept.

An utterance that has to go is not told any more from that moment on, and one that was changed is
told as it is now. The page that it is in is written anew once it was read; until then
``gone/ID/ORDER`` lists what is gone from that page, and ``altered/ID/ORDER`` what has changed.
"""

from bisect import bisect_right, insort
from collections.abc import Iterable
from functools import partial
from typing import Final

import msgspec

from geventim.client.history.altered import Altered
from geventim.client.history.index import Index
from geventim.client.history.pages import (
    LARGEST,
    PAGE_LINES,
    PAGE_SIZE,
    PREFIX,
    Page,
    Utterance,
    page_name,
    quoted,
    quoted_of,
)
from geventim.client.history.reading import Volume
from geventim.client.kept.memory import Memory
from geventim.client.said.changes import Change, Edit, Opinion, Retraction
from geventim.errors import StoreError

GONE: Final = "gone/"
ALTERED: Final = "altered/"

_encode = msgspec.msgpack.Encoder().encode
_orders = msgspec.msgpack.Decoder(list[int])
_changes = msgspec.msgpack.Decoder(list[Edit | Retraction | Opinion])


class Shelf:
    """What is kept of a ``conversation`` in pages with these ``numbers``.

    ``memory`` has the last one, which grows; if it has not, or the page is damaged, the next
    utterance begins another.
    """

    def __init__(self, memory: Memory, conversation: bytes, numbers: Iterable[int]) -> None:
        self._memory = memory
        self._conversation = conversation
        self._closed = sorted(numbers)
        self._index = Index(memory, conversation)
        self._gone: dict[int, set[int]] = {}
        self._changes: dict[int, list[Change]] = {}
        self._parts: dict[int, list[int]] = {}
        self._last: tuple[int, Page] | None = None
        self._size = 0
        self.name = ""
        if self._closed:
            self._open(self._closed[-1])

    @property
    def newest(self) -> int:
        """The number of the last utterance, as far as that is known, or 0."""
        if self._last is not None:
            return self._last[1].utterances[-1].order
        return self._closed[-1] if self._closed else 0

    def add(self, name: str, utterance: Utterance) -> None:
        """Put ``utterance`` last, in the conversation that is now called ``name``."""
        size = utterance.size
        if self._last is not None and (
            name != self.name or not self._has_room(self._last[1], size)
        ):
            self._close(*self._last)
        if self._last is None:
            self._size = 0
            self._last = utterance.order, Page(name)
        self.name = name
        number, page = self._last
        page.utterances.append(utterance)
        self._size += size
        self._memory.put_later(self._page(number), page.encode)

    def has(self, message_id: bytes) -> bool:
        """Whether that message is here, as far as can be seen without reading."""
        return self.find(message_id) is not None or bool(self._index.find(message_id))

    def find(self, message_id: bytes) -> Utterance | None:
        """That message, if it is in the page that grows."""
        return next((each for each in self.at_hand if each.message_id == message_id), None)

    @property
    def at_hand(self) -> list[Utterance]:
        """What is in the page that grows."""
        return [] if self._last is None else self._last[1].utterances

    def pages_with(self, message_id: bytes) -> list[int]:
        """The pages that may have that message, but for the one that grows."""
        return self._index.find(message_id)

    def change(self, change: Change) -> tuple[list[Altered], set[int]]:
        """Take ``change`` to what it is about.

        What has changed at once, and which pages are to be written anew.
        """
        numbers = set(self._index.find(change.about))
        if isinstance(change, Retraction):
            key = quoted(change.about)
            if not change.by_founder:
                key = quoted_of(change.about, change.nick)
            numbers.update(self._index.find(key))
        for number in numbers:
            changes = self._changes.setdefault(number, [])
            changes.append(change)
            self._memory.put_later(self._mark(ALTERED, number), partial(_encode, changes))
        altered: list[Altered] = []
        if self._last is not None:
            number, page = self._last
            rest, altered = self._alter(page, [change])
            if altered:
                self._replace_last(number, rest)
        return altered, numbers

    def forget(self, orders: Iterable[int]) -> set[int]:
        """Tell no more of the utterances with these numbers; which pages are to be written anew."""
        changed = set()
        for order in orders:
            before = bisect_right(self._closed, order)
            if self._last is not None and order >= self._last[0]:
                self._forget_last(*self._last, order)
            elif before:
                number = self._closed[before - 1]
                self._gone.setdefault(number, set()).add(order)
                changed.add(number)
        for number in changed:
            self._memory.put(self._mark(GONE, number), _encode(sorted(self._gone[number])))
        return changed

    def mark(self, prefix: str, number: int, kept: bytes) -> None:
        """What is gone from a page, or changed in it, as it is ``kept`` under a ``prefix``.

        Raises :class:`StoreError`.
        """
        try:
            if prefix == GONE:
                self._gone[number] = set(_orders.decode(kept))
            else:
                self._changes[number] = list(_changes.decode(kept))
        except msgspec.MsgspecError:
            raise StoreError("what is kept of what was deleted or changed is damaged") from None

    def read(self, number: int, end: float) -> Page | None:
        """A page that does not grow, if it is still there. Raises :class:`StoreError`.

        With it comes what was put into pages of its own meanwhile, whose numbers are below ``end``.
        It may be called by any thread, and waits for the disk.
        """
        kept = self._memory.read_archived(self._page(number))
        page = None if kept is None else Page.decode(kept)
        for part in self._parts.get(number, ()):
            rest = self.read(part, end) if part < end else None
            if rest is not None:
                page = rest if page is None else page.joined(rest)
        return page

    def is_gone(self, number: int, order: int) -> bool:
        """Whether an utterance is gone that was in a page, which is to be written anew."""
        return order in self._gone.get(number, ())

    def rewrite(self, number: int, page: Page | None) -> list[Altered]:
        """Keep ``page``, as it was read, as it is now; what has changed by that."""
        gone, changes = self._gone.pop(number, set()), self._changes.pop(number, [])
        self._memory.drop(self._mark(GONE, number))
        self._memory.drop(self._mark(ALTERED, number))
        if page is None or number not in self._closed:
            return []
        rest, altered = self._alter(page.without(gone), changes)
        if not gone and not altered:
            return []
        self._closed.remove(number)
        parts = rest.split()
        if not parts:
            self._memory.drop(self._page(number))
            self._index.drop(number)
        for part in parts[:1]:
            self._archive(number, part)
        for part in parts[1:]:
            self._archive(part.utterances[0].order, part)
            self._parts.setdefault(number, []).append(part.utterances[0].order)
        return altered

    def volume(self) -> Volume:
        """Everything as it is now."""
        last = self._last
        if last is not None:
            last = last[0], Page(last[1].name, last[1].utterances[:])
        gone = {number: frozenset(orders) for number, orders in self._gone.items()}
        changes = {number: tuple(each) for number, each in self._changes.items()}
        return Volume(self._conversation, self._closed[:], last, self.read, gone, changes)

    def _open(self, number: int) -> None:
        try:
            page = Page.decode(self._memory.get(self._page(number)) or b"")
        except StoreError:
            # Whoever reads it is told.
            return
        self._closed.pop()
        self._last, self.name = (number, page), page.name
        self._size = sum(each.size for each in page.utterances)

    def _close(self, number: int, page: Page) -> None:
        self._archive(number, page)
        self._last = None

    def _archive(self, number: int, page: Page) -> None:
        self._memory.archive(self._page(number), page.encode())
        self._index.put(number, page.keys)
        insort(self._closed, number)

    def _forget_last(self, number: int, page: Page, order: int) -> None:
        self._replace_last(number, page.without([order]))

    def _replace_last(self, number: int, page: Page) -> None:
        *full, last = page.split() or [page]
        for part in full:
            self._archive(number, part)
            number = last.utterances[0].order
        self._size = sum(each.size for each in last.utterances)
        if last.utterances:
            self._last = number, last
            self._memory.put_later(self._page(number), last.encode)
        else:
            self._last = None
            self._memory.drop(self._page(number))

    def _alter(self, page: Page, changes: Iterable[Change]) -> tuple[Page, list[Altered]]:
        """What ``page`` is after ``changes``, and what each of them has changed."""
        utterances, altered = page.utterances[:], list[Altered]()
        for change in changes:
            for place, before in enumerate(utterances):
                after = before.altered((change,))
                if after is not before:
                    utterances[place] = after
                    told = Altered(page.name, self._conversation, change, before, after)
                    altered.append(told)
        return Page(page.name, utterances), altered

    def _has_room(self, page: Page, size: int) -> bool:
        is_full = len(page.utterances) >= PAGE_LINES or self._size >= PAGE_SIZE
        return not is_full and self._size + size <= LARGEST

    def _page(self, number: int) -> str:
        return page_name(self._conversation, number)

    def _mark(self, prefix: str, number: int) -> str:
        return prefix + self._page(number).removeprefix(PREFIX)
