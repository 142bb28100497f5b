"""Who has much to do leaves the event loop to others."""

import time

import gevent

from geventim.net import passes as module
from geventim.net.gate import await_next_pass
from geventim.net.passes import Passes
from tests.greenlets import until


def test_a_pass_of_the_event_loop_is_not_longer_than_its_share(monkeypatch):
    now = 0.0
    monkeypatch.setattr(module.time, "perf_counter", lambda: now)
    passes, done, counts = Passes(0.25), [], []

    def work():
        nonlocal now
        for _ in range(6):
            passes.wait()
            done.append(1)
            now += 0.125

    def watch():
        while len(done) < 18:
            await_next_pass()
            counts.append(len(done))

    gevent.joinall([gevent.spawn(watch), *(gevent.spawn(work) for _ in range(3))], raise_error=True)
    steps = [after - before for before, after in zip([0, *counts], counts, strict=False)]
    assert max(steps) <= 4  # two passes at most between two looks
    assert sum(steps) == 18


def test_all_have_their_turn(monkeypatch):
    monkeypatch.setattr(module.time, "perf_counter", lambda: 0.0)
    passes, done = Passes(0.0), []

    def work(name):
        for _ in range(3):
            passes.wait()
            done.append(name)

    gevent.joinall([gevent.spawn(work, name) for name in "abc"], raise_error=True)
    assert "".join(done) == "abcabcabc"


def test_who_is_killed_while_waiting_holds_up_nobody():
    passes, done = Passes(0.0), []

    def work(name):
        passes.wait()
        done.append(name)

    first, second = gevent.spawn(work, "a"), gevent.spawn(work, "b")
    gevent.sleep(0)
    first.kill(block=False)
    until(lambda: done)
    second.join()
    assert done == ["b"]
    assert time.perf_counter() > 0
