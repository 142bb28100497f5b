import pytest
from hypothesis import given
from hypothesis import strategies as st

from geventim.terminal.screen.drawing.cells import Style, row_width, width
from geventim.terminal.screen.drawing.inputs import draw_input
from geventim.terminal.screen.scene import Input


def lines(typed):
    return ["".join(part.text for part in row) for row in typed.rows]


def test_the_prompt_says_where_it_goes():
    typed = draw_input(Input("hello", 5, "#lobby"), 40)
    assert lines(typed) == ["#lobby> hello"]
    assert (typed.row, typed.column) == (0, 13)
    private = draw_input(Input("@bo x", 5, "@bo, privately"), 60)
    assert private.rows[0][0].style is Style.PROMPT_PRIVATE


def test_lines_follow_each_other():
    typed = draw_input(Input("one\ntwo", 4, "#lobby"), 40)
    assert lines(typed) == ["#lobby> one", "  two"]
    assert (typed.row, typed.column) == (1, 2)


def test_a_long_line_goes_on_in_the_next_row():
    typed = draw_input(Input("abcdefghij", 7, "#l"), 10)
    assert lines(typed) == ["#l> abcde", "    fghij"]
    assert (typed.row, typed.column) == (1, 6)


def test_the_cursor_stands_where_the_next_row_begins():
    typed = draw_input(Input("abcdefghij", 5, "#l"), 10)
    assert (typed.row, typed.column) == (1, 4)


def test_what_is_not_seen_otherwise_is_shown():
    typed = draw_input(Input("a\x1bb", 2, "#l"), 40)
    assert lines(typed) == ["#l> a␛b"]
    assert typed.column == 6


def test_a_long_hint_is_read_in_several_rows():
    hint = "The room is keyed, and whoever wants to be in it says its key behind its name"
    typed = draw_input(Input("x", 1, "#l", hint), 40)
    assert " ".join(line.rstrip() for line in lines(typed)[1:]) == hint
    typed = draw_input(Input("x", 1, "#l", hint * 9), 40)
    assert len(typed.rows) == 4


def test_a_hint_stands_below():
    typed = draw_input(Input("x", 1, "#l", "No.", True), 40)
    assert typed.rows[-1][0].style is Style.PROBLEM
    assert lines(typed)[-1] == "No."


def test_as_much_as_fits_is_seen_around_the_cursor():
    typed = draw_input(Input("\n".join("abcdef"), 4, "#l"), 40).seen(2)
    assert [line.strip() for line in lines(typed)] == ["b", "c"]
    assert typed.row == 1


@given(
    st.text(alphabet="ab \n漢👩\u200d👧\x1b\te\u0301", max_size=60),
    st.integers(0, 60),
    st.integers(9, 60),
    st.integers(1, 8),
)
def test_the_cursor_is_always_seen(text, cursor, columns, most):
    typed = draw_input(Input(text, min(cursor, len(text)), "#lobby"), columns).seen(most)
    assert 1 <= len(typed.rows) <= most
    assert 0 <= typed.row < len(typed.rows)
    assert 0 <= typed.column < columns
    assert all(row_width(row) <= columns for row in typed.rows)


@pytest.mark.parametrize("name", ["x" * 300, "漢" * 100, "\x1b[2J"])
def test_a_long_name_leaves_room(name):
    typed = draw_input(Input("text", 4, name), 40)
    assert width(lines(typed)[0]) < 40
