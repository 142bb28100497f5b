from types import SimpleNamespace

import pytest

from geventim.chat.values import Kind
from geventim.client.conversation.timer_line import FREE, SPACE, TimerLine
from geventim.client.kept.memory import Memory
from geventim.client.kept.record import Record


class Place:
    """A conversation whose timer others set."""

    def __init__(self):
        self.now, self.told = 1000.0, []
        self.user = SimpleNamespace(
            memory=Memory({}), emit=self.told.append, clock=lambda: self.now
        )
        self.record = Record(b"c" * 16, Kind.ROOM, "lobby", b"i" * 16)
        self.line = TimerLine(self.user, self.record)

    def set(self, seconds, *, is_own=False):
        self.record.timer, self.record.timer_set = seconds, self.record.timer_set + 1
        self.line.put("me" if is_own else "bob", 5.0, is_own=is_own)

    @property
    def seconds(self):
        return [event.seconds for event in self.told]


@pytest.fixture
def place():
    return Place()


def test_it_is_told_who_has_set_it(place):
    place.set(60)
    (event,) = place.told
    assert (event.conversation, event.nick, event.seconds) == ("lobby", "bob", 60)
    assert (event.date, event.seq, event.conversation_id) == (5.0, 1, place.record.id.hex())
    assert place.line.wake_at is None


def test_of_many_the_last_is_told(place):
    for seconds in range(1000):
        place.set(seconds)
    assert len(place.told) == FREE
    assert place.line.is_waiting
    place.line.poll()
    assert len(place.told) == FREE
    place.now = place.line.wake_at
    place.line.poll()
    assert place.seconds == [*range(FREE), 999]
    assert not place.line.is_waiting
    assert place.now <= 1000 + SPACE


def test_what_the_user_sets_is_told_at_once(place):
    for seconds in range(FREE + 2):
        place.set(seconds)
    place.set(77, is_own=True)
    assert place.told[-1].nick == "me"
    assert place.seconds == [*range(FREE), 77]
    assert place.line.wake_at is None


def test_what_waits_is_told_after_a_restart(place):
    for seconds in range(FREE + 2):
        place.set(seconds)
    again = TimerLine(place.user, place.record)
    assert again.wake_at is not None
    again.poll()
    assert place.seconds == [*range(FREE), FREE + 1]
    assert TimerLine(place.user, place.record).wake_at is None


def test_what_waits_is_nothing_once_somebody_unheard_has_set_it(place):
    for seconds in range(FREE + 2):
        place.set(seconds)
    place.line.drop()
    place.now += SPACE
    place.line.poll()
    assert len(place.told) == FREE
