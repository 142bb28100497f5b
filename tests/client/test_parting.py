"""Leaving and deleting: what is signed, and what it waits for."""

from geventim.chat.departures import NO_LEAF, Departure
from geventim.chat.requests import Append
from geventim.chat.values import EntryKind
from geventim.client.departures import verify_leave
from geventim.client.stages import Stage
from tests.client.hostile import lose_seat, shut_out


def departures(person):
    found = [each for each in person.asked if isinstance(each[0], Append)]
    return [Departure.decode(data) for request, data in found if request.kind is EntryKind.LEAVE]


def test_a_leave_names_the_leaf_of_now_and_is_used_by_others(world, alice, bob):
    key = bob.room().seat_of().leaf.encryption_key
    bob.say("@leave lobby")
    world.run()
    (departure,) = departures(bob)
    record = alice.room().record
    identity = bob.profile.keys.identity.public
    verify_leave(departure, identity, record.id, record.incarnation)
    assert departure.leaf == key
    assert record.departed == {bob.agent.context.account: departure.encode()}
    world.advance(11)
    assert len(list(alice.room().group.members())) == 1


def test_a_commit_on_its_way_decides_first_which_leaf_it_is(world, alice, bob):
    room = bob.room()
    room.record.renewed = 0
    bob.say("with fresh keys")
    while room.stage is not Stage.COMMITTING:
        assert world.step()
    bob.say("@leave lobby")
    world.run()
    (departure,) = departures(bob)
    tree = alice.room().seat_of().tree
    assert departure.leaf in {leaf.encryption_key for _, leaf in tree.members()}


def test_who_has_no_leaf_leaves_without_one(world, alice, bob):
    bob.tamper = None
    lose_seat(world, bob, bob.room())
    bob.say("@leave lobby")
    world.run()
    assert [departure.leaf for departure in departures(bob)] in ([NO_LEAF], [])
    assert bob.room().stage in {Stage.ABSENT, Stage.REQUEUED, Stage.OUTSIDE}


def test_who_got_in_anew_stays_to_help(world, alice, bob):
    bob.say("a first word")
    alice.say("another one")
    world.advance(20)
    alice.forge = lambda request, payload: []
    shut_out(bob, bob.room())
    world.advance(3)
    assert bob.room().stage is Stage.ACTIVE
    bob.room().needed_until = world.timers.time + 1
    bob.say("@leave lobby")
    world.run()
    assert departures(bob) == []
    world.advance(1)
    assert len(departures(bob)) == 1
