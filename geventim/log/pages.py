"""What is read of a log: the part that an account is entitled to, page by page, and places."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from geventim.chat import limits
from geventim.chat.values import Entry
from geventim.log.entries import shown_to
from geventim.log.outcomes import Page, Position


@dataclass(frozen=True, slots=True)
class Interval:
    """Entitles to the entries above ``since``, up to ``until``; None while it lasts."""

    since: int
    until: int | None = None
    is_left: bool = False


def spans(intervals: Iterable[Interval], after: int, last: int) -> Iterator[tuple[int, int]]:
    """Above and up to which numbers there is what ``intervals`` entitle to, above ``after``.

    The log ends with the entry ``last``.
    """
    for interval in intervals:
        until = last if interval.until is None else interval.until
        if max(after, interval.since) < until:
            yield max(after, interval.since), until


def fill(
    entries: Iterable[Entry],
    account: bytes,
    *,
    present: bool,
    most: int = limits.PAGE_ENTRIES,
) -> Page:
    """A page for ``account``, which is a member now or not, of ``most`` that it is entitled to.

    No more of ``entries`` is read than the page holds, and one.
    """
    page: list[Entry] = []
    size = 0
    for entry in entries:
        shown = shown_to(entry, account)
        size += len(shown.payload) + len(shown.welcome)
        if page and (len(page) == most or size > limits.PAGE_SIZE):
            break
        page.append(shown)
    return Page(tuple(page), present)


def find_position(
    after: int, last: int, running_hash: bytes, floor: int, first: Callable[[], Entry | None]
) -> Position:
    """The first place at or above ``after`` of which the running hash is known.

    The log ends with the entry ``last`` and this hash, and its messages up to ``floor`` have
    expired. ``first`` gives the first entry that there is at or above ``after``.
    """
    entry = first() if after < last else None
    if entry is None:
        return Position(last, running_hash, last, floor)
    last = max(last, entry.seq)
    if entry.seq == after:
        return Position(after, entry.hash, last, floor)
    return Position(entry.seq - 1, entry.previous, last, floor)
