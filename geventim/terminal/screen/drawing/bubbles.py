"""Each item of a conversation in rows.

Only the first row of a message has a time and an author; every further one begins with a mark that
no first row has, so that nothing that somebody writes looks like a message of somebody else.
"""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from geventim.lines.commands.files import amount
from geventim.terminal.screen.conversation.items import (
    Day,
    Delivery,
    File,
    Item,
    Mark,
    New,
    Remark,
    Said,
    Tone,
    Traffic,
)
from geventim.terminal.screen.conversation.moments import moment
from geventim.terminal.screen.drawing.cells import (
    Row,
    Segment,
    Style,
    clip,
    clip_middle,
    fit,
    segment,
    shown,
    width,
)
from geventim.terminal.screen.drawing.markup import Line, lines_of
from geventim.terminal.screen.drawing.mosaic import rows_of_raster, size_of
from geventim.terminal.screen.drawing.wrapping import wrap

NARROW: Final = 50
"""Columns below which authors stand above what they say."""

VERIFIED: Final = "✓"

ACTION: Final = "/me "
"""How a message begins that says what its author does."""

FILE: Final = "▤"
"""Before the name of a file."""

NAMED: Final = 3
"""Who came or went, by name; of more it is said how many they are."""

TONES: Final = {
    Tone.NOTICE: Style.NOTICE,
    Tone.PROGRESS: Style.FAINT,
    Tone.PROBLEM: Style.PROBLEM,
}

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
            rows = list(_aside(item.text, TONES[item.tone], item.date, look))
        case Day():
            rows = [_line(f"{moment(item.date):%A, %d %B %Y}", Style.DAY, look.columns)]
        case New():
            rows = [_line("new", Style.NEW, look.columns)]
    if selected:
        rows = [tuple(map(_selected, row)) for row in rows]
    style = Style.SELECTED if selected else Style.PLAIN
    return tuple(fit(row, look.columns, style) for row in rows)


def _selected(part: Segment) -> Segment:
    is_text = isinstance(part.style, Style)
    return Segment(part.text, Style.SELECTED, part.link) if is_text else part


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
    time = Segment(f"{moment(item.date):%H:%M} ", Style.FAINT)
    author = shown(item.author) + (VERIFIED if item.verified else "")
    style = Style.OWN if item.mine else author_style(item.author)
    style = Style.CALL if item.mention else style
    if look.above:
        yield (time, Segment(clip(author, look.columns - 6), style))
        edge: Row = (Segment("  ", Style.EDGE),)
        for row in _text(item, look.columns - 2, pictures=False):
            yield (*edge, *row)
        return
    author = clip(author, look.author)
    name: Row = (Segment(" " * (look.author - width(author))), Segment(author, style))
    blank = Segment(" " * (6 + look.author))
    first = True
    for row in _text(item, look.columns - 9 - look.author, pictures=True):
        yield (time, *name, EDGE, *row) if first else (blank, EDGE, *row)
        first = False


def _text(item: Said, columns: int, *, pictures: bool) -> Iterator[Row]:
    """What was said, with what it answers, what came along, and what became of it.

    Where there is little room ``pictures`` would leave none to what was said.
    """
    if item.quoted is not None:
        known = "(deleted)" if item.quoted.gone else "(an older message)"
        excerpt = " ".join(item.quoted.excerpt.split()) or known
        by = f", quoted by {item.quoted.by}" if item.quoted.by else ""
        quoted = f"{item.quoted.author}{by}: {excerpt}".replace("\n", " ")
        yield (Segment(clip(f"↪ {shown(quoted)}", columns), Style.QUOTE),)
    for line in _lines(item, columns):
        yield from line.rows(columns)
    for file in item.files:
        if pictures and file.raster is not None and size_of(file.raster)[0] <= columns:
            yield from rows_of_raster(file.raster)
    if item.reactions:
        given = "  ".join(f"{emoji} {count}" for emoji, count in item.reactions)
        yield (Segment(clip(shown(given), columns), Style.FAINT),)


def _lines(item: Said, columns: int) -> list[Line]:
    """The text and the files, with what became of them at their end."""
    lines: list[Line] = []
    if item.deleted_by:
        lines.append(Line((segment(f"(deleted by {item.deleted_by})", Style.FAINT),)))
    elif item.text.startswith(ACTION):
        lead = segment(f"* {item.author} ", author_style(item.author))
        first, *others = lines_of(item.text.removeprefix(ACTION), is_plain=item.plain)
        lines += [replace(first, pieces=(lead, *first.pieces)), *others]
    elif item.text or not item.files:
        lines += lines_of(item.text, is_plain=item.plain)
    lines += (Line(_file(file, columns)) for file in item.files)
    if item.kind:
        kind = segment(f"[{item.kind}] ", Style.PROMPT_PRIVATE)
        lines[0] = replace(lines[0], pieces=(kind, *lines[0].pieces))
    after = _outcome(item)
    if after is not None and lines[-1].is_code:
        lines.append(Line((Segment(after.text.strip(), after.style),)))
    elif after is not None:
        lines[-1] = replace(lines[-1], pieces=(*lines[-1].pieces, after))
    return lines


def _file(file: File, columns: int) -> Row:
    after = f" · {amount(file.size)}"
    name = clip_middle(shown(file.name), columns - len(after) - 2)
    after += f" · {shown(file.note)}" if file.note else ""
    return (Segment(f"{FILE} {name}", Style.LINK), Segment(after, Style.FAINT))


def _outcome(item: Said) -> Segment | None:
    match item.delivery:
        case Delivery.QUEUED:
            return Segment(" (queued)", Style.FAINT)
        case Delivery.REFUSED:
            return segment(f" (not sent: {item.reason})", Style.PROBLEM)
    if item.deleted_by:
        return None
    read = f"read by {_some(item.readers)}" if item.readers else ""
    said = ", ".join(part for part in ("edited" if item.edited else "", read) if part)
    return segment(f" ({said})", Style.FAINT) if said else None


def _aside(text: str, style: Style, date: float, look: Look) -> Iterator[Row]:
    """A sentence that is no message."""
    time = Segment(f"{moment(date):%H:%M} ", Style.FAINT)
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
