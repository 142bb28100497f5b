"""After a commit a message gets in, and nobody can have calm for ever."""

import pytest

from geventim.service.turns.calms import CALM, HELP, HUSH, Calms
from geventim.service.turns.lines import Rank
from tests.service.surroundings import Timers

ROOM, OTHER = b"r" * 16, b"o" * 16


@pytest.fixture
def timers():
    return Timers()


@pytest.fixture
def calms(timers):
    return Calms(timers)


def waiting(calms, timers, conversation=ROOM):
    """Whose turns wait now."""
    return [rank for rank in Rank if calms.until(conversation, rank) > timers.now()]


def test_message_that_was_refused_holds_back_all_but_what_is_urgent(calms, timers):
    assert calms.note_refused(ROOM)
    assert waiting(calms, timers) == [Rank.OTHER]
    assert waiting(calms, timers, OTHER) == []
    timers.advance(CALM)
    assert waiting(calms, timers) == []


def test_message_ends_it(calms, timers):
    calms.note_refused(ROOM)
    assert calms.note_message(ROOM)
    assert waiting(calms, timers) == []
    assert not calms.note_message(ROOM)


def test_it_comes_once_after_each_commit(calms, timers):
    calms.note_refused(ROOM)
    calms.note_message(ROOM)
    assert not calms.note_refused(ROOM)
    assert waiting(calms, timers) == []
    calms.note_commit(ROOM, removal=False)
    assert calms.note_refused(ROOM)


def test_commit_while_it_lasts_does_not_begin_it_anew(calms, timers):
    calms.note_refused(ROOM)
    timers.advance(CALM / 2)
    calms.note_commit(ROOM, removal=False)
    assert not calms.note_refused(ROOM)
    timers.advance(CALM / 2)
    assert waiting(calms, timers) == []


def test_removal_holds_back_everybody(calms, timers):
    calms.note_commit(ROOM, removal=True)
    assert waiting(calms, timers) == list(Rank)
    timers.advance(CALM)
    assert waiting(calms, timers) == []


def test_not_more_is_remembered_than_has_its_bound(timers):
    calms = Calms(timers, most=2)
    for number in range(5):
        calms.note_refused(bytes([number]) * 16)
        calms.note_commit(bytes([number]) * 16, removal=True)
    assert len(calms._calms) == 2


def test_who_got_in_anew_has_time_to_help(calms, timers):
    calms.note_reentry(ROOM)
    assert waiting(calms, timers) == list(Rank)
    assert not calms.note_message(ROOM), "anybody can write something"
    assert waiting(calms, timers) == list(Rank)
    timers.advance(HUSH)
    assert waiting(calms, timers) == []


def test_that_is_longer_while_others_ask_and_has_an_end(calms, timers):
    calms.note_reentry(ROOM)
    calms.note_ask(OTHER)
    began = timers.now()
    while waiting(calms, timers):
        calms.note_ask(ROOM)
        timers.advance(HUSH / 2)
    assert timers.now() - began == pytest.approx(HELP, abs=HUSH / 2)
    calms.note_ask(ROOM)
    assert waiting(calms, timers) == []


def test_asking_makes_no_other_calm_longer(calms, timers):
    calms.note_refused(ROOM)
    timers.advance(CALM - 0.1)
    calms.note_ask(ROOM)
    timers.advance(0.1)
    assert waiting(calms, timers) == []
