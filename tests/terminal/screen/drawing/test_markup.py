import pytest
from hypothesis import given
from hypothesis import strategies as st

from geventim.terminal.screen.drawing.cells import Style
from geventim.terminal.screen.drawing.markup import spans_of


def parts(line):
    (spans,) = spans_of([line])
    return [(line[start:end], style) for start, end, style, _ in spans]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("plain words", []),
        ("see https://x.org/a_b_c.", [("https://x.org/a_b_c", Style.LINK)]),
        ("(https://x.org/a)", [("https://x.org/a", Style.LINK)]),
        ("run `ls *.py` now", [("`ls *.py`", Style.CODE)]),
        ("*one* **two** _three_", [
            ("*one*", Style.EMPHASIS), ("**two**", Style.STRONG), ("_three_", Style.EMPHASIS),
        ]),
        ("2 * 3 * 4, snake_case_name, a*b*c", []),
        ("hi @ana, mail x@ana.org", [("@ana", Style.MENTION)]),
        ("> quoted *text*", [("> quoted *text*", Style.QUOTE)]),
        ("`@ana`", [("`@ana`", Style.CODE)]),
    ],
)  # fmt: skip
def test_parts_have_their_style(line, found):
    assert parts(line) == found


def test_a_link_leads_where_it_says():
    (spans,) = spans_of(["https://x.org"])
    assert spans == [(0, 13, Style.LINK, "https://x.org")]


def test_what_is_fenced_is_code():
    lines = ["a", "```py", "*x*", "```", "*y*"]
    styles = [[style for _, _, style, _ in spans] for spans in spans_of(lines)]
    assert styles == [[], [Style.CODE], [Style.CODE], [Style.CODE], [Style.EMPHASIS]]


@given(st.lists(st.text(alphabet="a*_` @>http://x.", max_size=30), max_size=5))
def test_spans_stand_one_behind_the_other(lines):
    for line, spans in zip(lines, spans_of(lines), strict=True):
        place = 0
        for start, end, _, _ in spans:
            assert place <= start < end <= len(line) or not line
            place = end
