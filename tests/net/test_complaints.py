"""Whoever troubles the server is a line in the log, not a thousand."""

import pytest

from geventim.net.complaints import PERIOD, Complaints

ALICE, EVE = "192.0.2.1", "198.51.100.7"


class Desk:
    def __init__(self, **bounds):
        self.time = 0.0
        self.complaints = Complaints(lambda: self.time, **bounds)

    def count(self, address=EVE, event="flood", times=1):
        return [self.complaints.count(address, event) for _ in range(times)]


@pytest.fixture
def desk():
    return Desk()


def test_there_is_one_line_a_minute_with_the_number_of_all(desk):
    assert desk.count(times=1_000) == [1] + [0] * 999
    desk.time = PERIOD - 0.001
    assert desk.count() == [0]
    desk.time = PERIOD
    assert desk.count() == [1_001]
    assert desk.count() == [0]
    desk.time = 3 * PERIOD
    assert desk.count() == [2]


def test_each_address_and_each_fault_has_its_own(desk):
    assert desk.count() == desk.count(ALICE) == desk.count(event="noise") == [1]


def test_who_has_many_addresses_fills_neither_memory_nor_log():
    desk = Desk(most=50)
    lines = sum(
        bool(desk.count(f"198.51.{number >> 8}.{number & 255}")[0]) for number in range(9_999)
    )
    assert lines == 51
    assert len(desk.complaints._counts) <= 51
