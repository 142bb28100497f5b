import pytest

from geventim.chat.values import Kind
from geventim.client.people.trust import Standing
from geventim.terminal.screen.conversation.items import Person
from geventim.terminal.screen.drawing.cells import Style, row_width
from geventim.terminal.screen.drawing.panels import (
    draw_people,
    draw_places,
    draw_places_line,
    draw_status,
)
from geventim.terminal.screen.scene import Place, Status
from tests.terminal.screen.hostile import NASTY, is_harmless

PLACES = [
    Place("lab", Kind.ROOM, 1, unread=12, mentions=1, keyed=True),
    Place("lobby", Kind.ROOM, 2, is_current=True),
    Place("quiet", Kind.ROOM, 3, unread=5, muted=True),
    Place("bo", Kind.DM, 4, unread=2, standing=Standing.VERIFIED, has_draft=True),
    Place("eve", Kind.DM, 5, standing=Standing.CHANGED),
]


def text(row):
    return "".join(part.text for part in row).rstrip()


def style_of(row, word):
    return next(part.style for part in row if word in part.text)


def test_the_list_says_what_there_is():
    rows = draw_places(PLACES, 24, 10)
    assert [text(row) for row in rows] == [
        "Rooms", "1 #lab⚿              12!", "2 #lobby", "3 #quiet             (5)",
        "People", "4 @bo✎✓                2", "5 @eve!", "", "", "",
    ]  # fmt: skip
    assert all(row_width(row) == 24 for row in rows)


def test_a_call_is_of_another_colour_than_unread():
    rows = draw_places(PLACES, 24, 10)
    assert style_of(rows[1], "12!") is Style.CALL
    assert style_of(rows[2], "lobby") is Style.HERE
    assert style_of(rows[3], "quiet") is Style.PLAIN
    assert style_of(rows[5], "bo") is Style.UNREAD


def test_a_long_list_is_seen_around_the_current_one():
    places = [Place(f"r{n}", Kind.ROOM, is_current=n == 50) for n in range(100)]
    rows = [text(row) for row in draw_places(places, 20, 9)]
    assert "#r50" in rows[4]


def test_a_line_has_the_current_one_and_what_is_new():
    line = draw_places_line(PLACES, 50)
    assert text(line) == " #lobby #lab 12! #quiet (5) @bo 2  +1"
    assert row_width(line) == 50
    assert row_width(draw_places_line(PLACES, 7)) == 7


def test_people_are_listed_with_their_state():
    people = [
        Person("ana", "normal", Standing.VERIFIED), Person("bo", "dnd"),
        Person("cy", "", Standing.CHANGED),
    ]  # fmt: skip
    rows = draw_people(people, 16, 6)
    assert [text(row) for row in rows] == [" 3 here", " ana✓", " bo dnd", " cy!", "", ""]
    assert style_of(rows[3], "cy") is Style.FAINT


def test_many_people_are_counted():
    rows = draw_people([Person(f"n{n}", "normal") for n in range(100)], 16, 5)
    assert [text(row) for row in rows] == [" 100 here", " n0", " n1", " n2", " +97 more"]
    assert len(draw_people([Person("a"), Person("b")], 16, 1)) == 1


STATUS = Status(PLACES[0], 3, "ready", True, elsewhere=4, mentions=1, below=12)


def test_the_status_says_where_and_how():
    row = draw_status(STATUS, 120)
    line = text(row)
    assert line.startswith(" #lab · 3 people")
    assert "end-to-end encrypted, keyed" in line
    assert "↓ 12 new" in line
    assert "4 unread, 1 for you" in line
    assert line.endswith("ready")
    assert style_of(row, "ready") is Style.BAR


@pytest.mark.parametrize("columns", [1, 5, 20, 40, 60, 200])
def test_what_matters_less_goes_first(columns):
    row = draw_status(STATUS, columns)
    assert row_width(row) == columns
    if columns == 60:
        assert "↓ 12 new" in text(row)
        assert "#lab" in text(row)
        assert "encrypted" not in text(row)


def test_who_looks_further_up_is_told_so():
    status = Status(PLACES[1], 2, "ready", is_well=True, is_up=True)
    assert "↓ more" in text(draw_status(status, 60))
    status = Status(PLACES[1], 2, "ready", is_well=True, below=3, is_up=True)
    assert "↓ 3 new" in text(draw_status(status, 60))


def test_a_problem_is_of_another_colour():
    offline = Status(PLACES[4], 2, "reconnecting in 3 s", False, own_status="away")
    row = draw_status(offline, 120)
    assert style_of(row, "reconnecting") is Style.BAR_PROBLEM
    assert style_of(row, "a key has changed") is Style.BAR_PROBLEM
    assert "you: away" in text(row)
    assert "geventim" in text(draw_status(Status(None, 0, "connecting", False), 60))


@pytest.mark.parametrize("name", NASTY)
def test_no_name_breaks_a_row(name):
    place = Place(name, Kind.ROOM, 1, is_current=True, unread=3)
    people = [Person(name, "normal")]
    rows = [
        *draw_places([place], 20, 3),
        draw_places_line([place], 40),
        *draw_people(people, 16, 3),
        draw_status(Status(place, 1, name, True), 80),
    ]
    assert [row_width(row) for row in rows] == [20, 20, 20, 40, 16, 16, 16, 80]
    assert all(is_harmless(text(row)) for row in rows)
