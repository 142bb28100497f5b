import pytest

from geventim.terminal.screen.drawing.boxes import lay_choices, lay_over
from geventim.terminal.screen.drawing.cells import Style, fit, row_width
from geventim.terminal.screen.scene import Choice, Choices, Overlay
from tests.terminal.screen.hostile import NASTY


def blank(columns, rows):
    return [fit((), columns)] * rows


def text(rows):
    return ["".join(part.text for part in row) for row in rows]


def test_a_box_lies_in_the_middle():
    overlay = Overlay("Go to", (("#lab", "3 new"), ("@bo", "")), 0, typed="l", cursor=1, foot="Esc")
    rows, cursor = lay_over(blank(30, 10), overlay, 30)
    assert text(rows)[2:7] == [
        "┌─ Go to ────────────────────┐",
        "│ > l                        │",
        "│ #lab  3 new                │",
        "│ @bo                        │",
        "└─ Esc ──────────────────────┘",
    ]
    assert cursor == (3, 5)
    assert all(row_width(row) == 30 for row in rows)


def test_the_chosen_row_is_seen():
    overlay = Overlay("x", tuple((f"row {n}", "") for n in range(100)), 70)
    rows, cursor = lay_over(blank(40, 12), overlay, 40)
    assert cursor is None
    chosen = [part.text for row in rows for part in row if part.style is Style.BOX_CHOSEN]
    assert "row 70" in "".join(chosen)


def test_a_page_is_scrolled_to_its_end_at_most():
    overlay = Overlay("x", tuple((f"row {n}", "") for n in range(20)), top=19)
    rows, _ = lay_over(blank(40, 12), overlay, 40)
    assert "row 19" in "".join(text(rows))


def test_what_a_page_explains_is_read_whole():
    long = "what it does in so many words that one row is not enough"
    page = Overlay("x", (("keys", ""), ("Ctrl-X", long)), has_titles=True)
    rows, _ = lay_over(blank(40, 12), page, 40)
    said = " ".join(line.strip(" │") for line in text(rows) if line.startswith("│"))
    assert " ".join(said.split()) == f"keys Ctrl-X {long}"


def test_titles_stand_out():
    rows, _ = lay_over(
        blank(40, 9), Overlay("x", (("keys", ""), ("F1", "help")), has_titles=True), 40
    )
    strong = [part.text for row in rows for part in row if part.style is Style.BOX_STRONG]
    assert "keys" in strong


def test_choices_lie_above_the_input():
    rows = blank(40, 6)
    lay_choices(rows, Choices((Choice("/names", "lists"), Choice("/name")), 1), 40, 5, 8)
    assert text(rows)[3].rstrip() == "         /names lists"
    assert text(rows)[4].rstrip() == "         /name"
    assert any(part.style is Style.BOX_CHOSEN for part in rows[4])


@pytest.mark.parametrize("size", [(1, 1), (5, 3), (40, 10), (200, 50)])
@pytest.mark.parametrize("nasty", NASTY[:20])
def test_everything_stays_inside(size, nasty):
    columns, count = size
    overlay = Overlay(nasty, ((nasty, nasty), (nasty, "")), 1, typed=nasty, cursor=3, foot=nasty)
    rows, cursor = lay_over(blank(columns, count), overlay, columns)
    assert [row_width(row) for row in rows] == [columns] * count
    assert len(rows) == count
    assert cursor is None or cursor[1] < columns


def test_a_question_that_is_too_long_for_the_edge_stands_below_it():
    question = "There is no room 'a-name-that-is-long'. Make it? [y/N]"
    overlay = Overlay(question, (), typed="ye", cursor=2)
    laid, cursor = lay_over([()] * 10, overlay, 40)
    rows = ["".join(part.text for part in row) for row in laid]
    inside = [row.strip("│ ") for row in rows if row.startswith("│")]
    assert " ".join(inside[:-1]) == question
    assert inside[-1] == "> ye"
    assert cursor is not None
    assert rows[cursor[0]].startswith("│ > ye")
    assert max(map(len, rows)) == 40
