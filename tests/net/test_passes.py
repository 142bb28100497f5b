"""What is said goes first, who has had the least of it before others, and others have turns."""

import time
from types import SimpleNamespace

import gevent
import pytest

from geventim.net import passes as module
from geventim.net.gate import await_next_pass
from geventim.net.passes import Passes, Tab
from tests.greenlets import until


class Clock:
    """What the processor has done, which takes no longer than it takes."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(module.time, "perf_counter", clock)
    monkeypatch.setattr(module.time, "thread_time", clock)
    return clock


def customer(*, talking=True):
    return SimpleNamespace(talk=Tab(), rest=Tab(), talking=talking)


def test_a_pass_of_the_event_loop_is_not_longer_than_its_share(clock):
    passes, done, counts = Passes(lambda: 1.0, 0.25), [], []

    def work():
        one = customer()
        for _ in range(6):
            passes.wait(one)
            done.append(1)
            clock.now += 0.125

    def watch():
        while len(done) < 18:
            await_next_pass()
            counts.append(len(done))

    gevent.joinall([gevent.spawn(watch), *(gevent.spawn(work) for _ in range(3))], raise_error=True)
    steps = [after - before for before, after in zip([0, *counts], counts, strict=False)]
    assert max(steps) <= 4  # two passes at most between two looks
    assert sum(steps) == 18


@pytest.mark.parametrize("talking", [True, False])
@pytest.mark.usefixtures("clock")
def test_all_have_their_turn(talking):
    passes, done = Passes(lambda: 1.0, 0.5), []

    def work(name):
        one = customer(talking=talking)
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


@pytest.mark.parametrize("talking", [True, False])
def test_who_has_had_the_least_goes_first(clock, talking):
    passes, done = Passes(lambda: 1.0, 0.5), []

    def work(name, takes, times):
        one = customer(talking=talking)
        for _ in range(times):
            passes.wait(one)
            done.append(name)
            clock.now += takes

    def come_late():
        while len(done) < 6:
            await_next_pass()
        work("-", 0.0, 1)

    greedy = [gevent.spawn(work, name, takes, 12) for name, takes in (("A", 4.0), ("b", 1.0))]
    gevent.joinall([*greedy, gevent.spawn(come_late)], raise_error=True)
    assert "".join(done).replace("-", "").startswith(("AbbbbAbbbb", "AbbbbbAbbb"))
    assert done.index("-") <= 7


def test_words_go_first_and_of_each_pass_something_is_left_for_anything_else(clock):
    passes, done = Passes(lambda: 4.0, 4.0), []

    def work(name, *, talking):
        one = customer(talking=talking)
        for _ in range(20):
            passes.wait(one)
            done.append(name)
            clock.now += 1.0

    others = [gevent.spawn(work, name, talking=False) for name in "abcd"]
    gevent.joinall([*others, gevent.spawn(work, "-", talking=True)], raise_error=True)
    between = "".join(name if name == "-" else "x" for name in done).split("-")[1:20]
    assert max(map(len, between)) == 1
    assert between.count("x") >= 4


def test_what_one_has_done_besides_does_not_delay_what_one_says(clock):
    passes, done = Passes(lambda: 1.0, 1.0), []

    def work(name, *, busy):
        one = customer(talking=not busy)
        if busy:
            passes.wait(one)
            clock.now += 100.0
            one.talking = True
        for _ in range(8):
            passes.wait(one)
            done.append(name)
            clock.now += 1.0

    gevent.joinall([gevent.spawn(work, "a", busy=True), gevent.spawn(work, "b", busy=False)])
    assert "".join(done)[1:15].count("a") >= 6


def test_nobody_pays_for_what_others_do_with_the_processor(monkeypatch):
    worked = passed = 0.0
    monkeypatch.setattr(module.time, "perf_counter", lambda: worked + passed)
    monkeypatch.setattr(module.time, "thread_time", lambda: worked)
    passes, done = Passes(lambda: 1.0, 0.5), []

    def work(name, held_up):
        nonlocal worked, passed
        one = customer()
        for _ in range(8):
            passes.wait(one)
            done.append(name)
            worked += 1.0
            passed += held_up

    gevent.joinall([gevent.spawn(work, "a", 9.0), gevent.spawn(work, "b", 0.0)], raise_error=True)
    assert "".join(done) == "ab" * 8


def test_who_comes_late_has_no_more_than_the_others_from_then_on(clock):
    passes, done = Passes(lambda: 1.0, 0.5), []

    def work(name, after):
        while len(done) < after:
            await_next_pass()
        one = customer()
        for _ in range(30):
            passes.wait(one)
            done.append(name)
            clock.now += 1.0

    gevent.joinall([gevent.spawn(work, "a", 0), gevent.spawn(work, "b", 15)], raise_error=True)
    late = done.index("b")
    assert 4 <= done[late : late + 10].count("a") <= 6


def test_who_is_killed_while_waiting_holds_up_nobody():
    passes, done = Passes(lambda: 1.0, 0.001), []

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
