"""The bounds of a service are those that clients count on."""

from geventim.chat import limits
from geventim.service.bounds import USUAL, Bounds
from tests.service.doubles import World


def test_what_clients_see_is_what_the_limits_say():
    assert (USUAL.page_entries, USUAL.page_size) == (limits.PAGE_ENTRIES, limits.PAGE_SIZE)
    assert (USUAL.listed, USUAL.rooms_listed) == (limits.LISTED, limits.ROOMS_LISTED)
    assert (USUAL.members, USUAL.asks, USUAL.line) == (limits.MEMBERS, limits.ASKS, limits.LINE)


def test_a_service_goes_by_those_of_its_policy():
    alice = World(bounds=Bounds(members=1)).enter("alice")
    group = alice.group("crew")
    alice.turn(group)
    assert alice.commit(group, ["alice", "alice"]).code == "bad_request"
