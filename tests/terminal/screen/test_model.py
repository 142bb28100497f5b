import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geventim.client import events, wishes
from geventim.client.people.safety_number import format_number
from geventim.client.people.trust import Standing
from geventim.terminal.screen import keys
from geventim.terminal.screen.drawing.cells import row_width
from geventim.terminal.screen.drawing.layout import lay_out
from geventim.terminal.screen.layers.figure import code_of
from geventim.terminal.screen.orders import Edit, Leave, Redraw, Suspend
from tests.terminal.screen.anything import EVENTS as ANY
from tests.terminal.screen.anything import TEXTS
from tests.terminal.screen.hostile import is_harmless
from tests.terminal.screen.play import Play, identify

KEYS = sorted({key for binding in keys.BINDINGS for key in binding.keys if len(key) < 14})


def test_every_key_does_something_or_nothing(play):
    for key in KEYS:
        play.press(key, "esc")
    assert play.scene()


def test_ctrl_c_empties_and_then_leaves(play):
    play.type("x")
    play.press("ctrl c")
    assert play.input == ""
    assert play.of(Leave) == []
    play.press("ctrl c")
    assert play.scene().input.hint == "Ctrl-C again leaves"
    play.press("a", "backspace", "ctrl c")
    assert play.of(Leave) == []
    play.press("ctrl c")
    assert len(play.of(Leave)) == 1


def test_what_ctrl_c_took_comes_back(play):
    play.type("precious")
    play.press("ctrl c", "meta p")
    assert play.input == "precious"


def test_what_was_typed_before_comes_back_with_arrows(play):
    play.type("one")
    play.press("enter")
    play.type("dra")
    play.press("up")
    assert play.input == "one"
    play.press("down")
    assert play.input == "dra"


def test_arrows_move_between_lines_first(play):
    play.type("one")
    play.press("enter")
    play.type("a\nb")
    play.press("up")
    assert play.input == "a\nb"
    play.press("up")
    assert play.input == "one"


def test_a_chord_needs_both_keys(play):
    play.type("text")
    play.press("ctrl x")
    assert play.orders == []
    play.press("ctrl e")
    assert [order.text for order in play.of(Edit)] == ["text"]
    play.model.written("longer\ntext\n")
    assert play.input == "longer\ntext"
    assert "text" not in repr(play.of(Edit))


@pytest.mark.parametrize(("key", "order"), [("ctrl z", Suspend), ("ctrl l", Redraw)])
def test_some_keys_are_for_whoever_drives_it(play, key, order):
    play.press(key)
    assert len(play.of(order)) == 1


def test_a_paste_is_one_message_whatever_it_begins_with(play):
    play.model.paste("/names\r\n@bo hi\r\n")
    assert play.input == "/names\n@bo hi"
    play.press("enter")
    assert play.said()[0].text == "/names\n@bo hi"
    assert len(play.wanted()) == 1


def test_a_pasted_line_is_typed_text(play):
    play.model.paste("/names")
    play.press("enter")
    assert [type(wish) for wish in play.wanted()] == [wishes.People]


def test_a_large_paste_is_asked_about(play):
    play.model.paste("line\n" * 50)
    assert play.input == ""
    assert "50 lines" in play.scene().overlay.title
    play.press("esc")
    assert play.input == ""
    play.model.paste("line\n" * 50)
    play.press("enter")
    assert play.input.count("\n") == 49
    assert play.scene().overlay is None


def test_a_passphrase_is_asked_for(play):
    answers = []
    play.model.ask("Passphrase", answers.append)
    play.type("sesame")
    assert "sesame" not in "\n".join(play.lines())
    play.press("enter")
    assert answers == ["sesame"]
    assert play.input == ""


def test_people_are_hidden_and_shown(play):
    assert play.scene().shows_people
    play.press("meta m")
    assert not play.scene().shows_people


def test_time_passes_while_one_waits(play):
    assert play.model.wake_at is None
    play.tell(events.Reconnecting(9.0))
    assert play.model.wake_at == play.now + 1


def test_tab_completes_nicks(play):
    play.type("hey @c")
    play.press("tab")
    assert play.input == "hey @cy "


def test_undo_goes_back(play):
    play.type("one two")
    play.press("ctrl w", "ctrl _")
    assert play.input == "one two"


def test_a_remark_is_seen(play):
    play.model.remark("First contact")
    assert "First contact" in "\n".join(play.lines())


