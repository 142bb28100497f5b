"""Connections without a login are bounded in number and in time."""

from types import SimpleNamespace

import gevent
import pytest

from geventim.net import handshakes as module
from geventim.net.handshakes import PATIENCE, Handshakes


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
