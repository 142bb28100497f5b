"""What the server was too busy for waits, and the user hears of it when that takes long."""

import pytest

from geventim.chat.replies import Error, Ok, Turn
from geventim.chat.requests import GiveUpTurn, ListNames, TakeTurn
from geventim.chat.values import Purpose
from geventim.client.steps.deferrals import Deferrals
from geventim.client.steps.effects import Ask

LIST = Ask(ListNames(id=0), Ok)
ROOM, OTHER = b"r" * 16, b"o" * 16


class Desk:
    def __init__(self):
        self.time = 100.0
        self.told = []
        self.replies = []
        self.deferrals = Deferrals(lambda: self.time, self.told.append)

    def refuse(self, ask=LIST, wait=1.0, code="busy"):
        error = Error(id=1, code=code, text="t", wait=wait)
        return self.deferrals.defer(ask, lambda reply, _: self.replies.append(reply), error)


@pytest.fixture
def desk():
    return Desk()


@pytest.mark.parametrize(("code", "wait"), [("storage_failed", 1.0), ("busy", 0.0)])
def test_what_time_does_not_mend_is_not_kept(desk, code, wait):
    assert not desk.refuse(code=code, wait=wait)
    assert desk.deferrals.wake_at is None
    assert not desk.deferrals.take(LIST, print)


def test_a_short_wait_is_not_spoken_of(desk):
    assert desk.refuse(wait=2.0)
    assert desk.told == []


def test_a_long_wait_is_spoken_of_once(desk):
    assert desk.refuse(wait=2.5)
    assert desk.refuse(wait=2.5)
    assert desk.told == [2.5]


def test_no_server_is_waited_for_longer_than_a_minute(desk):
    assert desk.refuse(wait=float("inf"))
    assert desk.deferrals.wake_at == 160.0


def test_short_waits_add_up(desk):
    for _ in range(4):
        assert desk.refuse(wait=1.0)
        desk.time += 1.0
        assert len(desk.deferrals.take_due()) == 1
    assert desk.told == [1.0]
    desk.deferrals.settle()
    desk.refuse(wait=3.0)
    assert desk.told == [1.0, 3.0]


def test_a_turn_that_is_given_up_is_not_asked_for_again(desk):
    turn = Ask(TakeTurn(id=0, conversation=ROOM, purpose=Purpose.COMMIT), Turn)
    other = Ask(TakeTurn(id=0, conversation=OTHER, purpose=Purpose.COMMIT), Turn)
    assert desk.refuse(turn)
    assert desk.refuse(other)
    assert not desk.deferrals.take(Ask(GiveUpTurn(id=0, conversation=ROOM), Ok), print)
    assert [reply.code for reply in desk.replies] == ["no_turn"]
    desk.time += 1.0
    assert [ask for ask, _ in desk.deferrals.take_due()] == [other]


def test_an_agent_waits_and_goes_on_by_itself(world, alice):
    for number in range(9):
        alice.say(f"@status {('dnd', 'away')[number % 2]}")
    world.advance(1.0)
    assert alice.undelivered == 4
    world.advance(10.0)
    assert world.store.account_named("alice").status == "dnd"
    assert (alice.undelivered, alice.refused) == (0, 0)
