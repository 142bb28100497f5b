"""The clock, and calls in the future."""

import time

import gevent
import pytest
from gevent.event import Event

from geventim.net.timers import Timers
from tests.conftest import PATIENCE


def test_now_is_the_time_of_day():
    before = time.time()
    assert before <= Timers().now() <= time.time()


def test_calls_come_in_the_order_of_their_times():
    timers, calls, done = Timers(), [], Event()
    timers.later(0.02, lambda: (calls.append("late"), done.set()))
    timers.later(0.01, lambda: calls.append("early"))
    assert calls == []
    assert done.wait(PATIENCE)
    assert calls == ["early", "late"]


def test_what_has_elapsed_begins_anew_with_each_pass(monkeypatch):
    timers, begun = Timers(), gevent.get_hub().loop.now()
    monkeypatch.setattr(time, "time", lambda: begun + 0.25)
    assert timers.elapsed() == pytest.approx(0.25)
    monkeypatch.setattr(time, "time", lambda: begun - 3600)
    assert timers.elapsed() == 0
    monkeypatch.undo()
    time.sleep(0.01)  # a pass that takes as long
    long = timers.elapsed()
    gevent.sleep(0.001)
    assert timers.elapsed() < 0.01 <= long


def test_call_that_is_cancelled_is_not_made():
    timers, calls, done = Timers(), [], Event()
    cancelled = timers.later(0.01, lambda: calls.append("cancelled"))
    timers.later(0.02, done.set)
    cancelled.cancel()
    cancelled.cancel()
    assert done.wait(PATIENCE)
    assert calls == []


def test_call_may_be_cancelled_when_it_has_been_made():
    timers, done = Timers(), Event()
    made = timers.later(0, done.set)
    assert done.wait(PATIENCE)
    made.cancel()
