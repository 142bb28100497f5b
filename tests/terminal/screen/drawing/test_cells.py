import pytest
from hypothesis import given
from hypothesis import strategies as st

from geventim.terminal.screen.drawing.cells import (
    Segment,
    Style,
    clip,
    clip_middle,
    cut,
    fit,
    row_width,
    segment,
    shown,
    splice,
    width,
)
from tests.terminal.screen.hostile import NASTY

TEXT = st.text(alphabet="ab漢한👩\u200d👧e\u0301🇩🇪", max_size=20) | st.sampled_from(
    [text.replace("\n", " ")[:500] for text in NASTY]
)
ROW = st.lists(st.builds(segment, TEXT, st.sampled_from(Style)), max_size=4).map(tuple)


@pytest.mark.parametrize("text", NASTY)
def test_nothing_that_is_shown_is_obeyed(text):
    safe = shown(text.replace("\n", " "))
    assert not any(ord(char) < 32 or 0x7F <= ord(char) < 0xA0 for char in safe)
    assert "\u202e" not in safe


@pytest.mark.parametrize(
    ("text", "columns"),
    [("abc", 3), ("漢字", 4), ("👩‍👩‍👧", 2), ("e\u0301", 1), ("\u0301", 1), ("", 0)],
)
def test_clusters_are_measured(text, columns):
    assert width(text) == columns


@pytest.mark.parametrize(
    ("text", "columns", "kept"),
    [
        ("abcdef", 4, "abc…"),
        ("abcd", 4, "abcd"),
        ("漢字漢", 4, "漢…"),
        ("abc", 0, ""),
        ("abc", 1, "…"),
    ],
)
def test_what_does_not_fit_is_cut_with_a_sign(text, columns, kept):
    assert clip(text, columns) == kept


@given(ROW, st.integers(0, 60))
def test_a_row_has_exactly_its_columns(row, columns):
    assert row_width(fit(row, columns)) == columns


@given(ROW, st.integers(0, 40), st.integers(0, 40))
def test_a_part_has_its_columns(row, start, more):
    row = fit(row, 80)
    assert row_width(cut(row, start, start + more)) == more


@given(ROW, ROW, st.integers(0, 40))
def test_what_lies_over_a_row_covers_its_columns_only(row, over, start):
    row, over = fit(row, 80), fit(over, 20)
    laid = splice(row, start, over, 80)
    assert row_width(laid) == 80
    assert row_width(cut(laid, start, start + 20)) == 20


def test_half_of_a_wide_character_is_blank():
    assert cut((Segment("漢字"),), 1, 4) == (Segment(" 字"),)


def test_tabs_go_to_their_stops():
    assert shown("a\tb") == "a   b"


def test_of_a_name_the_end_is_seen():
    assert clip_middle("short.pdf", 20) == "short.pdf"
    assert clip_middle("a very long name that hides.pdf.exe", 20) == "a very long….pdf.exe"
    assert width(clip_middle("漢" * 40 + ".txt", 21)) <= 21
    assert clip_middle("a long name.pdf", 10) == "a long na…"


def test_what_has_no_width_stands_on_nothing_else():
    assert shown("\u0301a") == " \u0301a"
    assert shown("a\u3164b") == "a<U+3164>b"
