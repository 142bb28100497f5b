"""Nothing above the input is ever drawn again."""

import re

import pytest

from geventim.client import events
from geventim.client.sealing.content import ContentKind
from geventim.terminal.screen.rim.narrator import Narrator
from tests.terminal.screen.emulator import Emulator
from tests.terminal.screen.hostile import MANY, is_harmless
from tests.terminal.screen.play import Play, identify

UPWARDS = re.compile(r"\x1b\[(?!K|\d+D)|\x1bM|\x1b7")
"""Whatever could bring the cursor out of its row, or change what stands above it."""


class Listener:
    """Somebody who hears what a narrator writes."""

    def __init__(self, columns=80, rows=24):
        self.play = Play(columns, rows).enter()
        self.narrator = Narrator()
        self.emulator = Emulator(columns, rows)
        self.hear()

    def hear(self):
        """What is written now."""
        text = self.narrator.show(self.play.scene(), self.play.columns, self.play.rows)
        assert not UPWARDS.search(text)
        self.emulator.feed(text)
        return text

    def press(self, *keys):
        self.play.press(*keys)
        return self.hear()


@pytest.fixture
def listener():
    return Listener()


def test_a_message_is_written_once_above_the_input(listener):
    listener.press(*"draft")
    listener.play.hear("good morning")
    text = listener.hear()
    assert text.startswith("\r\x1b[K")
    assert "bo │ good morning\r\n#lobby> draft" in text
    assert listener.hear() == ""
    assert listener.emulator.screen.display[listener.emulator.cursor[0]].startswith("#lobby> draft")


def test_a_letter_at_the_end_writes_nothing_else(listener):
    listener.press("a")
    assert listener.press("b") == "b"
    assert listener.press("left") == "\r\x1b[K#lobby> ab\x1b[1D"
    assert listener.press("backspace") == "\r\x1b[K#lobby> b\x1b[1D"


def test_what_a_message_has_become_is_added(listener):
    message = listener.play.hear("helo")
    listener.hear()
    where = {"conversation_id": identify("lobby"), "message_id": message, "order": 1}
    listener.play.tell(events.Edited("lobby", ContentKind.ROOM, "bo", "hello", 2, **where))
    assert "hello (edited)\r\n" in listener.hear()


def test_ones_own_message_is_written_once_whatever_becomes_of_it(listener):
    listener.press(*"hello")
    assert "hello" in listener.press("enter")
    (say,) = listener.play.said()
    listener.play.hear("hello", nick="ana", request=say.id)
    assert "hello" not in listener.hear()


def test_what_opens_and_what_is_chosen_there_is_told(listener):
    assert "Go to. Enter goes there" in listener.press("ctrl p")
    first = listener.press("down")
    assert first.count("\r\n") == 1
    assert listener.press("esc").count("\r\n") == 0
    assert "F1" in listener.press("f1")


def test_what_is_selected_is_told(listener):
    listener.play.hear("one")
    listener.play.hear("two")
    listener.hear()
    assert "> bo: two\r\n" in listener.press("up")
    assert "> bo: one\r\n" in listener.press("up")


def test_another_conversation_begins_with_its_name(listener):
    listener.play.hear("over here", room="lab")
    listener.hear()
    text = listener.press("meta 1")
    assert text.index(" #lab") < text.index("over here") < text.index("#lab> ")


def test_the_connection_is_told_once(listener):
    listener.play.tell(events.Reconnecting(9.0))
    assert "reconnecting\r\n" in listener.hear()
    listener.play.now += 3
    assert listener.hear() == ""


def test_nothing_that_somebody_writes_is_obeyed(listener):
    for text in MANY:
        listener.play.hear(text[:2_000])
        told = listener.hear()
        assert is_harmless(re.sub(r"\r\x1b\[K|\r\n|\x1b\[\d+D", "", told))
