"""Connections without a login are bounded in number and in time."""

from itertools import pairwise
from types import SimpleNamespace

import gevent
import pytest

from geventim.net import handshakes as module
from geventim.net.handshakes import PATIENCE, TURNS, Handshakes


class Clock:
    """Time passes while somebody sleeps, and not otherwise."""

    def __init__(self):
        self.now = 1000.0
        self.until = 1000.0

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        wake = self.now + seconds
        while wake > self.until:
            gevent.sleep(0)
        self.now = max(self.now, wake)

    def advance(self, seconds):
        """Let so much pass; sleepers wake as their time comes."""
        self.until += seconds
        for _ in range(10):
            gevent.sleep(0)
        self.now = self.until


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    double = SimpleNamespace(spawn=gevent.spawn, sleep=clock.sleep)
    monkeypatch.setattr(module, "gevent", double)
    yield clock
    clock.until += 1e9  # nobody sleeps on
    gevent.sleep(0)


@pytest.fixture
def dropped():
    return []


@pytest.fixture
def connection(dropped):
    """Makes a call that drops a connection of that name."""

    def make(name):
        return lambda: dropped.append(name)

    return make


def test_at_the_bound_the_oldest_is_dropped(clock, connection, dropped):
    handshakes = Handshakes(clock, bound=3)
    for name in "abcde":
        handshakes.begin(connection(name))
        assert len(handshakes) <= 3
    assert dropped == ["a", "b"]
    handshakes.drop_all()


def test_who_has_finished_is_not_dropped_and_makes_room(clock, connection, dropped):
    handshakes = Handshakes(clock, bound=2)
    first, second = connection("first"), connection("second")
    handshakes.begin(first)
    handshakes.begin(second)
    handshakes.finish(first)
    handshakes.finish(first)  # at the login and at the end
    handshakes.begin(connection("third"))
    assert dropped == []
    handshakes.begin(connection("fourth"))
    assert dropped == ["second"]
    handshakes.drop_all()


def test_each_has_its_own_ten_seconds(clock, connection, dropped):
    handshakes = Handshakes(clock)
    handshakes.begin(connection("a"))
    clock.advance(4)
    handshakes.begin(connection("b"))
    finished = connection("c")
    handshakes.begin(finished)
    handshakes.finish(finished)
    clock.advance(PATIENCE - 4 - 0.01)
    assert dropped == []
    clock.advance(0.02)
    assert dropped == ["a"]
    clock.advance(4)
    assert dropped == ["a", "b"]
    assert len(handshakes) == 0


def test_later_ones_are_timed_too(clock, connection, dropped):
    handshakes = Handshakes(clock)
    handshakes.begin(connection("a"))
    clock.advance(PATIENCE + 1)
    clock.advance(100)
    handshakes.begin(connection("b"))
    clock.advance(PATIENCE - 1)
    assert dropped == ["a"]
    clock.advance(2)
    assert dropped == ["a", "b"]


def test_all_can_be_dropped(clock, connection, dropped):
    handshakes = Handshakes(clock)
    for name in "abc":
        handshakes.begin(connection(name))
    handshakes.drop_all()
    assert dropped == ["a", "b", "c"]
    clock.advance(PATIENCE + 1)
    assert dropped == ["a", "b", "c"]


class TestTurns:
    @pytest.fixture
    def done(self):
        return []

    @pytest.fixture
    def arrive(self, clock, connection, done):
        """Has somebody come who takes as many turns as there are words."""
        handshakes = Handshakes(clock)

        def take_turns(name, words):
            drop = connection(name)
            handshakes.begin(drop)
            for number, word in enumerate(words):
                handshakes.take_turn(drop, is_new=number == 0)
                done.append(f"{name} {word}")
            handshakes.finish(drop)

        def arrive(name, *words):
            return gevent.spawn(take_turns, name, words)

        return arrive

    def test_others_are_served_after_a_few(self, arrive, done):
        """What was ready before the next turns is not kept waiting by those in line."""
        comers = [arrive(str(number), "hello") for number in range(3 * TURNS)]
        passes = []
        watcher = gevent.get_hub().loop.check()
        watcher.start(lambda: passes.append(len(done)))
        gevent.joinall(comers)
        watcher.stop()
        watcher.close()
        steps = [after - before for before, after in pairwise([0, *passes, len(done)])]
        assert max(steps) == TURNS
        assert done == [f"{number} hello" for number in range(3 * TURNS)]

    def test_who_has_begun_comes_before_who_has_not(self, arrive, done):
        comers = [arrive(str(number), "hello", "login") for number in range(2 * TURNS)]
        gevent.joinall(comers)
        # The first turns go to two who take both at once; four in line have begun in the next pass.
        last_new = done.index(f"{TURNS // 2 + TURNS} hello")
        for number in range(TURNS // 2 + TURNS):
            assert done.index(f"{number} login") < last_new

    def test_time_in_line_does_not_count(self, clock, connection, dropped):
        handshakes = Handshakes(clock)
        late = connection("late")
        for drop in (late, connection("silent")):
            handshakes.begin(drop)
        handshakes._turns = 0
        in_line = gevent.spawn(handshakes.take_turn, late, is_new=True)
        gevent.sleep(0)
        clock.advance(PATIENCE + 1)
        assert dropped == ["silent"]
        handshakes._turns = TURNS
        handshakes.take_turn(connection("other"), is_new=True)
        in_line.join()
        clock.advance(PATIENCE - 0.01)
        assert dropped == ["silent"]
        clock.advance(0.02)
        assert dropped == ["silent", "late"]