EVENTS = st.one_of(
    st.tuples(st.just("hear"), TEXTS, st.sampled_from(["lobby", "lab", "bo", "new"])),
    *ANY.values(),
)

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("key"), st.sampled_from([*KEYS, *"abc @/#:", "enter"])),
        st.tuples(st.just("paste"), TEXTS),
        st.tuples(st.just("size"), st.integers(1, 130), st.integers(1, 50)),
        st.tuples(st.just("focus"), st.booleans()),
        st.tuples(st.just("drop"), st.lists(TEXTS, min_size=1, max_size=3)),
        st.tuples(st.just("answer"), st.booleans()),
        st.tuples(st.just("later"), st.floats(0, 90)),
        EVENTS,
    ),
    max_size=40,
)


@settings(max_examples=100, deadline=None)
@given(STEPS)
def test_whatever_happens_there_is_a_whole_screen(steps):
    play = Play(80, 24).enter()
    for step in steps:
        take(play, step)
        picture = play.picture()
        assert len(picture.rows) == play.rows
        assert all(row_width(row) == play.columns for row in picture.rows)
        row, column = picture.cursor
        assert 0 <= row < play.rows
        assert 0 <= column < play.columns
        layout = lay_out(play.columns, play.rows, 1)
        assert layout.message_rows >= 1


def take(play, step):
    """Have that happen."""
    match step:
        case ("key", key):
            play.press(key)
        case ("paste", text):
            play.model.paste(text)
        case ("drop", paths):
            play.model.drop(paths, " ".join(paths))
        case ("size", columns, rows):
            play.resize(columns, rows)
        case ("focus", focused):
            play.model.focus(focused)
        case ("later", seconds):
            play.now += seconds
        case ("hear", text, room):
            play.hear(text, room=room)
        case ("answer", True):
            play.supply()
        case ("answer", False):
            for wish in play.wanted()[:3]:
                play.orders.remove(wish)
                play.refused(wish, "No.")
        case _:
            play.tell(step)


@pytest.mark.parametrize("kind", ANY)
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_every_event_is_taken_and_shows_nothing_but_text(kind, data):
    play = Play(80, 24).enter()
    for number in range(5):
        play.hear(f"text {number}", message_id=identify(f"message {number}"))
    play.tell(data.draw(ANY[kind]))
    assert all(is_harmless(part.text) for row in play.picture().rows for part in row)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from([*"ab\n", "left", "meta 1", "meta 2", "up", "f1", "esc"])),
    st.lists(EVENTS, max_size=5),
)
def test_what_is_typed_is_never_lost(pressed, told):
    play = Play(80, 24).enter()
    play.press(*pressed)
    before = {room.id: room.editor.text for room in play.model.world.rooms}
    for event in told:
        if isinstance(event, events.ConversationChanged) and (event.gone or event.draft):
            continue
        take(play, event)
    play.resize(40, 10)
    play.picture()
    kept = {room.id: room.editor.text for room in play.model.world.rooms}
    assert {place: kept.get(place) for place in before} == before


def test_a_link_for_a_browser_is_shown_whole_until_it_is_closed(play):
    url = "http://127.0.0.1:46123/#abcdefghijklmnopqrstuv"
    play.tell(events.Web(url))
    assert any(url in line for line in play.lines())
    play.press("x")
    assert play.scene().overlay is not None
    play.press("esc")
    assert play.scene().overlay is None


def boxed(play):
    """The rows in a box that is as wide as the screen."""
    return [line.strip("│ ") for line in play.lines() if line.startswith("│ ")]


NUMBER = "64200092020791992374858412166884189657087710498271" + "3285229964"


def test_a_safety_number_is_shown_with_its_code_and_confirmed(play):
    play.type("dra")
    play.tell(events.SafetyNumber("bo", NUMBER, Standing.UNVERIFIED))
    lines = play.lines()
    assert any(format_number(NUMBER) in line for line in lines)
    assert any(row in line for row in code_of(NUMBER)[3:6] for line in lines)
    assert "".join(lines).count("▀") > 20
    play.press("enter")
    assert play.scene().overlay is None
    assert play.scene().input.text == "/verify bo ok"
    # What stood there is not lost.
    play.press("up")
    assert play.scene().input.text == "dra"


def test_a_safety_number_that_was_compared_is_only_shown(play):
    play.tell(events.SafetyNumber("bo", NUMBER, Standing.VERIFIED))
    assert any("Safety number with bo (verified)" in line for line in play.lines())
    play.press("enter")
    assert play.scene().overlay is None
    assert play.scene().input.text == ""


def test_digits_are_shown_whole_where_there_is_no_room_for_a_code(play):
    play.resize(40, 10)
    play.tell(events.SafetyNumber("bo", NUMBER, Standing.UNVERIFIED))
    assert " ".join(boxed(play)) == format_number(NUMBER)


def test_a_link_is_shown_whole_on_any_screen(play):
    url = "http://127.0.0.1:46123/#abcdefghijklmnopqrstuv"
    play.resize(40, 10)
    play.tell(events.Web(url))
    assert "".join(boxed(play)).endswith(url)
