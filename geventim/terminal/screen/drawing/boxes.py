"""What lies over the screen: a box in its middle, and a small list at the input."""

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
from geventim.terminal.screen.scene import Choices, Overlay

WIDEST: Final = 90


def lay_over(
    rows: list[Row], overlay: Overlay, columns: int
) -> tuple[list[Row], tuple[int, int] | None]:
    """``rows`` under ``overlay``, and where the cursor is if it has an input."""
    wide = min(columns, WIDEST)
    left = (columns - wide) // 2
    fixed = 2 + (overlay.typed is not None)
    most = max(1, len(rows) - fixed)
    first = _first(overlay, most)
    lines = [_top(overlay.title, wide)]
    cursor = None
    if overlay.typed is not None:
        line, column = _typed(overlay, wide - 4)
        cursor = (len(lines), left + 2 + column)
        lines.append(_sides(line, wide))
    shown_rows = overlay.rows[first : first + most]
    key_width = _key_width(overlay, wide)
    for index, (name, detail) in enumerate(shown_rows, first):
        is_title = overlay.has_titles and not detail
        style = Style.BOX_CHOSEN if index == overlay.chosen else Style.BOX
        left_style = Style.BOX_STRONG if is_title else style
        row: Row = (segment(name, left_style),)
        if detail:
            lead = clip(shown(name), key_width)
            gap = " " * (key_width - width(lead) + 2)
            row = (Segment(lead, left_style), Segment(gap, style), segment(detail, style))
        lines.append(_sides(fit(row, wide - 4, style), wide))
    lines.append(_bottom(overlay.foot, wide))
    lines = lines[: len(rows)]
    top = (len(rows) - len(lines)) // 2
    laid = list(rows)
    for index, line in enumerate(lines):
        laid[top + index] = splice(rows[top + index], left, line, columns)
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


def _first(overlay: Overlay, most: int) -> int:
    last = max(len(overlay.rows) - most, 0)
    if overlay.chosen < 0:
        return min(overlay.top, last)
    return max(0, min(overlay.chosen - most // 2, last))


def _key_width(overlay: Overlay, wide: int) -> int:
    with_detail = [width(shown(name)) for name, detail in overlay.rows[:500] if detail]
    return min(max(with_detail, default=0), max((wide - 6) // 2, 4))


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
    text = clip(shown(title), wide - 6)
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
