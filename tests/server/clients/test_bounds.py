"""A listener goes by the bounds that it was given."""

from geventim.chat import limits
from geventim.server.clients.bounds import USUAL, Bounds
from tests.house import House


def test_what_waits_for_the_disk_is_what_the_limits_say():
    assert USUAL.in_flight == limits.IN_FLIGHT
    assert (USUAL.crowd, USUAL.in_flight_in_a_crowd) == (limits.CROWD, limits.IN_FLIGHT_IN_A_CROWD)


def test_so_many_read_and_talk_at_the_same_time_as_it_was_told():
    house = House(bounds=Bounds(pages=2, records=1))
    assert (house.listener._pages._free, house.listener._records._free) == (2, 1)
    house.close()
