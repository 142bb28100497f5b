"""After a commit a message gets in, and nobody can have calm for ever."""

import pytest

from geventim.service.turns import calms as module
from geventim.service.turns.calms import CALM, Calms
from geventim.service.turns.lines import Rank
from tests.service.doubles import Timers

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


def test_not_more_is_remembered_than_has_its_bound(calms, timers, monkeypatch):
    monkeypatch.setattr(module, "REMEMBERED", 2)
    for number in range(5):
        calms.note_refused(bytes([number]) * 16)
        calms.note_commit(bytes([number]) * 16, removal=True)
    assert len(calms._calms) == 2
