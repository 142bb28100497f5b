"""Leaving and deleting: what is signed, and what it waits for."""

from geventim.chat.departures import NO_LEAF, Deletion, Departure
from geventim.chat.replies import Turn
from geventim.chat.requests import Append, TakeTurn
from geventim.chat.values import EntryKind, Kind
from geventim.client.causes import Cause
from geventim.client.following.arrival import NEWNESS, lose_seat
from geventim.client.kept.stages import Stage
from geventim.client.operations import parting
from geventim.client.sealing.departures import verify_deletion, verify_leave
from tests.client.hostile import say, shut_out
from tests.client.world import SETTLING


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
    assert record.departed == {bob.agent.context.user.account: departure.encode()}
    world.advance(11)
    assert len(list(alice.room().group.members())) == 1


def test_a_commit_on_its_way_decides_first_which_leaf_it_is(world, alice, bob):
    room = bob.room()
    room.record.renewed = room.record.entered = 0
    bob.say("with fresh keys")
    while room.stage is not Stage.COMMITTING:
        assert world.step()
    bob.say("@leave lobby")
    world.run()
    (departure,) = departures(bob)
    tree = alice.room().seat_of().tree
    assert departure.leaf in {leaf.encryption_key for _, leaf in tree.members()}


def test_who_has_no_leaf_leaves_without_one(world, alice, bob):
    bob.room().give_up_seat()
    bob.room().fall_outside(Cause.BAD_WELCOME, author="alice")
    bob.say("@leave lobby")
    world.run()
    assert [departure.leaf for departure in departures(bob)] == [NO_LEAF]
    assert bob.room().stage is Stage.ABSENT
    assert not bob.room().record.member


def test_who_leaves_keeps_nothing_of_the_group_and_commits_no_more(world, alice, bob):
    room = bob.room()
    steps = parting.resign(bob.agent.context, room)
    sent = next(steps)
    assert room.is_leaving
    assert sent.request.kind is EntryKind.LEAVE
    room.record.renewed = 0
    bob.say("without fresh keys")
    world.advance()
    assert bob.requests(TakeTurn)[1:] == [], "one to get in, and no other"
    steps.close()
    assert not room.is_leaving
    world.advance(SETTLING * 2)
    assert alice.texts() == ["without fresh keys"]
    bob.say("@leave lobby")
    world.run()
    assert (room.stage, room.seat, room.is_leaving) == (Stage.ABSENT, None, False)


def test_a_leave_that_is_refused_changes_nothing(world, alice, bob):
    world.journal.failing = True
    bob.say("@leave lobby")
    world.run()
    world.journal.failing = False
    assert bob.notices()[-1].startswith("The server could not store this.")
    assert (bob.room().is_leaving, bob.room().stage) == (False, Stage.ACTIVE)
    assert bob.room().seat is not None
    assert not bob.room().record.leaving


def test_who_wants_to_leave_while_coming_in_comes_in_and_leaves(world, alice, bob):
    """The leave waits until one is in: it must not keep one from that."""
    carol = world.person("carol")
    withhold = lambda message, _: isinstance(message, Turn)  # noqa: E731 - as short as it is
    carol.tamper = lambda *frame: [] if withhold(*frame) else [frame]
    carol.connect()
    world.run()
    carol.drop()
    carol.connect()
    carol.say("@leave lobby")
    world.run()
    assert departures(carol) == []
    carol.drop()
    carol.tamper = None
    carol.connect()
    world.advance(SETTLING * 2)
    assert len(departures(carol)) == 1
    assert (carol.room().stage, carol.room().is_leaving) == (Stage.ABSENT, False)
    carol.say("@join lobby", "here again")
    world.advance(SETTLING * 2)
    assert alice.texts() == ["here again"]


def test_who_has_to_get_in_anew_before_a_leave_is_heard_gets_in(world, alice, bob):
    """The connection broke before the server had it, and we have lost our seat meanwhile."""
    is_leave = lambda request: getattr(request, "kind", None) is EntryKind.LEAVE  # noqa: E731 - the same
    bob.forge = lambda request, payload: [] if is_leave(request) else [(request, payload)]
    bob.say("@leave lobby")
    world.run()
    assert bob.room().is_leaving
    bob.drop()
    bob.forge = None
    lose_seat(bob.room())
    bob.connect()
    world.advance(30)
    assert not bob.room().is_leaving
    assert (bob.room().stage, bob.room().record.member) == (Stage.ABSENT, False)


def test_whoever_founded_a_group_signs_its_end(world, alice, bob):
    say(world, alice, "@group set team bob")
    group = alice.conversation(Kind.GROUP, "team")
    say(world, alice, "@group delete team")
    ((request, data),) = [
        each
        for each in alice.asked
        if isinstance(each[0], Append) and each[0].kind is EntryKind.DELETE
    ]
    assert request.conversation == group.id
    identity = alice.profile.keys.identity.public
    verify_deletion(Deletion.decode(data), identity, group.id, group.record.incarnation)
    assert (group.stage, group.seat) == (Stage.ABSENT, None)
    assert not group.record.member


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


def test_what_was_just_written_is_heard_before_one_leaves(world, alice, bob):
    """Where one has got in by the state of somebody else, it may have to be said again."""
    record = bob.room().record
    record.entered, record.entered_at = record.base, world.timers.time
    record.doubtful = {b"m" * 16: b"hello"}
    bob.say("@leave lobby")
    world.run()
    assert departures(bob) == []
    record.entered_at += NEWNESS
    world.advance(NEWNESS + 1)
    assert len(departures(bob)) == 1, "and nobody is kept for longer"


def test_who_dies_before_it_is_kept_that_one_has_left_has_left(world, alice, bob):
    bob.say("@leave lobby")
    bob.dies = "kept"
    world.run()
    assert bob.deaths == 1
    assert bob.room().record.member
    bob.connect()
    world.advance(SETTLING * 2)
    assert bob.errors() == []
    assert bob.room().stage is Stage.ACTIVE, "it is the room that the program begins with"
    assert len(list(alice.room().seat.tree.members())) == 2


def test_who_dies_before_the_server_has_heard_of_it_is_still_there(world, alice, bob):
    bob.say("@leave lobby")
    bob.start()
    world.run()
    assert (bob.room().stage, bob.room().record.leaving) == (Stage.ACTIVE, False)
    alice.say("hello")
    world.run()
    assert bob.texts()[-1] == "hello"
