"""What stands around the messages: the list of conversations, people, the status line."""

from collections.abc import Sequence
from typing import Final

from geventim.chat.values import Kind
from geventim.client.people.trust import Standing
from geventim.terminal.screen.conversation.items import Person
from geventim.terminal.screen.drawing.bubbles import VERIFIED, author_style
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
from geventim.terminal.screen.scene import Place, Status, Step

SIGNS: Final = {Kind.DM: "@", Kind.ROOM: "#", Kind.GROUP: "#"}

GUIDE_KEYS: Final = "  F2 does them · F1 has all keys · Esc hides this"

KEYED: Final = "⚿"
CHANGED: Final = "!"
DRAFT: Final = "✎"


def draw_places(places: Sequence[Place], columns: int, rows: int) -> list[Row]:
    """The list of conversations; where there are more than rows, around the current one."""
    titles: list[Row] = []
    current = 0
    kind: Kind | None = None
    names = {Kind.ROOM: "Rooms", Kind.GROUP: "Groups", Kind.DM: "People"}
    for place in places:
        if place.kind is not kind:
            kind = place.kind
            titles.append((Segment(names[kind], Style.FAINT),))
        if place.is_current:
            current = len(titles)
        titles.append(_place(place, columns))
    first = max(0, min(current - rows // 2, len(titles) - rows))
    shown_rows = titles[first : first + rows]
    shown_rows += [()] * (rows - len(shown_rows))
    return [fit(row, columns, row[-1].style if row else Style.PLAIN) for row in shown_rows]


def _place(place: Place, columns: int) -> Row:
    style = _place_style(place)
    count = _count(place)
    number = f"{place.number} " if place.number else "  "
    marks = (KEYED if place.keyed else "") + (DRAFT if place.has_draft else "")
    marks += {Standing.VERIFIED: VERIFIED, Standing.CHANGED: CHANGED}.get(
        place.standing or Standing.UNVERIFIED, ""
    )
    name = shown(SIGNS[place.kind] + place.name)
    left = columns - width(number) - width(marks) - width(count) - 1
    name = clip(name, left)
    gap = " " * max(1, left - width(name) + 1)
    counted = Style.CALL if place.mentions else style
    return (
        Segment(number, style if place.is_current else Style.FAINT),
        Segment(name + marks, style),
        Segment(gap, style),
        Segment(count, counted),
    )


def _count(place: Place) -> str:
    if place.muted and not place.mentions:
        return "muted" if not place.unread else f"({place.unread})"
    if place.mentions:
        return f"{place.unread}!"
    return str(place.unread) if place.unread else ""


def _place_style(place: Place) -> Style:
    if place.is_current:
        return Style.HERE
    if place.mentions:
        return Style.CALL
    return Style.UNREAD if place.unread and not place.muted else Style.PLAIN


def draw_places_line(places: Sequence[Place], columns: int) -> Row:
    """The conversations in one line: the current one, then those with something new."""
    shown_places = [place for place in places if place.is_current]
    news = [place for place in places if place.unread and not place.is_current]
    shown_places += sorted(news, key=lambda place: -place.mentions)
    row: list[Segment] = []
    for place in shown_places:
        count = f" {_count(place)}" if _count(place) else ""
        style = Style.BAR_CALL if place.mentions else Style.BAR
        row.append(Segment(" ", Style.BAR))
        name = f"{SIGNS[place.kind]}{place.name}{count}"
        row.append(segment(name, Style.BAR_STRONG if place.is_current else style))
    quiet = len(places) - len(shown_places)
    if quiet:
        row.append(Segment(f"  +{quiet}", Style.BAR))
    return fit(tuple(row), columns, Style.BAR)


def draw_people(people: Sequence[Person], columns: int, rows: int) -> list[Row]:
    """Who is here."""
    count = len(people)
    lines: list[Row] = [(Segment(f" {count} here" if count else "", Style.FAINT),)]
    room = rows - 1
    shown_people = people if count <= room else people[: max(room - 1, 0)]
    for person in shown_people:
        mark = VERIFIED if person.standing is Standing.VERIFIED else ""
        mark = CHANGED if person.standing is Standing.CHANGED else mark
        style = author_style(person.nick) if person.status else Style.FAINT
        note = f" {person.status}" if person.status in {"away", "dnd"} else ""
        name = clip(shown(person.nick), columns - 1 - width(mark) - width(note))
        lines.append((Segment(f" {name}{mark}", style), Segment(note, Style.FAINT)))
    if len(shown_people) < count and room > 0:
        lines.append((Segment(f" +{count - len(shown_people)} more", Style.FAINT),))
    lines += [()] * (rows - len(lines))
    return [fit(row, columns) for row in lines[:rows]]


def draw_guide(steps: Sequence[Step], columns: int) -> list[Row]:
    """What somebody who is new may want to do."""
    if not steps:
        return []
    rows: list[Row] = [(Segment(" First steps", Style.STRONG), Segment(GUIDE_KEYS, Style.FAINT))]
    wide = max(width(step.name) for step in steps)
    for step in steps:
        mark = Segment(f" {VERIFIED} " if step.is_done else " · ", Style.OWN)
        name = Segment(step.name.ljust(wide), Style.FAINT if step.is_done else Style.PLAIN)
        rows.append((mark, name, segment(f"  {step.detail}", Style.FAINT)))
    return [fit(row, columns) for row in [*rows, ()]]


def draw_status(status: Status, columns: int) -> Row:
    """Where one is and how it stands; what matters less is left out where there is no room."""
    right: list[Segment] = []
    if status.below:
        right.append(Segment(f" ↓ {status.below} new ", Style.BAR_CALL))
    elif status.is_up:
        right.append(Segment(" ↓ more ", Style.BAR_STRONG))
    if status.mentions or status.elsewhere:
        calls = f", {status.mentions} for you" if status.mentions else ""
        style = Style.BAR_CALL if status.mentions else Style.BAR_STRONG
        right.append(Segment(f" {status.elsewhere} unread{calls} ", style))
    style = Style.BAR if status.is_well else Style.BAR_PROBLEM
    right.append(segment(f" {status.connection} ", style))
    parts = [part for part in _where(status) if part.text]
    while parts and row_width((*parts, *right)) > columns and len(parts) > 1:
        parts.pop()
    room = columns - row_width(tuple(right))
    if room < 0:
        return fit(tuple(right), columns, Style.BAR)
    return (*fit(tuple(parts), room, Style.BAR), *right)


def _where(status: Status) -> list[Segment]:
    place = status.place
    if place is None:
        return [Segment(" geventim", Style.BAR_STRONG)]
    trust = {
        Standing.VERIFIED: "all verified",
        Standing.CHANGED: "a key has changed",
        Standing.UNVERIFIED: "not verified",
        None: "",
    }[place.standing]
    secure = "end-to-end encrypted" + (", keyed" if place.keyed else "")
    people = f"{status.people} {'person' if status.people == 1 else 'people'}"
    bad = place.standing is Standing.CHANGED
    return [
        segment(f" {SIGNS[place.kind]}{place.name}", Style.BAR_STRONG),
        Segment(f" · {people}" if status.people else "", Style.BAR),
        Segment(f" · {trust}" if trust else "", Style.BAR_PROBLEM if bad else Style.BAR),
        Segment(f" · {secure}", Style.BAR),
        Segment(f" · you: {status.own_status}" if status.own_status != "normal" else "", Style.BAR),
    ]
