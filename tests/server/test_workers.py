"""Which worker a process is, and that it stops with its parent; the rest is in tests/faults."""

import os
import signal
from pathlib import Path

import gevent
import pytest
from gevent.event import Event

from geventim.chat.values import Access
from geventim.server import workers
from geventim.server.config.settings import Settings
from tests.conftest import PATIENCE

SETTINGS = Settings("127.0.0.1", 0, "", Path("data"), Access.OPEN, workers=4)


def test_who_is_told_nothing_is_no_worker(monkeypatch):
    monkeypatch.delenv(workers.VARIABLE, raising=False)
    assert workers.as_worker(SETTINGS) is SETTINGS


def test_worker_has_its_number_and_the_port_of_all(monkeypatch):
    monkeypatch.setenv(workers.VARIABLE, "3:5555")
    settings = workers.as_worker(SETTINGS)
    assert (settings.worker, settings.port, settings.workers) == (3, 5555, 1)


def test_stops_when_its_parent_lets_go():
    ours, theirs = os.pipe()
    stopped = Event()
    workers.stop_with_parent(stopped, ours)
    gevent.sleep(0)
    assert not stopped.is_set()
    os.close(theirs)
    assert stopped.wait(PATIENCE)
    os.close(ours)


class Process:
    """Ends when it is told to, or by itself with ``code``."""

    def __init__(self):
        self.ended = Event()
        self.code = 0
        self.terminated = False

    def wait(self):
        self.ended.wait()
        return self.code

    def terminate(self):
        self.terminated = True
        self.ended.set()

    def die(self, code):
        self.code = code
        self.ended.set()


@pytest.fixture
def started(monkeypatch):
    """What was started instead of processes."""
    made = []

    def start(number, port, output):
        made.append((number, port))
        process = Process()
        made.append(process)
        return process

    monkeypatch.setattr(workers, "_start", start)
    return made


def test_one_that_dies_is_started_again_until_all_stop(started, caplog):
    first, stopped = Process(), Event()
    keeping = gevent.spawn(workers._keep, 2, 5555, {2: first}, stopped, 0.001)
    first.die(-9)
    with gevent.Timeout(PATIENCE):
        while not started:
            gevent.sleep(0.001)
    assert started[0] == (2, 5555)
    assert caplog.records[0].code == -9
    stopped.set()
    keeping.join(PATIENCE)
    assert started[1].terminated
    assert len(started) == 2


def test_one_that_dies_when_all_stop_is_left_alone(started):
    first, stopped = Process(), Event()
    stopped.set()
    first.die(0)
    workers._keep(2, 5555, {2: first}, stopped)
    assert started == []


def test_what_a_signal_asks_for_is_passed_on_to_all():
    sent = []

    class Worker:
        def send_signal(self, number):
            sent.append(number)

    workers._pass_on({1: Worker(), 2: Worker()})
    assert sent == [signal.SIGHUP, signal.SIGHUP]
