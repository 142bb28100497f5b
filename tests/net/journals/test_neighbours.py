"""Bulletins: told once to everybody else, in one order, whatever the store does."""

import gevent
import pytest

from geventim.chat.bulletins import Alive, Announced
from geventim.errors import StoreError
from geventim.net.journals.neighbours import Neighbours
from tests.net.shared_store import Common, SharedStore


class Node:
    def __init__(self, common, **waits):
        self.store = SharedStore(common)
        self.neighbours = Neighbours(self.store, **waits)
        self.heard = []
        self.lost = 0
        self.neighbours.follow(lambda _, bulletin: self.heard.append(bulletin), self.lose)

    def lose(self):
        self.lost += 1

    def tell(self, *texts):
        for text in texts:
            self.neighbours.tell(Announced(text))

    def await_heard(self, *texts):
        while [bulletin.text for bulletin in self.heard] != list(texts):
            gevent.sleep(0.005)

    def await_told(self):
        while self.neighbours.untold():
            gevent.sleep(0.005)


@pytest.fixture
def common():
    return Common()


@pytest.fixture
def waits():
    return {}


@pytest.fixture
def two(common, waits):
    nodes = Node(common, **waits), Node(common, **waits)
    gevent.sleep(0)
    yield nodes
    common.broken = False
    for node in nodes:
        node.neighbours.stop()


def test_others_hear_it_and_oneself_does_not(two):
    one, other = two
    one.tell("a", "b")
    other.await_heard("a", "b")
    other.tell("c")
    one.await_heard("c")
    assert len(other.heard) == 2


def test_is_untold_until_it_came_back(two):
    one, other = two
    one.tell("a")
    assert one.neighbours.untold() == [Announced("a")]
    one.await_told()
    other.await_heard("a")


def test_waits_for_a_store_that_comes_back(two, common):
    one, other = two
    common.break_down(2)
    one.tell("a", "b")
    common.break_down(4)
    assert len(one.neighbours.untold()) == 2
    common.broken = False
    other.await_heard("a", "b")


def test_what_was_told_twice_is_heard_once(two, common):
    one, other = two
    one.store.fails_after = True
    one.tell("a", "b")
    other.await_heard("a", "b")
    assert len(common.items["board"]) == 3


def test_who_has_missed_something_is_told_so(two, common):
    one, other = two
    common.break_down(2)
    for number in range(3):
        common.put("board", b"another", b"%d" % number)
    common.forget("board")
    common.broken = False
    while not (one.lost and other.lost):
        gevent.sleep(0.005)
    one.tell("a")
    other.await_heard("a")


def test_last_words_are_heard(two):
    one, other = two
    one.tell("goodbye")
    one.neighbours.stop()
    other.await_heard("goodbye")


@pytest.mark.parametrize("waits", [{"farewell": 0.05}])
def test_stops_soon_when_nobody_can_be_told(two, common):
    common.broken = True
    two[0].neighbours.tell(Alive())
    two[0].neighbours.stop()


@pytest.mark.parametrize("waits", [{"patience": 0.05}])
def test_turns_are_those_of_the_store(two, common):
    one, _ = two
    assert one.neighbours.acquire(b"room") == b"lease"
    one.neighbours.release(b"room", b"lease")
    while one.store.leases:
        gevent.sleep(0.005)
    common.broken = True
    with pytest.raises(StoreError):
        one.neighbours.acquire(b"room")
