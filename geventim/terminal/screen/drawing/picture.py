"""The whole screen as rows of styled text: a function of the scene and of the size."""

from dataclasses import dataclass

from geventim.terminal.screen.drawing.boxes import lay_choices, lay_over
from geventim.terminal.screen.drawing.bubbles import Look, rows_of
from geventim.terminal.screen.drawing.cells import Row, Segment, Style, fit
from geventim.terminal.screen.drawing.inputs import draw_input
from geventim.terminal.screen.drawing.layout import Layout, lay_out
from geventim.terminal.screen.drawing.panels import (
    draw_guide,
    draw_people,
    draw_places,
    draw_places_line,
    draw_status,
)
from geventim.terminal.screen.scene import Input, Scene

EDGE = Segment("│", Style.EDGE)


@dataclass(frozen=True, slots=True)
class Picture:
    """Rows that have all the columns, and where the cursor is; ``title`` is for the window."""

    rows: tuple[Row, ...]
    cursor: tuple[int, int]
    title: str = ""


def arrange(typed: Input, columns: int, rows: int, *, shows_people: bool) -> Layout:
    """Where everything goes while that is typed."""
    wanted = len(draw_input(typed, columns).rows)
    return lay_out(columns, rows, wanted, shows_people=shows_people)


def draw(scene: Scene, columns: int, rows: int) -> Picture:
    """How ``scene`` looks; ``columns`` and ``rows`` are at least 1."""
    layout = arrange(scene.input, columns, rows, shows_people=scene.shows_people)
    typed = draw_input(scene.input, columns).seen(layout.input)
    lines: list[Row] = []
    if layout.top:
        lines.append(draw_places_line(scene.places, columns))
    lines += _middle(scene, layout)
    lines.append(fit(draw_status(scene.status, columns), columns, Style.BAR))
    first = len(lines)
    lines += [fit(row, columns) for row in typed.rows]
    lines += [fit((), columns)] * (rows - len(lines))
    cursor = (first + typed.row, typed.column)
    if scene.choices is not None:
        lay_choices(lines, scene.choices, columns, first - 1, min(typed.column, columns // 2))
    if scene.overlay is not None:
        lines, inside = lay_over(lines[:rows], scene.overlay, columns)
        cursor = inside or cursor
    row, column = min(cursor[0], rows - 1), min(cursor[1], columns - 1)
    return Picture(tuple(lines[:rows]), (row, column), scene.title)


def _middle(scene: Scene, layout: Layout) -> list[Row]:
    """Messages, between the lists where there is room for these."""
    rows = layout.message_rows
    columns = [_messages(scene, layout)]
    if layout.places:
        columns.insert(0, draw_places(scene.places, layout.places, rows))
    if layout.people:
        columns.append(draw_people(scene.people, layout.people, rows))
    lines: list[Row] = []
    for parts in zip(*columns, strict=True):
        first, *others = parts
        line = first
        for part in others:
            line = (*line, EDGE, *part)
        lines.append(line)
    return lines


def _messages(scene: Scene, layout: Layout) -> list[Row]:
    """The rows of messages: the newest at the bottom, as far as one has not scrolled away."""
    look = Look(layout.message_columns, scene.nick)
    rows: list[Row] = []
    for line in scene.view.lines:
        rows += rows_of(line, look, selected=line.key == scene.selected)
    if scene.view.hidden:
        del rows[-scene.view.hidden :]
    rows = rows[-layout.message_rows :]
    missing = layout.message_rows - len(rows)
    guide = draw_guide(scene.guide, layout.message_columns)
    above = guide if len(guide) <= missing else []
    blank = fit((), layout.message_columns)
    return above + [blank] * (missing - len(above)) + rows
