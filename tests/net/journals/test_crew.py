"""Threads that work while the event loop goes on."""

import os
from _queue import SimpleQueue
from threading import get_ident, get_native_id

import gevent
import pytest
from gevent.monkey import get_original

from geventim.errors import StoreError
from geventim.net.journals.crew import READERS, Team, Threads
from tests.conftest import PATIENCE
from tests.greenlets import until

pause = get_original("time", "sleep")


def fail():
    raise StoreError("the disk is gone")


@pytest.mark.parametrize(("way", "is_here"), [("write", False), ("look_up", True), ("read", False)])
def test_work_is_done_elsewhere_unless_it_takes_but_a_moment(way, is_here):
    do = getattr(Threads(), way)
    assert do(lambda: 7) == 7
    assert (do(get_ident) == get_ident()) is is_here
    with pytest.raises(StoreError, match="the disk is gone"):
        do(fail)


def test_one_writes_while_others_read():
    threads = Threads()
    gate = SimpleQueue()
    reading = [gevent.spawn(threads.read, lambda: gate.get(timeout=PATIENCE)) for _ in range(2)]
    gevent.sleep(0)
    assert len({threads.write(get_ident) for _ in range(5)}) == 1
    gate.put(1)
    gate.put(2)
    assert sorted(each.get() for each in reading) == [1, 2]


def test_readers_are_no_more_than_there_may_be():
    threads = Threads()
    arrived, gate = SimpleQueue(), SimpleQueue()

    def read():
        arrived.put(get_ident())
        return gate.get(timeout=PATIENCE)

    asked = [gevent.spawn(threads.read, read) for _ in range(2 * READERS)]
    with gevent.Timeout(PATIENCE):
        while arrived.qsize() < READERS:
            gevent.sleep(0.001)
    for _ in asked:
        gate.put(1)
    gevent.joinall(asked)
    assert len({arrived.get() for _ in asked}) == READERS


@pytest.mark.parametrize(("share", "is_apart"), [(0.0, True), (PATIENCE, False)])
def test_those_whose_calls_are_done_leave_time_to_others(share, is_apart):
    team = Team(1, share)
    seen = []
    asked = [gevent.spawn(lambda: seen.append(team.do(lambda: "done"))) for _ in range(2)]
    gevent.sleep(0)
    while len(team._done) < len(asked):
        pause(0.001)
    passes = gevent.get_hub().loop.prepare()
    passes.start(seen.append, "pass")
    gevent.joinall(asked)
    passes.stop()
    first, second = (number for number, each in enumerate(seen) if each == "done")
    assert (second > first + 1) is is_apart


def test_failures_come_to_who_has_asked():
    threads = Threads()

    def outcome(call):
        try:
            return threads.read(call)
        except StoreError:
            return None

    asked = [gevent.spawn(outcome, call) for call in (fail, lambda: 1, fail, lambda: 2)]
    assert [each.get() for each in asked] == [None, 1, None, 2]


def test_whoever_waits_may_be_killed_and_others_go_on():
    threads = Threads()
    gate = SimpleQueue()
    first = gevent.spawn(threads.read, lambda: gate.get(timeout=PATIENCE))
    gevent.sleep(0)
    first.kill()
    gate.put(1)
    assert threads.read(lambda: 2) == 2


def test_an_answer_may_lead_to_another_question():
    threads = Threads()

    def ask_twice(number):
        return threads.read(lambda: number) + threads.write(lambda: number)

    asking = [gevent.spawn(ask_twice, number) for number in range(20)]
    assert [each.get() for each in asking] == [2 * number for number in range(20)]


def test_dismissed_threads_end_when_they_are_done():
    threads = Threads()
    asked = [
        gevent.spawn(threads.read, lambda number=number: (number, get_native_id()))
        for number in range(9)
    ]
    gevent.sleep(0)
    writer = threads.write(get_native_id)
    threads.dismiss()
    answers = [each.get() for each in asked]
    assert [number for number, _ in answers] == list(range(9))
    ours = {writer, *(thread for _, thread in answers)}
    until(lambda: not ours & set(map(int, os.listdir("/proc/self/task"))))
