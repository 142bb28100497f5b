from datetime import datetime

import pytest

from geventim.app.files.raster import Raster
from geventim.terminal.screen.conversation.items import (
    Day,
    Delivery,
    File,
    New,
    Quoted,
    Remark,
    Said,
    Tone,
    Traffic,
)
from geventim.terminal.screen.drawing.bubbles import Look, author_style, rows_of, traffic
from geventim.terminal.screen.drawing.cells import Style, row_width
from tests.terminal.screen.hostile import NASTY, is_harmless

DATE = datetime(2026, 11, 30, 10, 46).timestamp()
WIDE, NARROW = Look(60, "ana"), Look(38, "ana")


def said(text, author="bo", **fields):
    return Said("k", author, text, DATE, **fields)


def lines(item, look=WIDE, **options):
    rows = rows_of(item, look, **options)
    assert all(row_width(row) == look.columns for row in rows)
    return ["".join(part.text for part in row).rstrip() for row in rows]


def styles(item, look=WIDE):
    return {part.style for row in rows_of(item, look) for part in row}


def test_only_the_first_row_says_when_and_who():
    assert lines(said("one\ntwo")) == ["10:46         bo │ one", "                 │ two"]


def test_on_a_narrow_screen_names_stand_above():
    assert lines(said("hello", verified=True), NARROW) == ["10:46 bo✓", "  hello"]


def test_what_is_verified_is_marked_and_names_cannot_be():
    assert "bo✓ │" in lines(said("x", verified=True))[0]
    assert "bo │" in lines(said("x"))[0]


def test_what_became_of_it_is_said():
    assert lines(said("x", mine=True, delivery=Delivery.QUEUED))[0].endswith("x (queued)")
    refused = said("x", mine=True, delivery=Delivery.REFUSED, reason="too large")
    assert lines(refused)[0].endswith("x (not sent: too large)")
    long = said("y" * 40, mine=True, delivery=Delivery.QUEUED)
    assert lines(long)[-1].endswith("│ (queued)")
    assert lines(said("x", mine=True, delivery=Delivery.SENT))[0].endswith("│ x")


def test_what_stands_beside_a_message_is_shown_with_it():
    item = said(
        "yes", quoted=Quoted("cy", "a\nb"), reactions=(("👍", 2), ("❤️", 1)), edited=True,
        files=(File("a.png", 12_345),),
    )  # fmt: skip
    rows = [line.split("│ ")[1] for line in lines(item)]
    assert rows == ["↪ cy: a b", "yes", "▤ a.png · 12.3 KB (edited)", "👍 2  ❤️ 1"]


def test_who_puts_words_into_the_mouth_of_somebody_is_named():
    item = said("yes", quoted=Quoted("cy", "it was me", by="eve"))
    assert "↪ cy, quoted by eve: it was me" in lines(item)[0]


def test_a_deleted_message_says_so():
    assert lines(said("", deleted_by="cy"))[0].endswith("│ (deleted by cy)")


def test_a_file_needs_no_text():
    assert len(lines(said("", files=(File("a.png", 1),)))) == 1
    (alone,) = lines(said("", files=(File("a.png", 1),), kind="secret"))
    assert "[secret] " in alone
    assert "a.png" in alone


@pytest.mark.parametrize("text", NASTY)
def test_nothing_beside_a_message_breaks_it(text):
    item = said("x", quoted=Quoted(text, text), reactions=((text, 1),), files=(File(text, 1),))
    rows = lines(item)
    assert len(rows) == 4
    assert all(map(is_harmless, rows))


def test_a_secret_is_marked():
    assert "│ [secret] x" in lines(said("x", kind="secret"))[0]
    assert lines(said("y" * 42, kind="secret"))[0].endswith("[secret]")


def test_links_lead_where_they_say():
    (row,) = rows_of(said("see https://x.org/a, ok"), WIDE)
    assert [(part.text, part.link) for part in row if part.link] == [
        ("https://x.org/a", "https://x.org/a")
    ]


@pytest.mark.parametrize(
    ("text", "style"),
    [("hi @ana", Style.MENTION), ("> quoted", Style.QUOTE), ("https://x.org", Style.LINK)],
)
def test_parts_have_their_style(text, style):
    assert style in styles(said(text))


def test_what_somebody_does_is_said_with_their_name():
    assert lines(said("/me waves"))[0].endswith("bo │ * bo waves")


def test_what_is_plain_has_no_style():
    assert Style.MENTION not in styles(said("hi @ana", plain=True))


def test_who_came_and_went_is_folded():
    came = ("ana", "bo", "cy", "dan", "eve")
    assert traffic(Traffic("k", DATE, came)) == "ana, bo and 3 others came"
    assert traffic(Traffic("k", DATE, ("ana",), ("bo", "cy"))) == "ana came; bo and cy left"
    assert traffic(Traffic("k", DATE, ("ana", "bo", "cy"))) == "ana, bo and cy came"


def test_remarks_are_no_messages():
    (line,) = lines(Remark("k", DATE, "[Server]: You are loud."))
    assert "│" not in line
    assert line.endswith("[Server]: You are loud.")
    assert Style.PROBLEM in styles(Remark("k", DATE, "x", tone=Tone.PROBLEM))


def test_days_and_news_are_lines():
    assert " Monday, 30 November 2026 " in lines(Day("k", DATE))[0]
    assert " new " in lines(New())[0]


def test_what_is_selected_is_seen_whole():
    rows = rows_of(said("one\ntwo"), WIDE, selected=True)
    assert {part.style for row in rows for part in row} == {Style.SELECTED}


def test_somebody_has_always_the_same_colour():
    assert author_style("bo") is author_style("Bo")


@pytest.mark.parametrize("text", NASTY)
@pytest.mark.parametrize("look", [WIDE, NARROW, Look(12, "ana")])
def test_nothing_forges_a_message(text, look):
    for item in [said(text), said("x", text), Remark("k", DATE, text), Traffic("k", DATE, (text,))]:
        rows = lines(item, look)
        assert all(map(is_harmless, rows))
        if isinstance(item, Said) and item.text == text and look is WIDE:
            # All but the first begin with the mark of what goes on.
            assert all(row.startswith(" " * 16 + " │") for row in rows[1:])
        if isinstance(item, Said) and item.text == text and look is NARROW:
            assert all(row.startswith("  ") or not row for row in rows[1:])


def test_a_picture_stands_below_the_name_of_its_file_and_above_what_others_feel():
    cat = File("cat.jpg", 5, raster=Raster(2, 4, bytes(24)))
    rows = lines(said("look", files=(cat,), reactions=(("🎉", 2),)))
    assert [row.partition("│ ")[2] for row in rows] == [
        "look",
        "▤ cat.jpg · 5 bytes",
        "▀▀",
        "▀▀",
        "🎉 2",
    ]
    assert not any("▀" in row for row in lines(said("look", files=(cat,)), NARROW))
