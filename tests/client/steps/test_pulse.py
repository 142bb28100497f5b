"""When to ask for a sign of life, and when to hang up; a second is one look."""

from dataclasses import replace

import pytest

from geventim.client.steps.pulse import AWAY, IDLE, PATIENCE, Advice, Pulse, Seen

START = 1_700_000_000.0
QUIET = Seen(said=3, heard=5, unconfirmed=0, is_awaited=False, is_read=True)


class Line:
    """A connection that is looked at each second, and what was advised when."""

    def __init__(self):
        self.now, self.date, self.seen = 0.0, START, QUIET
        self.pulse = Pulse(self.now, self.date, self.seen)
        self.advised = []

    def see(self, **fields):
        self.seen = replace(self.seen, **fields)

    def say(self):
        self.see(said=self.seen.said + 1)

    def hear(self):
        self.see(heard=self.seen.heard + 1)

    def look(self, seconds=1.0, *, date=None):
        self.now += seconds
        self.date += seconds if date is None else date
        advice = self.pulse.look(self.now, self.date, self.seen)
        if advice is Advice.ASK:
            self.say()
        if advice is not Advice.NOTHING:
            self.advised.append((self.now, advice))
        return advice

    def pass_time(self, seconds, *more):
        for _ in range(int(seconds)):
            for call in more:
                call()
            self.look()


@pytest.fixture
def line():
    return Line()


def test_the_promised_times_leave_the_server_and_the_network_some(line):
    assert (IDLE, PATIENCE) == (25.0, 15.0)
    assert IDLE + PATIENCE + 2 <= 45


def test_where_nothing_is_said_we_ask_again_and_again_and_are_answered(line):
    for _ in range(3):
        line.pass_time(IDLE)
        line.hear()
        line.look()
    assert line.advised == [(25.0, Advice.ASK), (51.0, Advice.ASK), (77.0, Advice.ASK)]


def test_who_only_hears_asks_as_well_so_that_the_server_hears(line):
    line.pass_time(60, line.hear)
    assert line.advised == [(25.0, Advice.ASK), (51.0, Advice.ASK)]


def test_who_only_speaks_asks_as_well(line):
    line.pass_time(25, line.say)
    assert line.advised == [(25.0, Advice.ASK)]


def test_where_both_speak_nobody_asks(line):
    line.pass_time(1000, line.say, line.hear)
    assert line.advised == []


def test_a_peer_that_died_in_silence_is_noticed_in_forty_seconds(line):
    line.pass_time(45)
    assert line.advised[:2] == [(25.0, Advice.ASK), (40.0, Advice.HANG_UP)]


def test_a_peer_that_spoke_when_it_was_asked_and_died_then_is_noticed_as_soon(line):
    line.pass_time(25, line.hear)
    assert line.advised == [(25.0, Advice.ASK)]
    line.pass_time(15)
    assert line.advised[1:] == [(40.0, Advice.HANG_UP)]


def test_a_peer_that_does_not_answer_a_request_is_noticed_in_fifteen(line):
    line.pass_time(10)
    line.say()
    line.see(is_awaited=True)
    line.pass_time(14)
    assert line.advised == []
    assert line.look() is Advice.HANG_UP


def test_an_answer_that_waits_behind_much_else_is_not_missed(line):
    line.see(is_awaited=True)
    line.pass_time(100, line.hear, line.say)
    assert line.advised == []


def test_a_slow_line_that_takes_what_we_say_is_not_dead(line):
    line.see(is_awaited=True, unconfirmed=1_000_000)
    for left in range(100, 0, -1):
        line.see(unconfirmed=left * 1000)
        line.pass_time(10, line.say)
    assert not [advice for _, advice in line.advised if advice is Advice.HANG_UP]
    line.pass_time(20)
    assert line.advised[-1][1] is Advice.HANG_UP


def test_while_we_do_not_read_silence_is_our_own(line):
    """A terminal that is stopped holds up who shows something, not the connection."""
    line.see(is_read=False, is_awaited=True)
    line.pass_time(200)
    assert {advice for _, advice in line.advised} == {Advice.ASK}
    assert len(line.advised) == 8, "the server has to hear of us meanwhile"
    line.see(is_read=True)
    line.pass_time(14)
    assert line.advised[-1][1] is Advice.ASK


@pytest.mark.parametrize(
    ("monotonic", "wall"),
    [(1.0, 3600.0), (3600.0, 3600.0), (1.0, -3600.0)],
    ids=["a machine that slept", "a program that was stopped", "a clock that was set"],
)
def test_who_was_away_asks_at_once_and_gives_the_peer_time(line, monotonic, wall):
    line.see(is_awaited=True)
    line.pass_time(14)
    assert line.look(monotonic, date=wall) is Advice.ASK
    line.pass_time(14)
    assert [advice for _, advice in line.advised] == [Advice.ASK]
    assert line.look() is Advice.HANG_UP


def test_a_little_jitter_is_no_absence(line):
    assert line.look(AWAY, date=AWAY) is Advice.NOTHING
    assert line.look(1.0, date=1.0 - AWAY) is Advice.NOTHING
