"""The pages of one conversation: one that grows, and those that are only kept.

An utterance that has to go is not told any more from that moment on. The page that it is in is
written anew once it was read; until then ``gone/ID/ORDER`` lists what is gone from that page.
"""

from bisect import bisect_right
from collections.abc import Iterable
from typing import Final

import msgspec

from geventim.client.history.pages import (
    LARGEST,
    PAGE_LINES,
    PAGE_SIZE,
    PREFIX,
    Page,
    Utterance,
    page_name,
)
from geventim.client.history.reading import Volume
from geventim.client.kept.memory import Memory
from geventim.errors import StoreError

GONE: Final = "gone/"

_encode = msgspec.msgpack.Encoder().encode
_orders = msgspec.msgpack.Decoder(list[int])


class Shelf:
    """What is kept of a ``conversation`` in pages with these ``numbers``.

    ``memory`` has the last one, which grows; if it has not, or the page is damaged, the next
    utterance begins another.
    """

    def __init__(self, memory: Memory, conversation: bytes, numbers: Iterable[int]) -> None:
        self._memory = memory
        self._conversation = conversation
        self._closed = sorted(numbers)
        self._gone: dict[int, set[int]] = {}
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
            self._memory.put(self._mark(number), _encode(sorted(self._gone[number])))
        return changed

    def mark(self, number: int, orders: bytes) -> None:
        """``orders``, as kept, are gone from a page. Raises :class:`StoreError`."""
        try:
            self._gone[number] = set(_orders.decode(orders))
        except msgspec.MsgspecError:
            raise StoreError("what is kept of what was deleted is damaged") from None

    def read(self, number: int) -> Page | None:
        """A page that does not grow, if it is still there. Raises :class:`StoreError`.

        It may be called by any thread, and waits for the disk.
        """
        kept = self._memory.read_archived(self._page(number))
        return None if kept is None else Page.decode(kept)

    def rewrite(self, number: int, page: Page | None) -> None:
        """Keep ``page``, as it was read, without what is gone from it."""
        gone = self._gone.pop(number, None)
        if gone is None:
            return
        self._memory.drop(self._mark(number))
        rest = None if page is None else page.without(gone)
        if rest is not None and rest.utterances:
            self._memory.archive(self._page(number), rest.encode())
        else:
            self._memory.drop(self._page(number))
            self._closed.remove(number)

    def volume(self) -> Volume:
        """Everything as it is now."""
        last = self._last
        if last is not None:
            last = last[0], Page(last[1].name, last[1].utterances[:])
        gone = {number: frozenset(orders) for number, orders in self._gone.items()}
        return Volume(self._conversation, self._closed[:], last, self.read, gone)

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
        self._memory.archive(self._page(number), page.encode())
        self._closed.append(number)
        self._last = None

    def _forget_last(self, number: int, page: Page, order: int) -> None:
        rest = page.without([order])
        if rest.utterances:
            self._last = number, rest
            self._memory.put_later(self._page(number), rest.encode)
        else:
            self._last = None
            self._memory.drop(self._page(number))

    def _has_room(self, page: Page, size: int) -> bool:
        is_full = len(page.utterances) >= PAGE_LINES or self._size >= PAGE_SIZE
        return not is_full and self._size + size <= LARGEST

    def _page(self, number: int) -> str:
        return page_name(self._conversation, number)

    def _mark(self, number: int) -> str:
        return GONE + self._page(number).removeprefix(PREFIX)


class Erasure:
    """A page that is to be written anew, without what is gone from it."""

    def __init__(self, shelf: Shelf, number: int) -> None:
        self._shelf = shelf
        self._number = number
        self._page: Page | None = None
        self._is_damaged = False

    def read(self) -> None:
        """Read the page, in any thread."""
        try:
            self._page = self._shelf.read(self._number)
        except StoreError:
            self._is_damaged = True

    def finish(self) -> None:
        """Write it anew; one that is damaged stays as it is, with the list of what is gone."""
        if not self._is_damaged:
            self._shelf.rewrite(self._number, self._page)
