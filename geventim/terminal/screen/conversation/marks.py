"""Marks between items: where a day begins, and where the user stopped reading."""

from collections.abc import Iterator, Sequence
from datetime import date

from geventim.terminal.screen.conversation.items import Day, Item, Mark, New, Said
from geventim.terminal.screen.conversation.moments import moment


def mark(items: Sequence[Item], read: str | None) -> Iterator[Item | Mark]:
    """``items`` with marks.

    What is behind the item called ``read`` is new; all of it if that is empty, nothing if it is
    None. What the user has said is never new.
    """
    day: date | None = None
    is_new = read == ""
    for item in items:
        today = moment(item.date).date()
        if today != day:
            yield Day(f"day {today.isoformat()} {item.key}", item.date)
        day = today
        if is_new and isinstance(item, Said) and not item.mine:
            yield New()
            is_new = False
        yield item
        if item.key == read:
            is_new = True
