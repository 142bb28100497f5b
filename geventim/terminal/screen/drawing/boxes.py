"""What lies over the screen: a box in its middle, and a small list at the input."""

from collections.abc import Iterator
from itertools import zip_longest
from typing import Final

from geventim.terminal.screen.drawing.cells import (
    Row,
    Segment,
    Style,
    clip,
    fit,
    segment,
    shown,
    splice,
    width,
)
from geventim.terminal.screen.drawing.wrapping import wrap
from geventim.terminal.screen.scene import Choices, Overlay

WIDEST: Final = 90


def lay_over(
    rows: list[Row], overlay: Overlay, columns: int
) -> tuple[list[Row], tuple[int, int] | None]:
    """``rows`` under ``overlay``, and where the cursor is if it has an input."""
    wide = min(columns, WIDEST)
    left = (columns - wide) // 2
    title = shown(overlay.title)
    # What does not fit into the edge stands below it: it may be a question.
    titles = _wrapped(title, wide - 4) if width(title) > wide - 6 else []
    fixed = 2 + (overlay.typed is not None)
    titles = titles[: max(0, len(rows) - fixed)]
    most = max(0 if titles else 1, len(rows) - fixed - len(titles))
    lines = [_top("" if titles else title, wide)]
    lines += (_sides((Segment(text, Style.BOX_STRONG),), wide) for text in titles)
    cursor = None
    if overlay.typed is not None:
        line, column = _typed(overlay, wide - 4)
        cursor = (len(lines), left + 2 + column)
        lines.append(_sides(line, wide))
    lines += _rows(overlay, wide, most)
    # A part of a figure says nothing to whoever looks at it with a camera.
    if len(lines) + len(overlay.figure) < len(rows) and _figure_width(overlay) <= wide - 4:
        lines += (_sides(_figure(line, wide - 4), wide) for line in overlay.figure)
    lines.append(_bottom(overlay.foot, wide))
    lines = lines[: len(rows)]
    top = (len(rows) - len(lines)) // 2
    laid = list(rows)
    for index, line in enumerate(lines):
        # Where there is less room than a box has edges, there is a part of these.
        laid[top + index] = splice(rows[top + index], left, fit(line, wide), columns)
    return laid, None if cursor is None else (top + cursor[0], min(cursor[1], columns - 1))


def lay_choices(rows: list[Row], choices: Choices, columns: int, bottom: int, left: int) -> None:
    """Put ``choices`` on ``rows``, the last one above the row ``bottom``."""
    names = [clip(shown(each.name), 30) for each in choices.choices]
    wide = max(map(width, names))
    for index, (name, each) in enumerate(zip(names, choices.choices, strict=True)):
        row = bottom - len(names) + index
        if row < 0:
            continue
        style = Style.BOX_CHOSEN if index == choices.chosen else Style.BOX
        line: Row = (Segment(f" {name}{' ' * (wide - width(name))} ", style),)
        if each.detail:
            room = columns - left - wide - 3
            detail = clip(shown(each.detail), min(room, 60))
            line = (*line, Segment(f"{detail} " if detail else "", style))
        line = fit(line, min(sum(width(part.text) for part in line), columns - left))
        rows[row] = splice(rows[row], left, line, columns)


def _figure_width(overlay: Overlay) -> int:
    return max(map(width, overlay.figure), default=0)


def _figure(line: str, columns: int) -> Row:
    margin = Segment(" " * max(0, (columns - width(line)) // 2), Style.BOX)
    return (margin, Segment(line, Style.FIGURE))


def _rows(overlay: Overlay, wide: int, most: int) -> list[Row]:
    """As many rows as there is room for, from the top on, or around the one that is chosen."""
    first = overlay.top
    if overlay.chosen >= 0:
        first = max(0, min(overlay.chosen - most // 2, len(overlay.rows) - most))
    left = _left_width(overlay, wide)
    lines: list[Row] = []
    for index, (name, detail) in enumerate(overlay.rows[first : first + most], first):
        style = Style.BOX_CHOSEN if index == overlay.chosen else Style.BOX
        if not detail:
            is_title = overlay.has_titles
            texts = _wrapped(shown(name), wide - 4) if overlay.wraps else [name]
            for text in texts:
                row: Row = (segment(text, Style.BOX_STRONG if is_title else style),)
                lines.append(_sides(fit(row, wide - 4, style), wide))
            continue
        for lead, text in _columns(
            shown(name), shown(detail), left, wide, whole=overlay.has_titles
        ):
            gap = " " * (left - width(lead) + 2)
            row = (Segment(lead, style), Segment(gap, style), Segment(text, style))
            lines.append(_sides(fit(row, wide - 4, style), wide))
    return lines[:most]


def _columns(
    name: str, detail: str, left: int, wide: int, *, whole: bool
) -> Iterator[tuple[str, str]]:
    """What stands left and right in one row; or in several, so that the ``whole`` is seen."""
    if not whole:
        yield clip(name, left), detail
        return
    right = wide - 6 - left
    yield from zip_longest(_wrapped(name, left), _wrapped(detail, right), fillvalue="")


def _wrapped(text: str, columns: int) -> list[str]:
    return [text[start:end].rstrip() for start, end in wrap(text, columns)]


def _left_width(overlay: Overlay, wide: int) -> int:
    """The columns of what stands left."""
    with_detail = [width(shown(name)) for name, detail in overlay.rows[:500] if detail]
    most = (wide - 6) // 3 if overlay.has_titles else (wide - 6) // 2
    return min(max(with_detail, default=0), max(most, 4))


def _typed(overlay: Overlay, columns: int) -> tuple[Row, int]:
    """The input of an overlay, so that its cursor is seen."""
    before = shown((overlay.typed or "")[: overlay.cursor])
    after = shown((overlay.typed or "")[overlay.cursor :])
    while width(before) > columns - 3 and before:
        before = before[1:]
    row = (Segment(f"> {before}{after}", Style.BOX_STRONG),)
    return fit(row, columns, Style.BOX), 2 + width(before)


def _sides(row: Row, wide: int) -> Row:
    inner = fit(row, wide - 4, Style.BOX)
    return (Segment("│ ", Style.BOX), *inner, Segment(" │", Style.BOX))


def _top(title: str, wide: int) -> Row:
    text = clip(title, wide - 6)
    if not text:
        return (Segment(f"┌{'─' * (wide - 2)}┐", Style.BOX),)
    line = "─" * (wide - 5 - width(text))
    return (
        Segment("┌─ ", Style.BOX),
        Segment(text, Style.BOX_STRONG),
        Segment(f" {line}┐", Style.BOX),
    )


def _bottom(foot: str, wide: int) -> Row:
    text = clip(shown(foot), wide - 6)
    if not text:
        return (Segment(f"└{'─' * (wide - 2)}┘", Style.BOX),)
    line = "─" * (wide - 5 - width(text))
    return (Segment(f"└─ {text} {line}┘", Style.BOX),)
