import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geventim.chat.values import Kind
from geventim.client import events
from geventim.client.said.aside import Attachment, Count, Quote
from geventim.terminal.screen.conversation.items import Person
from geventim.terminal.screen.drawing.cells import Segment, Style, fit, segment
from geventim.terminal.screen.drawing.picture import Picture
from geventim.terminal.screen.drawing.themes import Theme, table
from geventim.terminal.screen.rim.painter import Painter
from tests.terminal.screen.emulator import Emulator
from tests.terminal.screen.hostile import MANY, is_harmless
from tests.terminal.screen.play import Play, identify

COLUMNS, ROWS = 30, 4


def painter():
    return Painter(table(Theme.DARK))


def picture(*texts, cursor=(0, 0)):
    rows = [fit((segment(text),), COLUMNS) for text in texts]
    return Picture((*rows, *[fit((), COLUMNS)] * (ROWS - len(rows))), cursor)


def test_what_is_painted_is_shown():
    screen = Emulator(COLUMNS, ROWS)
    shown = picture("hello", "漢字 x", cursor=(1, 3))
    screen.feed(painter().paint(shown))
    assert screen.differences(shown) == []
    assert screen.cursor == (1, 3)


def test_only_what_has_changed_is_painted():
    paint = painter().paint
    paint(picture("one two three", "stays"))
    changed = paint(picture("one TWO three", "stays"))
    assert "TWO" in changed
    assert "one" not in changed
    assert "stays" not in changed
    assert paint(picture("one TWO three", "stays")) == ""


def test_a_cursor_that_moves_paints_nothing():
    paint = painter().paint
    paint(picture("one"))
    assert paint(picture("one", cursor=(0, 2))) == "\x1b[1;3H"


def test_another_size_paints_everything():
    paint = painter().paint
    paint(picture("one"))
    assert "one" in paint(Picture((fit((segment("one"),), 5),), (0, 0)))


def test_what_is_forgotten_is_painted_again():
    brush = painter()
    brush.paint(picture("one"))
    brush.forget()
    assert "one" in brush.paint(picture("one"))


def test_links_lead_there_and_end():
    row = fit((Segment("x", Style.LINK, "https://a.b/ü;\x1b"),), COLUMNS)
    text = painter().paint(Picture((row,), (0, 0)))
    assert "\x1b]8;;https://a.b/%C3%BC%3B%1B\x1b\\" in text
    assert text.count("\x1b]8;;") == 2
    assert "\x1b]8" not in Painter(table(Theme.DARK), links=False).paint(Picture((row,), (0, 0)))


def test_a_row_that_nobody_has_made_safe_is_not_obeyed():
    text = painter().paint(Picture((fit((Segment("a\x1b[2Jb"),), COLUMNS),), (0, 0)))
    assert "a\x1b[2J" not in text


def test_the_column_is_said_after_what_terminals_do_not_agree_on():
    text = painter().paint(picture("👩‍👩‍👧 next"))
    assert "👧\x1b[1;3H next" in text


def test_a_terminal_that_finds_a_heart_narrow_shows_nothing_else_of_what_stood_there():
    screen, brush = Emulator(COLUMNS, ROWS), painter()
    screen.feed(brush.paint(picture("saved")))
    told = brush.paint(picture("❤️ 1"))
    # As tmux does.
    screen.feed(told.replace("❤️", "❤"))
    assert screen.screen.display[0].rstrip() == "❤  1"


TEXT = st.text(alphabet="ab 漢한e\u0301", max_size=20)


@settings(max_examples=200)
@given(st.lists(st.lists(TEXT, max_size=ROWS), min_size=1, max_size=6))
def test_a_row_of_changes_shows_the_last(frames):
    screen, brush = Emulator(COLUMNS, ROWS), painter()
    for texts in frames:
        shown = picture(*texts)
        screen.feed(brush.paint(shown))
        assert screen.differences(shown) == []


@settings(max_examples=200)
@given(st.lists(TEXT, min_size=20, max_size=20), st.lists(st.integers(0, 12), min_size=2))
def test_what_moves_up_or_down_shows_the_last(texts, tops):
    screen, brush = Emulator(COLUMNS, 9), painter()
    for top in tops:
        rows = [fit((segment(text),), COLUMNS) for text in ["top", *texts[top : top + 7], "end"]]
        shown = Picture(tuple(rows), (8, 0))
        screen.feed(brush.paint(shown))
        assert screen.differences(shown) == []


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (40, 10)])
def test_a_terminal_shows_what_the_model_says(size):
    play, screen, brush = Play(*size).enter(), Emulator(*size), painter()
    screen.feed("\x1b[?7l")
    for keys in [
        "hi @bo",
        "enter",
        "f1",
        "down",
        "esc",
        "ctrl p",
        "l",
        "esc",
        "page up",
        "up",
        "/",
    ]:
        play.press(*(keys if keys in {"hi @bo"} else [keys]))
        play.hear("one\ntwo https://x.org " * 5)
        shown = play.picture()
        screen.feed(brush.paint(shown))
        assert screen.differences(shown) == []
        assert screen.cursor == shown.cursor


PLACES = {
    "nick": lambda play, text: play.hear("hello", nick=text),
    "message": lambda play, text: play.hear(text),
    "quoted": lambda play, text: play.hear("yes", reply=Quote(identify("q"), text, text)),
    "file": lambda play, text: play.hear("", files=(Attachment(text, text, 5),)),
    "reaction": lambda play, text: play.hear("x", reactions=(Count(text, (text,)),)),
    "notice": lambda play, text: play.tell(events.Notice(text)),
    "conversation": lambda play, text: play.model.world.rooms.have(
        identify("lobby"), text, Kind.ROOM
    ),
    "member": lambda play, text: setattr(
        play.model.world.rooms.current, "people", (Person(text), Person(text, "away"))
    ),
    "input": lambda play, text: (play.press("ctrl c"), play.model.paste(text[:2_000])),
    "reason": lambda play, text: setattr(play.model.world.rooms.current, "hint", text),
    "search": lambda play, text: (
        play.hear(text), play.press("esc", "ctrl f", *"e"),
    ),
    "paste": lambda play, text: (play.press("esc"), play.model.paste(f"{text}{chr(10) * 30}x")),
}  # fmt: skip
"""Where somebody's text may stand."""


def test_there_are_many_of_them():
    assert len(set(MANY)) >= 200


@pytest.mark.parametrize("size", [(200, 50), (80, 24), (40, 10)])
@pytest.mark.parametrize("place", PLACES)
def test_the_screen_is_what_the_model_says_cell_by_cell(size, place):
    play, screen, brush = Play(*size).enter(), Emulator(*size), painter()
    screen.feed("\x1b[?7l")
    for text in MANY:
        PLACES[place](play, text[:3_000])
        shown = play.picture()
        assert all(is_harmless(part.text) for row in shown.rows for part in row)
        screen.feed(brush.paint(shown))
        assert [each for each in screen.differences(shown) if len(each[2]) == 1] == [], text
        assert screen.cursor == shown.cursor
        assert screen.screen.title == ""


@pytest.mark.parametrize("words", [4, 12, 40])
def test_a_new_message_takes_few_bytes(words):
    play, screen, brush = Play(80, 24).enter(), Emulator(80, 24), painter()
    for number in range(50):
        play.hear(f"message number {number} of many " + "word " * words)
    screen.feed(brush.paint(play.picture()))
    play.hear("one more of them " + "word " * words)
    shown = play.picture()
    painted = brush.paint(shown)
    assert len(painted.encode()) <= 1_024
    screen.feed(painted)
    assert screen.differences(shown) == []
