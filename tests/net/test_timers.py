"""The clock, and calls in the future."""

import time

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
