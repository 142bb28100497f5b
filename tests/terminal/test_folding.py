from hypothesis import given
from hypothesis import strategies as st
from wcwidth import wcwidth

from geventim.terminal.folding import INDENT, fold


def test_a_line_that_fits_is_left_alone():
    assert fold("x" * 40, 40) == "x" * 40
    assert fold("grüße", 40) == "grüße"


def test_words_stay_whole():
    assert fold("a line that is rather long", 21) == "a line that is \n    rather long"


def test_what_pretends_to_be_a_new_line_is_indented():
    forged = "bob: hi" + " " * 33 + "[Server]: you are banned"
    first, *others = fold(forged, 40).split("\n")
    assert first == "bob: hi" + " " * 33
    assert all(row.startswith(INDENT) for row in others)


def test_a_word_longer_than_a_row_is_cut():
    assert fold("x" * 50, 40) == "x" * 40 + "\n" + INDENT + "x" * 10


def test_wide_characters_count_twice():
    assert fold("你" * 21, 40) == "你" * 20 + "\n" + INDENT + "你"


def test_a_terminal_too_narrow_for_anything_is_left_to_itself():
    assert fold("x" * 50, 10) == "x" * 50


texts = st.text(st.sampled_from("ab  你é\u0301👍"), max_size=200)


@given(texts, st.integers(20, 60))
def test_every_row_fits_and_nothing_is_lost(line, columns):
    first, *others = fold(line, columns).split("\n")
    assert all(row.startswith(INDENT) for row in others)
    assert "".join([first, *(row.removeprefix(INDENT) for row in others)]) == line
    for row in (first, *others):
        assert sum(max(wcwidth(char), 0) for char in row) <= columns
