"""Who is next of those who wait."""

import math

import pytest

from geventim.chat.requests import TakeTurn
from geventim.chat.values import Conversation, Kind, Purpose
from geventim.service.sessions import Session
from geventim.service.turns.lines import Line, Phase, Rank, Turn
from tests.service.identities import account

GROUP = Conversation(b"g" * 16, Kind.GROUP, "crew", account("alice").id)


def make(nick, purpose=Purpose.COMMIT, conversation=GROUP):
    session = Session(None)
    session.account = account(nick)
    request = TakeTurn(id=1, conversation=conversation.id, purpose=purpose)
    return Turn(session, request, conversation, b"", has_written=True)


def order(turn):
    return turn.rank, False, 0, turn.number


def behind(late):
    """The order in which ``late`` is behind others of its rank."""
    return lambda turn: (turn.rank, turn is late, 0, turn.number)


def at_once(_turn):
    return 0.0


@pytest.mark.parametrize(
    ("nick", "purpose", "kind", "rank"),
    [
        ("alice", Purpose.REMOVE, Kind.GROUP, Rank.REMOVAL),
        ("bob", Purpose.REMOVE, Kind.GROUP, Rank.OTHER),
        ("alice", Purpose.REMOVE, Kind.ROOM, Rank.OTHER),
        ("bob", Purpose.REENTER, Kind.GROUP, Rank.REENTRY),
        ("alice", Purpose.COMMIT, Kind.GROUP, Rank.OTHER),
        ("bob", Purpose.JOIN, Kind.ROOM, Rank.OTHER),
    ],
)
def test_rank_follows_from_who_wants_what(nick, purpose, kind, rank):
    conversation = Conversation(b"g" * 16, kind, "crew", account("alice").id)
    assert make(nick, purpose, conversation).rank is rank


def test_first_of_the_best_rank_whose_time_has_come_is_next():
    line = Line()
    late, other, second, reentry = (
        make("bob", Purpose.REENTER),
        make("carol"),
        make("dave"),
        make("erin", Purpose.REENTER),
    )
    times = {late: 7.0, other: 0.0, second: 0.0, reentry: 3.0}
    for turn in times:
        line.join(turn, order)
    assert line.choose(1.0, times.get, order) is other
    assert line.choose(3.0, times.get, order) is reentry
    assert line.choose(9.0, times.get, order) is late
    assert line.choose(1.0, times.get, behind(other)) is second
    assert line.choose(-1.0, times.get, order) == 0.0
    assert Line().choose(1.0, times.get, order) == math.inf


def test_who_was_put_back_is_where_it_was():
    line = Line()
    first, second = make("bob"), make("carol")
    for turn in (first, second):
        line.join(turn, order)
    line.hold(first)
    assert (line.held, first.phase) == (first, Phase.NEXT)
    line.put_back(first)
    assert line.choose(0.0, at_once, order) is first


def test_too_long_a_line_loses_its_last():
    line = Line(2)
    first, second, third = make("bob"), make("carol"), make("dave")
    assert [line.join(turn, order) for turn in (first, second, third)] == [None, None, third]
    reentry = make("erin", Purpose.REENTER)
    assert line.join(reentry, behind(first)) is first
    assert line.waiting == [second, reentry]


def test_turn_on_its_way_is_not_up_to_its_session():
    line = Line()
    turn = make("bob")
    line.join(turn, order)
    assert line.turns_of(turn.session) == [turn]
    line.hold(turn)
    assert line.turns_of(turn.session) == [turn]
    turn.phase = Phase.USED
    assert line.turns_of(turn.session) == []
    line.remove(turn)
    assert line.is_empty
