"""Getting in by the state of somebody else, until it is certain."""

import msgspec
import pytest

from geventim.chat.requests import Append, Commit, Help
from geventim.client.causes import Cause
from geventim.client.conversation.conversation import NEEDED
from geventim.client.conversation.witnesses import Offer
from geventim.client.events import Sent
from geventim.client.following.arrival import (
    CONTESTED,
    DOUBT,
    INTERVAL,
    KNOCK,
    NEWNESS,
    adopt,
    certain_at,
    disown,
    doubt,
    doubt_by_message,
    heed,
    lose_seat,
    rejoin,
    settle_in,
)
from geventim.client.kept.position import Position
from geventim.client.kept.stages import Stage
from geventim.client.sealing.attempts import Arrival
from geventim.client.sealing.seat import Seat
from tests.client.hostile import shut_out
from tests.client.insiders import fool, silence

ARRIVAL = Arrival(7, b"h" * 32, b"g" * 16)


@pytest.fixture
def carol(world, alice, bob):
    person = world.person("carol")
    person.connect()
    world.run()
    return person


def test_what_a_newcomer_writes_waits_a_moment(world, alice, carol):
    carol.say("hello")
    world.run()
    assert alice.texts() == []
    assert certain_at(carol.room()) == carol.room().record.entered_at + DOUBT
    world.advance(DOUBT)
    assert alice.texts() == ["hello"]


def test_who_got_in_anew_writes_when_others_know_the_secrets_too(world, alice, bob):
    """Until then it is the only one: if it were gone, nobody could ever read what it wrote."""
    world.advance(20)
    bob.forge = lambda request, payload: [] if isinstance(request, Help) else [(request, payload)]
    shut_out(alice, alice.room())
    alice.say("here I am")
    while alice.room().stage is not Stage.ACTIVE:
        world.advance(0.1)
    assert certain_at(alice.room()) > world.timers.time
    assert len(alice.seen(Sent)) == 0
    world.advance(0.5)
    assert bob.room().stage is Stage.ACTIVE
    assert len(alice.seen(Sent)) == 0
    world.advance(NEEDED)
    assert bob.texts() == ["here I am"]


def test_it_is_certain_when_others_were_read_and_some_time_has_passed(world, alice, carol):
    room = carol.room()
    alice.say("welcome")
    world.run()
    assert room.record.entered
    world.advance(NEWNESS + 1)
    assert room.record.entered, "nothing was read since"
    alice.say("still there?")
    world.run()
    assert not room.record.entered
    assert certain_at(room) == 0


def test_who_disowns_a_state_believes_no_more_than_before(world, alice, carol):
    room, seat = carol.room(), carol.room().seat
    entered = room.record.entered
    disown(room)
    assert (room.stage, room.seat, room.record.epoch) == (Stage.OUTSIDE, None, -1)
    assert list(room.attempts) == [seat]
    assert room.record.entered == 0
    adopt(room, seat)
    assert (room.stage, room.seat) == (Stage.ACTIVE, seat)
    assert len(room.attempts) == 0
    assert (room.record.entered, room.record.epoch) == (entered, seat.public.context.epoch)


def test_an_attempt_is_found_again_after_a_restart(world, alice, carol):
    """The state of another member has it, and what was written meanwhile opens in it."""
    room = carol.room()
    disown(room)
    carol.tick()
    carol.start()
    assert len(carol.room().attempts) == 1
    world.run()
    alice.say("welcome")
    world.advance(15)
    assert carol.texts() == ["welcome"]
    assert carol.room().stage is Stage.ACTIVE
    world.check_agreement()


def test_who_goes_back_to_an_attempt_keeps_what_it_had(world, alice, carol):
    room, first = carol.room(), carol.room().seat
    entered = room.record.entered
    disown(room)
    carol.tick()
    world.advance(15)
    assert len(room.attempts) == 0, "the state of another member has it"
    assert room.seat.own_index == first.own_index
    world.check_agreement()
    assert (room.record.entered, room.record.contested) == (entered, True)
    world.advance(NEWNESS + 1)
    alice.say("welcome")
    world.advance(1)
    assert room.record.entered, "somebody has said that it is not certain"
    world.advance(CONTESTED)
    alice.say("still there?")
    world.advance(1)
    assert not room.record.entered
    assert not room.record.contested


def test_one_account_is_listened_to_once_in_a_while(world, alice, carol):
    room = carol.room()
    doubt(room, b"a" * 16)
    assert room.seat is None
    carol.tick()
    world.advance(15)
    doubt(room, b"a" * 16)
    assert room.seat is not None
    world.advance(INTERVAL)
    doubt(room, b"a" * 16)
    assert room.seat is None


def test_messages_that_do_not_open_are_no_reason_to_leave_where_one_has_just_got_in(
    world, alice, carol
):
    """Anybody can write them, and to get in again takes a turn."""
    room = carol.room()
    world.timers.time = room.record.entered_at + NEWNESS
    doubt_by_message(room, b"a" * 16)
    assert room.seat is not None
    world.timers.time += 0.1
    doubt_by_message(room, b"a" * 16)
    assert room.seat is None


