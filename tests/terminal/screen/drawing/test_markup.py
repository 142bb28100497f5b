import pytest
from hypothesis import given
from hypothesis import strategies as st

from geventim.terminal.screen.drawing.cells import Style, row_width
from geventim.terminal.screen.drawing.markup import lines_of
from tests.terminal.screen.hostile import NASTY, is_harmless


def rows(text, columns=40, **options):
    return [row for line in lines_of(text, **options) for row in line.rows(columns)]


def drawn(text, columns=40, **options):
    return ["".join(part.text for part in row).rstrip() for row in rows(text, columns, **options)]


def parts(text):
    return [(part.text, part.style) for row in rows(text) for part in row]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("plain words", [("plain words", Style.PLAIN)]),
        ("`ls *.py`", [("ls *.py", Style.CODE)]),
        ("*one* **two _three_**", [
            ("one", Style.EMPHASIS), (" ", Style.PLAIN), ("two ", Style.STRONG),
            ("three", Style.STRONG),
        ]),
        ("2 * 3 * 4, snake_case_name", [("2 * 3 * 4, snake_case_name", Style.PLAIN)]),
        ("hi @ana, x@y", [
            ("hi ", Style.PLAIN), ("@ana", Style.MENTION), (", x@y", Style.PLAIN),
        ]),
        ("`@ana`", [("@ana", Style.CODE)]),
        ("> said", [("▎ ", Style.QUOTE), ("said", Style.QUOTE)]),
    ],
)  # fmt: skip
def test_parts_have_their_style(text, found):
    assert parts(text) == found


def test_a_link_leads_where_it_says():
    (row,) = rows("https://x.org")
    assert [(part.text, part.link) for part in row] == [("https://x.org", "https://x.org")]


def test_a_link_that_says_something_else_shows_where_it_leads():
    assert drawn("[your bank](https://evil.org)") == ["your bank <https://evil.org>"]
    assert {part.link for row in rows("[a](https://b.org)") for part in row} == {"https://b.org"}


def test_a_block_of_code_keeps_its_spaces_and_its_width():
    text = "look:\n```py\nif x:\n    return\n\n  y\n```\ndone"
    assert drawn(text) == ["look:", "py", "if x:", "    return", "", "  y", "done"]
    code = [row for row in rows(text) if row[0].style is Style.CODE_BLOCK]
    assert [row_width(row) for row in code] == [40] * 4


def test_lists_and_quotes_stand_within_each_other():
    assert drawn("1. one\n2. two\n   - deep\n\n> a\n> > b") == [
        "1. one", "2. two", "   • deep", "▎ a", "▎ ▎ b",
    ]  # fmt: skip


def test_what_goes_on_stands_below_its_beginning():
    assert drawn("- one two three", 14) == ["• one two", "  three"]
    assert drawn("> one two three", 14) == ["▎ one two", "▎ three"]


def test_where_there_is_no_room_words_come_first():
    assert drawn("> > > > one two", 13) == ["one two"]


def test_paragraphs_stand_apart():
    assert drawn("one\n\ntwo\nthree") == ["one", "", "two", "three"]


@pytest.mark.parametrize("text", ["def f():\n    return *x*", "a\n\tb", "a\n\n\n\nb"])
def test_what_is_laid_out_stays_as_it_is(text):
    assert drawn(text) == text.replace("\t", "    ").split("\n")


def test_what_is_plain_means_what_it_says():
    assert parts("*a* @b") != [("*a* @b", Style.PLAIN)]
    assert drawn("- *a* @b", is_plain=True) == ["- *a* @b"]


@pytest.mark.parametrize("text", NASTY)
@pytest.mark.parametrize("columns", [2, 13, 40])
@pytest.mark.parametrize(
    "around", ["{}", "> {}", "- *{}*", "```\n{}\n```", "`{}`", "[{}](http://x)"]
)
def test_nothing_gets_out_of_its_columns(text, columns, around):
    for row in rows(around.format(text), columns):
        assert row_width(row) <= columns
        assert all(is_harmless(part.text) for part in row)


@given(st.text(alphabet="a*_`\n @>-1.[](http://x.)#", max_size=80), st.integers(2, 50))
def test_no_word_is_lost(text, columns):
    letters = [char for char in text if char.isalpha()]
    seen = [char for line in drawn(text, columns) for char in line if char.isalpha()]
    assert len(seen) >= len(letters) or "[" in text or "`" in text
