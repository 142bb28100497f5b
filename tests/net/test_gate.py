"""Few at a time, in order, and nobody's place is lost."""

import gevent
import pytest
from gevent.event import Event
from gevent.socket import socketpair

from geventim.net.gate import Gate, await_next_pass
from tests.conftest import PATIENCE


class Visitors:
    """Each stays inside until it is let go; ``inside`` are those who are there, in order."""

    def __init__(self, gate):
        self.gate = gate
        self.inside = []
        self.leave = [Event() for _ in range(6)]
        self.greenlets = [gevent.spawn(self.visit, number) for number in range(6)]
        self.settle()

    def visit(self, number):
        with self.gate:
            self.inside.append(number)
            try:
                self.leave[number].wait(PATIENCE)
            finally:
                self.inside.remove(number)

    def let_go(self, number):
        self.leave[number].set()
        self.settle()

    def settle(self):
        for _ in range(5):
            gevent.sleep(0)


@pytest.fixture
def visitors():
    found = Visitors(Gate(2))
    yield found
    gevent.killall(found.greenlets)


def test_few_are_inside_and_the_next_is_who_came_first(visitors):
    assert visitors.inside == [0, 1]
    visitors.let_go(1)
    assert visitors.inside == [0, 2]
    visitors.let_go(0)
    assert visitors.inside == [2, 3]


def test_who_gives_up_waiting_is_passed_over(visitors):
    visitors.greenlets[2].kill()
    visitors.let_go(0)
    assert visitors.inside == [1, 3]


def test_who_gives_up_just_when_let_in_lets_the_next_in():
    gate = Gate(1)
    with gate:
        visitors = Visitors(gate)
        visitors.greenlets[0].kill(block=False)  # before it learns that it is let in
    visitors.settle()
    assert visitors.inside == [1]
    gevent.killall(visitors.greenlets)


def test_all_places_are_free_in_the_end(visitors):
    for number in range(6):
        visitors.let_go(number)
    assert visitors.inside == []
    again = Visitors(visitors.gate)
    assert again.inside == [0, 1]
    gevent.killall(again.greenlets)


def test_a_failure_inside_leaves_too():
    gate = Gate(1)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), gate:
            raise ZeroDivisionError


def test_what_arrives_is_read_between_the_passes():
    ours, theirs = socketpair()
    received = []

    def read():
        while data := ours.recv(1):
            received.append(data)

    reading = gevent.spawn(read)
    gevent.sleep(0)
    for number in range(5):
        theirs.send(b"!")
        await_next_pass()
        assert len(received) >= number
    theirs.close()
    reading.join()
    ours.close()
