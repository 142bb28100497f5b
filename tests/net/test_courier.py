"""Large things for a client, one after the other, when nothing else waits for it."""

import gevent
import pytest

from geventim.net.courier import Courier


class Outbox:
    """One who takes what waits when a test says so."""

    def __init__(self):
        self.taken = gevent.event.Event()
        self.taken.set()

    def join(self):
        self.taken.wait()


class Connection:
    def __init__(self):
        self.outbox = Outbox()
        self.closing = False
        self.options = []

    def flush(self):
        pass

    def set_option(self, *option):
        self.options.append(option)


@pytest.fixture
def connection():
    return Connection()


@pytest.fixture
def made():
    return []


@pytest.fixture
def courier(connection):
    return Courier(connection)


def test_calls_are_made_in_order(courier, made):
    for number in range(3):
        courier.add(lambda number=number: made.append(number))
    gevent.sleep(0)
    assert made == [0, 1, 2]
    courier.add(lambda: made.append(3))
    gevent.sleep(0)
    assert made == [0, 1, 2, 3]


def test_each_waits_until_nothing_waits_for_the_client(courier, connection, made):
    def send(number):
        made.append(number)
        connection.outbox.taken.clear()

    for number in range(3):
        courier.add(lambda number=number: send(number))
    for count in range(1, 4):
        gevent.sleep(0)
        assert made == list(range(count))
        connection.outbox.taken.set()
    gevent.sleep(0)


def test_none_is_made_for_a_connection_that_ends(courier, connection, made):
    connection.outbox.taken.clear()
    courier.add(lambda: made.append(1))
    courier.add(lambda: made.append(2))
    gevent.sleep(0)
    connection.closing = True
    connection.outbox.taken.set()
    gevent.sleep(0)
    assert made == []


def test_the_system_holds_little_that_is_not_sent(courier, connection):
    assert connection.options
