"""Long lines in rows. A row is where it begins and ends in its line."""

import re
from typing import Final

from geventim.terminal.screen.drawing.cells import Finish, Row, Segment, clusters, width

Span = tuple[int, int]

_WORDS: Final = re.compile(r"\S+\s*|\s+")


def wrap(line: str, columns: int) -> list[Span]:
    """A safe ``line`` in rows of at most so many columns, parted between words where possible."""
    columns = max(columns, 2)
    if width(line) <= columns:
        return [(0, len(line))]
    rows: list[Span] = []
    start = used = place = 0
    for word in _WORDS.findall(line):
        wide = width(word.rstrip())
        if used and used + wide > columns:
            rows.append((start, place))
            start, used = place, 0
        if wide > columns:
            for begin, end in _break(word, columns, used):
                if begin:
                    rows.append((start, place + begin))
                    start, used = place + begin, 0
                used += width(word[begin:end])
        else:
            used += width(word)
        place += len(word)
    rows.append((start, place))
    return rows


def break_up(line: str, columns: int) -> list[Span]:
    """A safe ``line`` in rows of at most so many columns, parted anywhere between clusters."""
    return _break(line, max(columns, 2), 0)


def _break(text: str, columns: int, used: int) -> list[Span]:
    """``text`` in pieces of at most so many columns, of which ``used`` are taken at first."""
    rows: list[Span] = []
    start = place = 0
    for cluster, wide in clusters(text):
        if used + wide > columns:
            rows.append((start, place))
            start, used = place, 0
        used += wide
        place += len(cluster)
    rows.append((start, place))
    return rows


def cut_styled(line: str, spans: list[tuple[int, int, Finish, str]], row: Span) -> Row:
    """The part ``row`` of ``line`` without white space at its end, in the styles of ``spans``.

    These are sorted and do not overlap: beginning, end, style and link.
    """
    start, end = row[0], row[0] + len(line[row[0] : row[1]].rstrip())
    pieces: list[Segment] = []
    place = start
    for begin, until, style, link in spans:
        first, last = max(begin, start), min(until, end)
        if first >= last:
            continue
        if first > place:
            pieces.append(Segment(line[place:first]))
        pieces.append(Segment(line[first:last], style, link))
        place = last
    if place < end:
        pieces.append(Segment(line[place:end]))
    return tuple(pieces)
