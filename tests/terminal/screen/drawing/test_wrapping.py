import pytest
from hypothesis import given
from hypothesis import strategies as st

from geventim.terminal.screen.drawing.cells import Segment, Style, width
from geventim.terminal.screen.drawing.wrapping import break_up, cut_styled, wrap

TEXT = st.text(alphabet="ab 漢👩\u200d👧e\u0301", max_size=60)


def rows(line, columns):
    return [line[start:end].rstrip() for start, end in wrap(line, columns)]


@pytest.mark.parametrize(
    ("line", "columns", "expected"),
    [
        ("one two three", 8, ["one two", "three"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("a bcdefghij", 4, ["a", "bcde", "fghi", "j"]),
        ("漢字漢字", 5, ["漢字", "漢字"]),
        ("", 10, [""]),
        ("exactly8", 8, ["exactly8"]),
        ("12345678 x", 8, ["12345678", "x"]),
    ],
)
def test_lines_are_parted_between_words(line, columns, expected):
    assert rows(line, columns) == expected


@given(TEXT, st.integers(2, 20))
def test_every_row_fits_and_nothing_is_lost(line, columns):
    spans = wrap(line, columns)
    assert "".join(line[start:end] for start, end in spans) == line
    assert all(width(line[start:end].rstrip()) <= columns for start, end in spans)


@given(TEXT, st.integers(2, 20))
def test_an_input_is_parted_anywhere(line, columns):
    spans = break_up(line, columns)
    assert "".join(line[start:end] for start, end in spans) == line
    assert all(width(line[start:end]) <= columns for start, end in spans)


def test_styles_go_on_in_the_next_row():
    line = "see https://x.org/abc now"
    spans = [(4, 21, Style.LINK, "https://x.org/abc")]
    assert cut_styled(line, spans, (0, 10)) == (
        Segment("see "), Segment("https:", Style.LINK, "https://x.org/abc"),
    )  # fmt: skip
    assert cut_styled(line, spans, (10, 25)) == (
        Segment("//x.org/abc", Style.LINK, "https://x.org/abc"), Segment(" now"),
    )  # fmt: skip
