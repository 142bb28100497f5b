import pytest

from geventim.chat.replies import Error, Ok
from geventim.chat.requests import Quit
from geventim.client.steps.effects import Ask, Compute, Labour, Leave, RefusedError, Wait
from geventim.client.steps.exchange import Exchange
from geventim.client.steps.procedure import Procedure
from geventim.errors import MisuseError, PeerError, UserError

QUIT = Ask(Quit(id=0), Ok)
WORK = Compute(Labour.SEALING, lambda: 3)


class Room:
    """Enough of a context for a procedure, and what became of it."""

    def __init__(self):
        self.exchange = Exchange(lambda: 0.0, print)
        self.work = []
        self.ended = []
        self.results = []

    def hand_out(self, wish, resume, fail):
        self.work.append((wish, resume, fail))

    def begin(self, *effects, error=None):
        def operation():
            for effect in effects:
                try:
                    self.results.append((yield effect))
                except RefusedError as refused:
                    self.results.append(refused.code)
            if error is not None:
                raise error

        procedure = Procedure(self, operation(), self.ended.append)
        procedure.begin()
        return procedure


@pytest.fixture
def room():
    return Room()


def test_it_asks_computes_and_waits_and_then_it_is_over(room):
    over = []
    procedure = room.begin(QUIT, WORK, Wait(lambda: bool(over)))
    room.exchange.receive(Ok(id=1), b"payload")
    ((wish, resume, _),) = room.work
    resume(wish.call())
    procedure.poll()
    assert not procedure.over
    over.append(True)
    procedure.poll()
    assert procedure.over
    assert room.results == [(Ok(id=1), b"payload"), 3, None]
    assert room.ended == [None]


def test_a_refusal_is_raised_where_the_answer_was_expected(room):
    room.begin(QUIT)
    room.exchange.receive(Error(id=1, code="no", text="No."))
    assert room.results == ["no"]
    assert room.ended == [None]


@pytest.mark.parametrize("error", [UserError("no", "No."), PeerError("nonsense")])
def test_what_it_does_not_deal_with_ends_it(room, error):
    procedure = room.begin(error=error)
    assert procedure.over
    assert room.ended == [error]


def test_failed_work_is_raised_in_it(room):
    room.begin(WORK)
    error = PeerError("nonsense")
    room.work[0][2](error)
    assert room.ended == [error]


def test_once_closed_it_hears_nothing(room):
    procedure = room.begin(QUIT)
    procedure.close()
    room.exchange.receive(Ok(id=1))
    procedure.poll()
    procedure.close()
    assert procedure.over
    assert (room.results, room.ended) == ([], [])


def test_it_does_not_leave(room):
    with pytest.raises(MisuseError):
        room.begin(Leave())
