"""Which commits are owed, and when: the nearest to who closed a key comes first."""

from dataclasses import dataclass

import pytest

from geventim.client.conversation.owing import LEVEL, REMOVAL, Owing


@dataclass
class Lacking:
    """A vantage that lacks the key of a node on this level."""

    level: int | None

    def lacking(self):
        return self.level


def owing(chance=0):
    now = [100.0]
    return Owing(lambda: now[0], lambda size: bytes([chance]) * size), now


def test_nothing_is_owed_where_no_key_is_lacking():
    made, _ = owing()
    made.look(Lacking(None))
    assert made.healing_at is None


def test_each_level_waits_for_those_who_are_nearer():
    times = []
    for level in (1, 2, 3):
        made, _ = owing(255)
        made.look(Lacking(level))
        times.append(made.healing_at - 100)
    assert times == pytest.approx([LEVEL * level for level in (1, 2, 3)])


def test_no_later_commit_puts_it_off_and_keys_that_come_call_it_off():
    made, now = owing()
    made.look(Lacking(1))
    due = made.healing_at
    now[0] += 0.1
    made.look(Lacking(3))
    assert made.healing_at == due
    made.look(Lacking(None))
    assert made.healing_at is None


def test_a_removal_comes_between_two_and_ten_seconds_and_once():
    for chance, expected in ((0, REMOVAL[0]), (255, REMOVAL[1])):
        made, now = owing(chance)
        made.part()
        now[0] += 1
        made.part()
        assert made.removal_at == 100 + expected
        made.settle()
        assert made.removal_at is None


def test_who_is_out_owes_nothing():
    made, _ = owing()
    made.look(Lacking(1))
    made.part()
    made.clear()
    assert (made.healing_at, made.removal_at) == (None, None)
