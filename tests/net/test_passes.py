"""Who has much to do leaves the event loop to others, and has had the least goes first."""

import time
from types import SimpleNamespace

import gevent

from geventim.net import passes as module
from geventim.net.gate import await_next_pass
from geventim.net.passes import Passes
from tests.greenlets import until


def customer(*, talking=True):
    return SimpleNamespace(served=0.0, talking=talking)


def test_a_pass_of_the_event_loop_is_not_longer_than_its_share(monkeypatch):
    now = 0.0
    monkeypatch.setattr(module.time, "perf_counter", lambda: now)
    passes, done, counts = Passes(lambda: 1.0, 0.25), [], []

    def work():
        nonlocal now
        one = customer()
        for _ in range(6):
            passes.wait(one)
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
    passes, done = Passes(lambda: 1.0, 0.0), []

    def work(name):
        one = customer()
        for _ in range(3):
            passes.wait(one)
            done.append(name)

    gevent.joinall([gevent.spawn(work, name) for name in "abc"], raise_error=True)
    assert "".join(done) == "abcabcabc"


def test_nobody_waits_while_the_pass_is_young():
    passes, others = Passes(lambda: 0.5, 0.75), []
    gevent.spawn(others.append, 1)
    passes.wait(customer())
    assert others == []


def test_who_has_had_the_least_goes_first(monkeypatch):
    now = 0.0
    monkeypatch.setattr(module.time, "perf_counter", lambda: now)
    passes, done = Passes(lambda: 1.0, 0.0), []

    def work(name, takes, times):
        nonlocal now
        one = customer()
        for _ in range(times):
            passes.wait(one)
            done.append(name)
            now += takes

    def come_late():
        while len(done) < 6:
            await_next_pass()
        work("-", 0.0, 1)

    greedy = [gevent.spawn(work, name, takes, 12) for name, takes in (("A", 4.0), ("b", 1.0))]
    gevent.joinall([*greedy, gevent.spawn(come_late)], raise_error=True)
    assert "".join(done).replace("-", "").startswith(("AbbbbAbbbb", "AbbbbbAbbb"))
    assert done.index("-") <= 7


def test_words_count_for_less_than_anything_else(monkeypatch):
    now = 0.0
    monkeypatch.setattr(module.time, "perf_counter", lambda: now)
    passes, done = Passes(lambda: 1.0, 0.0), []

    def work(name, *, talking):
        nonlocal now
        one = customer(talking=talking)
        for _ in range(40):
            passes.wait(one)
            done.append(name)
            now += 1.0

    tasks = [gevent.spawn(work, "a", talking=False), gevent.spawn(work, "b", talking=True)]
    gevent.joinall(tasks, raise_error=True)
    between = "".join(done).split("a")[1:4]
    assert all(module.DEARER - 1 <= len(words) <= module.DEARER + 1 for words in between)


def test_who_comes_late_has_no_more_than_the_others_from_then_on(monkeypatch):
    now = 0.0
    monkeypatch.setattr(module.time, "perf_counter", lambda: now)
    passes, done = Passes(lambda: 1.0, 0.0), []

    def work(name, after):
        nonlocal now
        while len(done) < after:
            await_next_pass()
        one = customer()
        for _ in range(30):
            passes.wait(one)
            done.append(name)
            now += 1.0

    gevent.joinall([gevent.spawn(work, "a", 0), gevent.spawn(work, "b", 15)], raise_error=True)
    late = done.index("b")
    assert 4 <= done[late : late + 10].count("a") <= 6


def test_who_is_killed_while_waiting_holds_up_nobody():
    passes, done = Passes(lambda: 1.0, 0.0), []

    def work(name):
        passes.wait(customer())
        done.append(name)

    first, second = gevent.spawn(work, "a"), gevent.spawn(work, "b")
    gevent.sleep(0)
    first.kill(block=False)
    until(lambda: done)
    second.join()
    assert done == ["b"]
    assert time.perf_counter() > 0
