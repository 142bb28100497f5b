import pytest
from hypothesis import given
from hypothesis import strategies as st

from geventim.terminal.screen.drawing.layout import lay_out


@pytest.mark.parametrize(
    ("columns", "rows", "places", "people", "top"),
    [(120, 40, 24, 20, 0), (100, 30, 20, 16, 0), (99, 30, 19, 0, 0), (80, 24, 16, 0, 0),
     (60, 20, 12, 0, 0), (59, 20, 0, 0, 1), (40, 10, 0, 0, 1)],
)  # fmt: skip
def test_parts_go_where_there_is_no_room(columns, rows, places, people, top):
    layout = lay_out(columns, rows, 1)
    assert (layout.places, layout.people, layout.top) == (places, people, top)


def test_people_go_when_they_are_not_wanted():
    assert lay_out(120, 40, 1, shows_people=False).people == 0


def test_the_input_grows_up_to_eight_rows():
    assert [lay_out(80, 24, wanted).input for wanted in (0, 1, 5, 50)] == [1, 1, 5, 8]
    assert lay_out(40, 10, 50).input == 4


@given(st.integers(1, 300), st.integers(3, 100), st.integers(0, 30))
def test_everything_fits(columns, rows, wanted):
    layout = lay_out(columns, rows, wanted)
    edges = bool(layout.places) + bool(layout.people)
    assert layout.places + layout.message_columns + layout.people + edges == columns
    assert layout.top + layout.message_rows + 1 + layout.input == rows
    assert layout.message_rows >= 1
    assert layout.message_columns >= 1
