import pytest

from geventim.client import events
from geventim.client.events import Away, Deleted, Edited, Message, Reacted, TimerSet
from geventim.client.said.aside import Attachment, Count, Quote
from geventim.client.sealing.content import ContentKind
from geventim.terminal.remarks import BRIEF, KNOWN, UNKNOWN, Remarks, lasting
from geventim.terminal.rendering import Renderer

PLACE, ABOUT = "cd" * 16, "ab" * 16


def message(text="hello", kind=ContentKind.ROOM, **named):
    return Message("lobby", kind, "bob", text, 1.0, 3, message_id=ABOUT, **named)


def shown(*told):
    renderer = Renderer("lobby")
    lines = [renderer.render(event) for event in told]
    return None if lines[-1] is None else lines[-1].prefix + lines[-1].text


def reacted(emoji):
    return Reacted("lobby", "eve", emoji, (), PLACE, ABOUT, 3)


@pytest.mark.parametrize(
    ("said", "line"),
    [
        (message(edited=True), "[lobby] bob (edited): hello"),
        (message("", deleted="alice"), "[lobby] bob: (deleted by alice)"),
        (message("/me waves"), "[lobby] bob: * bob waves"),
        (message("/me waves", ContentKind.GROUP), "[Group lobby - bob]: * bob waves"),
        (message(""), f"[lobby] bob: {UNKNOWN}"),
        (
            message(reactions=(Count("👍", ("a", "b")), Count("❤", ("c",)))),
            "[lobby] bob (👍 2; ❤ 1): hello",
        ),
        (
            message(reply=Quote(ABOUT, "eve", "who\nis it?")),
            "[lobby] bob (to eve: who is it?): hello",
        ),
        (message(reply=Quote(ABOUT, "eve", "")), "[lobby] bob (to eve): hello"),
        (
            message(reply=Quote(ABOUT, "eve", "who", "bob")),
            "[lobby] bob (to eve: who, quoted by bob): hello",
        ),
        (
            message("", files=(Attachment("a\x1b.txt", "", 1024),)),
            "[lobby] bob: [file a␛.txt, 1,024 bytes]",
        ),
    ],
)
def test_a_message_shows_what_stands_beside_it(said, line):
    assert shown(said) == line


def test_an_edit_is_shown_as_what_the_message_is_now():
    edited = Edited("lobby", ContentKind.ROOM, "bob", "hello", 9, PLACE, ABOUT, 3)
    assert shown(edited) == "[lobby] bob (edited): hello"


@pytest.mark.parametrize(
    ("told", "line"),
    [
        ([message(), reacted("👍")], "* eve reacts with 👍 to 'hello'."),
        ([message(), reacted("")], "* eve does not react to 'hello' any more."),
        ([reacted("👍")], "* eve reacts with 👍 to an older message."),
        (
            [message(), Deleted("lobby", "bob", PLACE, ABOUT, 3)],
            "* bob has deleted a message in 'lobby'.",
        ),
        ([message(), Deleted("lobby", "", PLACE, ABOUT, 3)], None),
        (
            [message(), Deleted("lobby", "", PLACE, ABOUT, 3), reacted("👍")],
            "* eve reacts with 👍 to an older message.",
        ),
        (
            [Away("bob", "back\x1b[2J at five", "", "lobby", PLACE)],
            "* bob is away: back\u241b[2J at five",
        ),
        ([Away("bob", "", "", "lobby", PLACE)], None),
        (
            [TimerSet("lobby", "bob", 86_400, 1.0, 3, PLACE)],
            "* bob has set that messages in 'lobby' are deleted 1 day after they are read.",
        ),
        (
            [TimerSet("lobby", "bob", 0, 1.0, 3, PLACE)],
            "* bob has set that messages in 'lobby' stay.",
        ),
    ],
)
def test_what_is_said_about_messages_is_a_line(told, line):
    assert shown(*told) == line


def test_no_quote_is_long_or_obeyed():
    line = shown(message(reply=Quote(ABOUT, "eve", "\x1b[2J" + "x" * 200)))
    assert "\x1b" not in line
    assert line.count("x") <= BRIEF


def test_few_messages_are_known_again():
    remarks = Remarks()
    for number in range(KNOWN + 1):
        remarks.note(
            Message("lobby", ContentKind.ROOM, "bob", "hi", 1.0, 3, message_id=str(number))
        )
    assert "older" in remarks.tell(events.Reacted("lobby", "eve", "👍", (), PLACE, "0", 3))
    assert "'hi'" in remarks.tell(events.Reacted("lobby", "eve", "👍", (), PLACE, "1", 3))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(30, "30 seconds"), (60, "1 minute"), (90, "90 seconds"), (7_200, "2 hours")],
)
def test_times_in_words(seconds, text):
    assert lasting(seconds) == text
