"""Each item of a conversation in rows.

Only the first row of a message has a time and an author; every further one begins with a mark that
no first row has, so that nothing that somebody writes looks like a message of somebody else.
"""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from geventim.terminal.screen.conversation.items import (
    Day,
    Delivery,
    Item,
    Mark,
    New,
    Remark,
    Said,
    Tone,
    Traffic,
)
from geventim.terminal.screen.drawing.cells import (
    Row,
    Segment,
    Style,
    clip,
    fit,
    row_width,
    segment,
    shown,
    width,
)
from geventim.terminal.screen.drawing.markup import Span, spans_of
from geventim.terminal.screen.drawing.wrapping import cut_styled, wrap

NARROW: Final = 50
"""Columns below which authors stand above what they say."""

VERIFIED: Final = "✓"

ACTION: Final = "/me "
"""How a message begins that says what its author does."""

NAMED: Final = 3
"""Who came or went, by name; of more it is said how many they are."""

AUTHORS: Final = (
    Style.AUTHOR,
    Style.AUTHOR_2,
    Style.AUTHOR_3,
    Style.AUTHOR_4,
    Style.AUTHOR_5,
    Style.AUTHOR_6,
)

EDGE: Final = Segment(" │ ", Style.EDGE)


@dataclass(frozen=True, slots=True)
class Look:
    """How messages look for ``nick`` where there are so many columns."""

    columns: int
    nick: str

    @property
    def above(self) -> bool:
        """Whether authors stand above what they say."""
        return self.columns < NARROW

    @property
    def author(self) -> int:
        """The columns of an author."""
        return max(8, min(16, self.columns // 6))


@lru_cache(4_096)
def rows_of(item: Item | Mark, look: Look, *, selected: bool = False) -> tuple[Row, ...]:
    """The rows of ``item``; each of them has all the columns."""
    match item:
        case Said():
            rows = list(_said(item, look))
        case Traffic():
            rows = list(_aside(traffic(item), Style.FAINT, item.date, look))
        case Remark():
            style = Style.PROBLEM if item.tone is Tone.PROBLEM else Style.NOTICE
            rows = list(_aside(item.text, style, item.date, look))
        case Day():
            rows = [_line(f"{_date(item.date):%A, %d %B %Y}", Style.DAY, look.columns)]
        case New():
            rows = [_line("new", Style.NEW, look.columns)]
    if selected:
        rows = [
            tuple(Segment(each.text, Style.SELECTED, each.link) for each in row) for row in rows
        ]
    style = Style.SELECTED if selected else Style.PLAIN
    return tuple(fit(row, look.columns, style) for row in rows)


def traffic(item: Traffic) -> str:
    """Who came and who went, in words."""
    parts = [(item.came, "came"), (item.went, "left")]
    return "; ".join(f"{_some(nicks)} {verb}" for nicks, verb in parts if nicks)


def _some(nicks: Sequence[str]) -> str:
    if len(nicks) <= NAMED:
        *first, last = nicks
        return f"{', '.join(first)} and {last}" if first else last
    others = len(nicks) - NAMED + 1
    return f"{', '.join(nicks[: NAMED - 1])} and {others:,} others"


def _said(item: Said, look: Look) -> Iterator[Row]:
    time = Segment(f"{_date(item.date):%H:%M} ", Style.FAINT)
    author = shown(item.author) + (VERIFIED if item.verified else "")
    style = Style.OWN if item.mine else author_style(item.author)
    kind = [segment(f"[{item.kind}] ", Style.PROMPT_PRIVATE)] if item.kind else []
    if look.above:
        yield (time, Segment(clip(author, look.columns - 6), style))
        edge: Row = (Segment("  ", Style.EDGE),)
        for row in _text(item, look.columns - 2, kind):
            yield (*edge, *row)
        return
    author = clip(author, look.author)
    name: Row = (Segment(" " * (look.author - width(author))), Segment(author, style))
    blank = Segment(" " * (6 + look.author))
    first = True
    for row in _text(item, look.columns - 9 - look.author, kind):
        yield (time, *name, EDGE, *row) if first else (blank, EDGE, *row)
        first = False


def _text(item: Said, columns: int, before: Sequence[Segment]) -> Iterator[Row]:
    """What was said, with what it answers, what came along, and what became of it."""
    if item.quoted is not None:
        quoted = f"{item.quoted.author}: {item.quoted.excerpt}".replace("\n", " ")
        yield (Segment(clip(f"> {shown(quoted)}", columns), Style.QUOTE),)
    yield from _words(item, columns, before)
    for name, size in item.files:
        yield (segment(clip(shown(f"[file {name}, {size:,} bytes]"), columns), Style.NOTICE),)
    if item.reactions:
        given = "  ".join(f"{emoji} {count}" for emoji, count in item.reactions)
        yield (Segment(clip(shown(given), columns), Style.FAINT),)


def _words(item: Said, columns: int, before: Sequence[Segment]) -> Iterator[Row]:
    """The text itself."""
    if item.deleted_by:
        yield (segment(clip(f"(deleted by {item.deleted_by})", columns), Style.FAINT),)
        return
    if item.files and not item.text:
        return
    text = item.text
    if text.startswith(ACTION):
        text = f"* {item.author} {text.removeprefix(ACTION)}"
    lines = [shown(line) for line in text.split("\n")]
    after = _outcome(item)
    nothing: list[list[Span]] = [[] for _ in lines]
    spanned = nothing if item.plain else spans_of(lines)
    for number, (safe, spans) in enumerate(zip(lines, spanned, strict=True)):
        rows = [cut_styled(safe, spans, row) for row in wrap(safe, columns)]
        if number == 0 and before:
            rows[0] = (*before, *rows[0])
            if row_width(rows[0]) > columns:
                rows.insert(1, rows[0][len(before) :])
                rows[0] = tuple(before)
        if number == len(lines) - 1 and after is not None:
            if row_width(rows[-1]) + width(after.text) > columns:
                rows.append(())
            yield from rows[:-1]
            for index, part in enumerate(_wrapped(after.text.strip(), after.style, columns)):
                lead: Row = (*rows[-1], Segment(" ")) if index == 0 and rows[-1] else ()
                yield (*lead, *part)
        else:
            yield from rows


def _outcome(item: Said) -> Segment | None:
    match item.delivery:
        case Delivery.QUEUED:
            return Segment(" (queued)", Style.FAINT)
        case Delivery.REFUSED:
            return segment(f" (not sent: {item.reason})", Style.PROBLEM)
    return Segment(" (edited)", Style.FAINT) if item.edited else None


def _aside(text: str, style: Style, date: float, look: Look) -> Iterator[Row]:
    """A sentence that is no message."""
    time = Segment(f"{_date(date):%H:%M} ", Style.FAINT)
    indent = 0 if look.above else look.author
    mark = Segment(" " * indent + ("" if look.above else " · "), Style.EDGE)
    columns = look.columns - 6 - width(mark.text)
    first = True
    for line in text.split("\n"):
        for row in _wrapped(shown(line), style, columns):
            yield (time if first else Segment(" " * 6), mark, *row)
            first = False


def _wrapped(text: str, style: Style, columns: int) -> Iterator[Row]:
    """A safe ``text`` in rows."""
    for start, end in wrap(text, columns):
        yield (Segment(text[start:end].rstrip(), style),)


def author_style(nick: str) -> Style:
    """The colour of somebody; always the same one."""
    return AUTHORS[zlib.crc32(nick.casefold().encode(errors="replace")) % len(AUTHORS)]


def _line(text: str, style: Style, columns: int) -> Row:
    sides = max(columns - width(text) - 2, 2)
    left = sides // 2
    return (Segment(f"{'─' * left} {text} {'─' * (sides - left)}", style),)


def _date(seconds: float) -> datetime:
    try:
        return datetime.fromtimestamp(seconds).astimezone()
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0).astimezone()