def test_messages_that_do_not_open_make_one_look_for_another_state(world, alice, bob, carol):
    def damage(request, payload):
        return [(request, bytes(len(payload)) if isinstance(request, Append) else payload)]

    bob.forge = damage
    for pause, doubts in ((0, False), (NEWNESS, True)):
        world.advance(pause)
        bob.say("noise")
        world.advance(1)
        assert carol.room().record.contested is doubts, pause


def test_who_rejoins_forgets_what_was_known(world, alice, bob):
    room = alice.room()
    room.stop(Cause.REPLACED_HISTORY)
    room.record.seen = {b"b" * 16: 3}
    room.latest = msgspec.structs.replace(room.latest, head=1)
    assert room.record.position.seq > 1
    rejoin(room)
    assert (room.stage, room.seat, room.record.epoch) == (Stage.OUTSIDE, None, -1)
    assert {each.nick for each in room.before_rejoin.values()} == {"alice", "bob"}
    assert room.record.position == Position(1)
    assert (room.record.seen, room.record.cause, room.intent.failure) == ({}, "", None)


@pytest.mark.parametrize("lacking", ["info", "head"])
def test_where_the_server_has_not_said_how_far_the_log_goes_one_reads_on(alice, lacking):
    room = alice.room()
    read = room.record.position.seq
    room.latest = None if lacking == "info" else msgspec.structs.replace(room.latest, head=0)
    room.stop(Cause.REPLACED_HISTORY)
    rejoin(room)
    assert room.record.position == Position(read)


def test_who_rejoins_another_room_under_the_same_id_reads_it_from_the_beginning(world, alice, bob):
    room = alice.room()
    room.latest = msgspec.structs.replace(room.latest, incarnation=b"n" * 16)
    room.stop(Cause.REPLACED_HISTORY)
    rejoin(room)
    assert (room.record.incarnation, room.record.position) == (b"n" * 16, Position())


def test_who_was_never_in_tries_from_the_beginning(world, alice):
    carol = world.person("carol")
    carol.connect()
    world.run()
    room = carol.room()
    room.exclude()
    room.stop(Cause.BAD_GROUP)
    rejoin(room)
    assert (room.stage, room.before_rejoin) == (Stage.ABSENT, None)


class TestSettlingIn:
    """It is certain that we got in when somebody writes there who did not give us the state."""

    @pytest.fixture
    def givers(self, world, alice, bob, carol):
        """Who gave the state, and somebody who did not."""
        giver = carol.room().record.giver
        accounts = {each.agent.context.user.account for each in (alice, bob)}
        assert giver in accounts
        (other,) = accounts - {giver}
        world.timers.time += NEWNESS + 1
        return giver, other

    def test_the_giver_of_a_state_proves_nothing_by_writing_there(self, carol, givers):
        room = carol.room()
        settle_in(room, givers[0])
        assert room.record.entered

    def test_somebody_else_does(self, carol, givers):
        room = carol.room()
        room.attempts.add(room.seat, ARRIVAL)
        room.record.doubtful = {b"m" * 16: b"content"}
        settle_in(room, givers[1])
        assert (room.record.entered, room.record.doubtful, len(room.attempts)) == (0, {}, 0)

    def test_not_before_others_had_the_time_to_object(self, world, carol, givers):
        room = carol.room()
        world.timers.time = room.record.entered_at + NEWNESS
        settle_in(room, givers[1])
        assert room.record.entered

    def test_between_two_there_is_nobody_else(self, world, alice):
        carol = world.person("carol")
        carol.connect()
        world.run()
        room = carol.room()
        assert room.record.giver == alice.agent.context.user.account
        world.timers.time += NEWNESS + 1
        info = room.latest
        room.latest = msgspec.structs.replace(info, members=3, member=True)
        settle_in(room, room.record.giver)
        assert room.record.entered, "the server counts somebody else"
        room.latest = msgspec.structs.replace(info, members=2, member=True)
        settle_in(room, room.record.giver)
        assert not room.record.entered

    def test_nor_by_the_word_of_the_server_where_the_state_has_more(self, carol, givers):
        room = carol.room()
        room.latest = msgspec.structs.replace(room.latest, members=1)
        settle_in(room, givers[0])
        assert room.record.entered

    def test_where_it_is_certain_no_attempt_is_given_up(self, alice, carol, givers):
        room = carol.room()
        room.record.entered = 0
        room.attempts.add(room.seat, ARRIVAL)
        settle_in(room, givers[1])
        assert len(room.attempts) == 1


def test_an_insider_cannot_settle_a_newcomer_in_a_state_that_it_made_up(world, alice, bob):
    """It reads along with what it made up, and writes there whatever it likes."""
    carol = fool(world, "carol", bob)
    room = carol.room()
    assert room.record.giver == bob.agent.context.user.account
    world.timers.time += NEWNESS + 1
    settle_in(room, bob.agent.context.user.account)
    assert room.record.entered, "the state says that there is nobody else, the server that there is"


