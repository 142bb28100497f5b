"""Light markup in rows: the tree of a text becomes styled lines, and these fit into columns.

A text whose lines are indented, and that has no block of code and no list, is shown as it was
written: its author meant every space.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from geventim.client.said.markup import (
    Code,
    CodeBlock,
    Emphasis,
    Items,
    Link,
    Node,
    Paragraph,
    Quotation,
    Strong,
    Words,
    parse,
)
from geventim.terminal.screen.drawing.cells import (
    Finish,
    Row,
    Segment,
    Style,
    fit,
    row_width,
    segment,
)
from geventim.terminal.screen.drawing.wrapping import break_up, cut_styled, wrap

NARROWEST: Final = 12
"""Columns that are left to words at least, however deep they stand in lists and quotes."""

BULLET: Final = "• "
BAR: Final = "▎ "

_MENTION: Final = re.compile(r"(?<!\w)@[\w.\-]+")
_INDENTED: Final = re.compile(r"^(?: {2,}|\t)\s*\S", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of safe ``pieces``; in one that ``is_code`` every space counts.

    Its first row stands behind ``lead``, every further one behind ``rest``.
    """

    pieces: Row
    lead: Row = ()
    rest: Row = ()
    is_code: bool = False

    def within(self, lead: Segment, rest: Segment) -> "Line":
        """The same further in."""
        return Line(self.pieces, (lead, *self.lead), (rest, *self.rest), self.is_code)

    def rows(self, columns: int) -> Iterator[Row]:
        """The line in rows of at most so many columns."""
        inside = columns - row_width(self.lead)
        is_deep = inside < NARROWEST
        inside = columns if is_deep else inside
        text = "".join(piece.text for piece in self.pieces)
        spans = list(_spans(self.pieces))
        parts = break_up(text, inside) if self.is_code else wrap(text, inside)
        for number, part in enumerate(parts):
            row = cut_styled(text, spans, part)
            if self.is_code:
                row = fit(row, inside, Style.CODE_BLOCK)
            before = self.rest if number else self.lead
            yield row if is_deep else (*before, *row)


@lru_cache(2_048)
def lines_of(text: str, *, is_plain: bool = False) -> tuple[Line, ...]:
    """The lines of ``text``; at least one."""
    if is_plain:
        return tuple(Line((segment(line),)) for line in text.split("\n"))
    nodes = parse(text)
    if _is_laid_out(text, nodes):
        nodes = (Paragraph((Words(text),)),)
    return tuple(_blocks(nodes, Style.PLAIN)) or (Line(()),)


def _is_laid_out(text: str, nodes: Sequence[Node]) -> bool:
    if any(isinstance(node, CodeBlock | Items) for node in nodes):
        return False
    return _INDENTED.search(text) is not None or "\n\n\n" in text


def _blocks(nodes: Sequence[Node], style: Style) -> Iterator[Line]:
    before: Node | None = None
    for node in nodes:
        if isinstance(node, Paragraph) and isinstance(before, Paragraph):
            yield Line(())
        yield from _block(node, style)
        before = node


def _block(node: Node, style: Style) -> Iterator[Line]:
    match node:
        case Paragraph():
            yield from map(Line, _split(_inline(node.parts, style)))
        case CodeBlock():
            if node.language:
                yield Line((segment(node.language, Style.FAINT),))
            for line in node.text.split("\n"):
                yield Line((segment(line, Style.CODE_BLOCK),), is_code=True)
        case Quotation():
            bar = Segment(BAR, Style.QUOTE)
            for each in _blocks(node.parts, Style.QUOTE):
                yield each.within(bar, bar)
        case Items():
            for number, item in enumerate(node.items, node.first or 0):
                mark = BULLET if node.first is None else f"{number}. "
                yield from _item(item, mark, style)
        case _:
            yield from map(Line, _split(_inline((node,), style)))


def _item(blocks: Sequence[Node], mark: str, style: Style) -> Iterator[Line]:
    lead, blank = Segment(mark, Style.FAINT), Segment(" " * len(mark))
    for number, line in enumerate([*_blocks(blocks, style)] or [Line(())]):
        yield line.within(blank if number else lead, blank)


def _inline(nodes: Sequence[Node], style: Style) -> Iterator[Segment]:
    """Parts of a line, which are not safe yet and may hold line ends."""
    for node in nodes:
        match node:
            case Words():
                yield from _words(node.text, style)
            case Code():
                yield Segment(node.text, Style.CODE)
            case Emphasis():
                inside = style if style is Style.STRONG else Style.EMPHASIS
                yield from _inline(node.parts, inside)
            case Strong():
                yield from _inline(node.parts, Style.STRONG)
            case Link() if node.is_plain:
                yield Segment(node.text, Style.LINK, node.url)
            case Link():
                # Whoever reads it sees where it leads.
                yield Segment(node.text, Style.LINK, node.url)
                yield Segment(f" <{node.url}>", Style.FAINT, node.url)


def _words(text: str, style: Style) -> Iterator[Segment]:
    end = 0
    for match in _MENTION.finditer(text):
        if match.start() > end:
            yield Segment(text[end : match.start()], style)
        yield Segment(match.group(), Style.MENTION)
        end = match.end()
    if end < len(text):
        yield Segment(text[end:], style)


def _split(parts: Iterator[Segment]) -> Iterator[Row]:
    """Safe lines of ``parts``."""
    line: list[Segment] = []
    for part in parts:
        first, *others = part.text.split("\n")
        line.append(segment(first, part.style, part.link))
        for other in others:
            yield tuple(line)
            line = [segment(other, part.style, part.link)]
    yield tuple(line)


def _spans(pieces: Row) -> Iterator[tuple[int, int, Finish, str]]:
    place = 0
    for piece in pieces:
        end = place + len(piece.text)
        yield place, end, piece.style, piece.link
        place = end
