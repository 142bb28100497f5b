"""The window on one conversation: the items that are held, and the place where one looks.

Only so many items are held: older ones come while one scrolls up, and newer ones are let go, until
one comes back. The place is the last row that is seen: that many rows of an item are below it. As
long as there is no place, one looks at the end.
"""

from collections.abc import Sequence
from typing import Final

from geventim.terminal.screen.conversation import place
from geventim.terminal.screen.conversation.items import Item, Mark, Remark, Said, Traffic
from geventim.terminal.screen.conversation.marks import mark
from geventim.terminal.screen.conversation.place import Height, Place, View

MOST: Final = 600
"""Items that are held of one conversation."""

AHEAD: Final = 40
"""Items before the end of those that are held at which more are wanted."""


class Timeline:
    """Items of one conversation, oldest first; at most ``most``."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._items: list[Item] = []
        self._by_id: dict[str, Said] = {}
        self._by_wish: dict[int | str, Said] = {}
        self._place: Place | None = None
        self._read: str | None = None
        self._lines: list[Item | Mark] | None = None
        self.below = 0
        """Messages that came at the end while one looked elsewhere."""
        self.has_older = False
        self.has_newer = False

    @property
    def items(self) -> Sequence[Item]:
        """What is held."""
        return self._items

    @property
    def at_end(self) -> bool:
        """Whether one looks at the end."""
        return self._place is None

    @property
    def messages(self) -> list[Said]:
        """The messages that are held."""
        return [item for item in self._items if isinstance(item, Said)]

    @property
    def oldest(self) -> int:
        """The order of the oldest message that has one, or 0."""
        return next((item.order for item in self.messages if item.order), 0)

    @property
    def newest(self) -> int:
        """The order of the newest message that has one, or 0."""
        return next((item.order for item in reversed(self.messages) if item.order), 0)

    def find(self, message_id: str) -> Said | None:
        """The message with that id, if it is held."""
        return self._by_id.get(message_id)

    def awaiting(self, wish: int | str | None) -> Said | None:
        """The message that is the outcome of a wish, if it is held."""
        return None if wish is None else self._by_wish.get(wish)

    def add(self, item: Item) -> None:
        """Put ``item`` at the end; who comes and goes is gathered, and remarks are."""
        last = self._items[-1] if self._items else None
        if isinstance(item, Traffic) and isinstance(last, Traffic):
            together = last.joined_by(item)
            if together.came or together.went:
                self.replace(last.key, together)
            else:
                self.remove(last.key)
            return
        if self.at_end and isinstance(item, Remark) and isinstance(last, Remark):
            both = last.joined_by(item)
            if both is not None:
                self.replace(last.key, both)
                return
        if not self.at_end:
            self.below += isinstance(item, Said) and not item.mine
            if self.has_newer or len(self._items) >= 2 * self._most:
                self.has_newer = True
                return
        self._items.append(item)
        self._note(item)
        if self.at_end and len(self._items) > self._most:
            # A tenth at a time, since whatever was drawn is made anew then.
            del self._items[: self._most // 10]
            self.has_older = True
            self._note_all()
        self._lines = None

    def replace(self, key: str, item: Item) -> bool:
        """Put ``item`` where the one called ``key`` stands; whether it was held."""
        for index, each in enumerate(self._items):
            if each.key == key:
                self._items[index] = item
                self._note_all()
                if self._place is not None and self._place.key == key:
                    self._place = Place(item.key, self._place.hidden)
                self._lines = None
                return True
        return False

    def put_in_order(self, key: str) -> None:
        """Put the message called ``key`` behind those that have come before it for everybody."""
        index = next((i for i, each in enumerate(self._items) if each.key == key), None)
        if index is None:
            return
        item, after = self._items[index], self._items[index + 1 :]
        earlier = [
            number
            for number, each in enumerate(after, index + 1)
            if isinstance(each, Said) and isinstance(item, Said) and 0 < each.order < item.order
        ]
        if earlier:
            self._items.insert(earlier[-1], self._items.pop(index))
            self._lines = None

    def remove(self, key: str) -> None:
        """Take the item called ``key`` away."""
        index = next((i for i, each in enumerate(self._items) if each.key == key), None)
        if index is None:
            return
        del self._items[index]
        self._note_all()
        if self._place is not None and self._place.key == key:
            before = self._items[index - 1].key if index else None
            self._place = None if before is None else Place(before, 0)
        self._lines = None

    def put_before(self, page: Sequence[Item], *, more: bool) -> None:
        """Put older items before those that are held; ``more`` are before these."""
        self._items[:0] = self._not_held(page)
        self.has_older = more
        if len(self._items) > self._most and not self.at_end:
            self._let_go_newer()
        self._note_all()
        self._lines = None

    def put_after(self, page: Sequence[Item], *, more: bool) -> None:
        """Put newer items behind those that are held; ``more`` are behind these."""
        self._items += self._not_held(page)
        self.has_newer = more
        surplus = len(self._items) - self._most
        if surplus > 0:
            del self._items[:surplus]
            self.has_older = True
        self._note_all()
        self._lines = None

    def restart(self, page: Sequence[Item], *, older: bool, newer: bool) -> None:
        """Hold ``page`` and nothing else, and look at its end."""
        self._items = list(page)
        self._place = Place(page[-1].key, 0) if newer and page else None
        self.has_older, self.has_newer = older, newer
        self._note_all()
        self._lines = None

    def mark_after(self, order: int) -> None:
        """What comes after the message with that order is new."""
        read = [said.key for said in self.messages if 0 < said.order <= order]
        self._read = read[-1] if read else ""
        self._lines = None

    def mark_read(self) -> None:
        """What comes from now on is new."""
        self._read = self._items[-1].key if self._items else ""
        self._lines = None

    def forget_mark(self) -> None:
        """Nothing here is new."""
        self._read = None
        self._lines = None

    def to_end(self) -> None:
        """Look at the end; where that is not held, nothing is, and all before it is older."""
        self._place = None
        self.below = 0
        if self.has_newer:
            self._items.clear()
            self._note_all()
            self.has_older, self.has_newer = True, False
            self._lines = None

    def scroll(self, rows: int, room: int, height: Height) -> None:
        """Look so many rows further up, or down if ``rows`` is negative; ``room`` rows are seen."""
        lines = self._marked()
        if not lines:
            return
        start = place.find(lines, self._place, height)
        self._look(lines, *place.move(lines, start, rows, room, height))

    def reveal(self, key: str, room: int, height: Height) -> None:
        """Look so that the item called ``key`` is seen whole, or as much of it as there is room."""
        lines = self._marked()
        wanted = next((i for i, line in enumerate(lines) if line.key == key), None)
        if wanted is None:
            return
        index, hidden = place.find(lines, self._place, height)
        if wanted >= index:
            self._look(lines, wanted, 0)
            return
        above = sum(height(line) for line in lines[wanted : index + 1]) - hidden
        if above > room:
            self.scroll(above - room, room, height)

    def center(self, key: str, room: int, height: Height) -> None:
        """Look so that the item called ``key`` is seen with what is around it."""
        lines = self._marked()
        wanted = next((i for i, line in enumerate(lines) if line.key == key), None)
        if wanted is not None:
            self._look(lines, wanted, 0)
            self.scroll(-(room // 2), room, height)

    def view(self, room: int, height: Height) -> View:
        """What is seen where there are ``room`` rows."""
        lines = self._marked()
        if not lines:
            return View(())
        index, hidden = place.find(lines, self._place, height)
        first, last, hidden = place.around(lines, index, hidden, room, height)
        return View(tuple(lines[first : last + 1]), hidden, self.below, self.at_end)

    def wants_older(self, view: View) -> bool:
        """Whether more should come before what is held."""
        if not self.has_older:
            return False
        near = {item.key for item in self._items[:AHEAD]}
        return not view.lines or any(line.key in near for line in view.lines)

    def wants_newer(self, view: View) -> bool:
        """Whether more should come behind what is held."""
        if not self.has_newer:
            return False
        near = {item.key for item in self._items[-AHEAD:]}
        return any(line.key in near for line in view.lines)

    def _note(self, item: Item) -> None:
        if isinstance(item, Said) and item.message_id:
            self._by_id[item.message_id] = item
        if isinstance(item, Said) and item.wish is not None:
            self._by_wish[item.wish] = item

    def _note_all(self) -> None:
        self._by_id.clear()
        self._by_wish.clear()
        for item in self._items:
            self._note(item)

    def _look(self, lines: Sequence[Item | Mark], index: int, hidden: int) -> None:
        if index >= len(lines) - 1 and hidden <= 0 and not self.has_newer:
            self.to_end()
        else:
            self._place = Place(lines[index].key, max(hidden, 0))

    def _not_held(self, page: Sequence[Item]) -> list[Item]:
        held = {item.key for item in self._items} | {said.message_id for said in self.messages}
        return [item for item in page if item.key not in held]

    def _let_go_newer(self) -> None:
        keep = self._most
        if self._place is not None:
            index = next((i for i, x in enumerate(self._items) if x.key == self._place.key), 0)
            keep = max(keep, index + AHEAD)
        if keep < len(self._items):
            del self._items[keep:]
            self.has_newer = True

    def _marked(self) -> list[Item | Mark]:
        """The items, with marks where a day begins and where one stopped reading."""
        if self._lines is None:
            self._lines = list(mark(self._items, self._read))
        return self._lines