class TestHeeding:
    """Who calls what we wrote void says where the group is: we go there."""

    @pytest.fixture
    def lured(self, world, alice, bob):
        """Somebody who has been in what bob has made up, and is back."""
        carol = fool(world, "carol", bob)
        disown(carol.room())
        carol.tick()
        world.advance(15)
        return carol

    def test_to_a_seat_that_we_have_had_without_a_commit(self, lured):
        room, carol = lured.room(), lured
        here, (there,) = room.seat, tuple(room.attempts)
        commits = len(carol.requests(Commit))
        state = there.group.group_info()
        heed(room, Offer(b"a" * 16, state))
        assert (room.seat, tuple(room.attempts)) == (there, (here,))
        assert (room.stage, room.record.contested) == (Stage.ACTIVE, True)
        assert len(carol.requests(Commit)) == commits

    def test_or_looks_at_what_is_offered(self, carol):
        room = carol.room()
        seat = room.seat
        offer = Offer(b"a" * 16, b"state")
        heed(room, offer)
        assert (room.seat, room.witnesses.offered) == (None, offer)
        assert tuple(room.attempts) == (seat,)

    def test_who_goes_elsewhere_lets_the_others_see_where_it_is(self, world, alice, bob, lured):
        """By a commit: they say so if it is of no use where they are."""
        room, carol = lured.room(), lured
        silence(alice, bob)
        world.advance(2 * INTERVAL)
        commits = len(carol.requests(Commit))
        (there,) = room.attempts
        adopt(room, there)
        assert room.owing.knock_at == world.timers.time + KNOCK
        adopt(room, next(iter(room.attempts)))
        carol.tick()
        world.advance(20)
        assert len(carol.requests(Commit)) == commits + 1, "once in a while"
        assert room.owing.knock_at is None

    def test_who_leaves_before_that_does_it_where_it_goes_then(self, world, alice, bob, lured):
        """Or two halves would go on as they are, since each commit of one has all others look."""
        room, carol = lured.room(), lured
        silence(alice, bob)
        world.advance(2 * INTERVAL)
        for _ in range(3):
            adopt(room, next(iter(room.attempts)))
            assert room.owing.knock_at == world.timers.time + KNOCK
            disown(room)
            assert room.owing.knock_at is None
        adopt(room, next(iter(room.attempts)))
        carol.tick()
        commits = len(carol.requests(Commit))
        world.advance(KNOCK + 5)
        assert len(carol.requests(Commit)) == commits + 1

    def test_but_not_if_the_commit_by_which_they_see_it_may_be_there(
        self, world, alice, bob, lured
    ):
        room, carol = lured.room(), lured
        silence(alice, bob)
        world.advance(2 * INTERVAL)
        adopt(room, next(iter(room.attempts)))
        carol.forge = lambda request, payload: (
            [] if isinstance(request, Commit) else [(request, payload)]
        )
        carol.tick()
        world.advance(KNOCK + 0.1)
        assert room.pending is not None
        disown(room)
        adopt(room, next(iter(room.attempts)))
        assert room.owing.knock_at > world.timers.time + KNOCK

    def test_who_has_just_done_so_does_it_again_later(self, world, alice, bob, lured):
        """Or two would sit in two places that have nothing more to say."""
        room, carol = lured.room(), lured
        silence(alice, bob)
        world.advance(2 * INTERVAL)
        adopt(room, next(iter(room.attempts)))
        carol.tick()
        world.advance(5)
        commits = len(carol.requests(Commit))
        for _ in range(3):
            adopt(room, next(iter(room.attempts)))
            carol.tick()
            world.advance(1)
        assert len(carol.requests(Commit)) == commits
        world.advance(INTERVAL)
        assert len(carol.requests(Commit)) == commits + 1


def test_a_seat_is_lost_with_what_is_closed(world, alice, bob):
    room = alice.room()
    lose_seat(room)
    assert (room.seat, room.stage, len(room.attempts)) == (None, Stage.OUTSIDE, 0)


def test_who_adopts_an_attempt_without_its_secrets_asks_for_help(world, alice, bob, carol):
    room = carol.room()
    seat = Seat(room.seat.vantage)
    disown(room)
    room.attempts.add(seat, ARRIVAL)
    adopt(room, seat)
    assert (room.stage, room.seat) == (Stage.OUTSIDE, seat)
    assert (room.record.entered, room.record.epoch) == (ARRIVAL.seq, seat.public.context.epoch)


def test_who_comes_back_by_an_attempt_helps_others(world, alice, bob, carol, monkeypatch):
    room, seat = carol.room(), carol.room().seat
    disown(room)
    remembered = []
    monkeypatch.setattr(
        room.helper, "remember", lambda group, *, is_own: remembered.append((group, is_own))
    )
    adopt(room, seat)
    assert remembered == [(seat.group, False)]
