"""Who is urgent at other nodes is let pass, for a while."""

import pytest

from geventim.service.turns.lines import Rank
from geventim.service.turns.urgency import URGENCY, Urgency
from tests.service.surroundings import Timers

ROOM, OTHER, ONE, TWO = b"r" * 16, b"o" * 16, b"1" * 8, b"2" * 8


@pytest.fixture
def timers():
    return Timers()


@pytest.fixture
def urgency(timers):
    return Urgency(timers)


def waiting(urgency, timers, conversation=ROOM):
    return [rank for rank in Rank if urgency.until(conversation, rank) > timers.now()]


def test_those_of_a_lesser_rank_wait_in_that_conversation(urgency, timers):
    assert waiting(urgency, timers) == []
    urgency.note(ROOM, ONE, Rank.REENTRY)
    assert waiting(urgency, timers) == [Rank.OTHER]
    assert waiting(urgency, timers, OTHER) == []
    urgency.note(ROOM, TWO, Rank.REMOVAL)
    assert waiting(urgency, timers) == [Rank.REENTRY, Rank.OTHER]


def test_until_each_node_says_that_nobody_is(urgency, timers):
    for node in (ONE, TWO):
        urgency.note(ROOM, node, Rank.REENTRY)
    urgency.settle(ROOM, ONE)
    assert waiting(urgency, timers) == [Rank.OTHER]
    urgency.settle(ROOM, TWO)
    urgency.settle(ROOM, TWO)
    assert waiting(urgency, timers) == []


def test_node_that_says_nothing_more_is_not_believed_for_long(urgency, timers):
    urgency.note(ROOM, ONE, Rank.REENTRY)
    timers.advance(URGENCY)
    assert waiting(urgency, timers) == []
    assert urgency._told == {}
