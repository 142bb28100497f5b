"""Being out of step: asking, being lied to, waiting, and getting in anew."""

import pytest

from geventim.chat.replies import Helped
from geventim.chat.requests import Ask, Help, TakeTurn
from geventim.client.conversation.helping import AGE, REPETITION
from geventim.client.conversation.owing import Committer
from geventim.client.following import seeking
from geventim.client.following.seeking import GRACE, PAST_COUNT, REST, SPACING, Seeker
from geventim.client.kept.stages import Stage
from geventim.client.measures import USUAL
from geventim.client.sealing.asking import UnverifiedAsk
from geventim.client.sealing.seat import Seat
from tests.client.hostile import shut_out
from tests.client.insiders import commit


@pytest.fixture
def lonely(world, alice, bob):
    """Alice is out of step, and bob helps nobody."""
    for person in (alice, bob):
        person.say(f"{person.nick} is here")
    world.advance(20)
    bob.forge = lambda request, payload: [] if isinstance(request, Help) else [(request, payload)]
    shut_out(alice, alice.room())
    world.run()
    return alice


def test_help_is_asked_for_at_once_and_again_and_again(world, lonely):
    assert len(lonely.requests(Ask)) == 1
    world.advance(REPETITION * 2)
    assert len(lonely.requests(Ask)) == 3
    payloads = [payload for request, payload in lonely.asked if isinstance(request, Ask)]
    assert len({payload[-96:-64] for payload in payloads}) == 1, "all with one key"
    assert [UnverifiedAsk.decode(payload).count for payload in payloads] == [0, 1, 2]


def test_without_help_one_gets_in_anew(world, lonely):
    world.advance(USUAL.out_of_step - 0.1)
    assert lonely.room().stage is Stage.OUTSIDE
    world.advance(1)
    assert lonely.room().stage is Stage.ACTIVE
    world.check_agreement()


def test_after_a_lost_connection_one_asks_with_another_key(world, lonely):
    lonely.drop()
    lonely.connect()
    world.advance(0.2)
    payloads = [payload for request, payload in lonely.asked if isinstance(request, Ask)]
    assert len({payload[-96:-64] for payload in payloads}) == 2


def test_help_that_comes_after_the_next_commit_opens_what_was_written(world, alice, bob):
    """It is given once: who forgot what it was sealed to would get no other."""
    world.measure(out_of_step=60)
    (carol,), held = world.enter("carol"), []

    def hold(request, payload):
        if isinstance(request, Help):
            held.append(payload)
            return []
        return [(request, payload)]

    commit(world, bob)
    world.advance(2)
    bob.forge = carol.forge = hold
    shut_out(alice, alice.room())
    bob.say("before")
    world.advance(REPETITION)
    commit(world, carol, "after")
    world.advance(2)
    assert len(alice.room().outlooks) == 1
    for help_ in held:
        alice.tell(Helped(conversation=alice.room().id, payload=len(help_)), help_)
    assert alice.texts()[-2:] == ["before", "after"]


def test_only_so_many_lies_are_tried(world, lonely, monkeypatch):
    world.measure(lies=3)
    tried = []
    original = seeking.Help.open
    monkeypatch.setattr(seeking.Help, "open", lambda *args: tried.append(args) or original(*args))
    (payload,) = [payload for request, payload in lonely.asked if isinstance(request, Ask)]
    vantage = lonely.room().seat_of().vantage
    lie = seeking.Help(
        1,
        lonely.room().id,
        vantage.public.context.epoch,
        vantage.public.interim_transcript_hash,
        payload[-96:-64],
        bytes(100),
    ).encode()
    for _ in range(10):
        lonely.tell(Helped(conversation=lonely.room().id, payload=len(lie)), lie)
    assert len(tried) == 3
    assert lonely.room().stage is Stage.OUTSIDE


def test_help_that_nobody_asked_for_costs_nothing(world, alice, bob, monkeypatch):
    monkeypatch.setattr(seeking.Help, "open", lambda *_: pytest.fail("it was opened"))
    lie = seeking.Help(1, alice.room().id, 1, bytes(32), bytes(32), bytes(100)).encode()
    alice.tell(Helped(conversation=alice.room().id, payload=len(lie)), lie)
    assert alice.room().stage is Stage.ACTIVE


def test_who_is_helped_takes_no_turn_to_get_in(world, alice, bob):
    before = len(alice.requests(TakeTurn))
    for person in (alice, bob):
        person.say("here")
    world.advance(20)
    bob.room().record.renewed = 0
    bob.say("so that there is a secret to be helped with")
    world.run()
    shut_out(alice, alice.room())
    world.advance(0.2)
    assert alice.room().in_step
    assert len(alice.requests(TakeTurn)) == before


class TestWaiting:
    """When somebody who is out of step gets in anew; each level of the tree costs 10 s here."""

    @pytest.fixture
    def room(self, alice, bob, monkeypatch):
        room = alice.room()
        room.seat = Seat(room.seat.vantage)
        room.lack_secrets("bob")
        monkeypatch.setattr(room.owing, "wait", lambda level: 10.0 * level)
        monkeypatch.setattr(room.user.ways.exchange, "send", lambda *_: None)
        return room

    @pytest.fixture
    def seeker(self, room):
        seeker = Seeker(room)
        seeker.poll()
        return seeker

    def committed(self, room, account, index=1):
        """One more commit that counts has come, and does not open."""
        room.committer = Committer(account, index)
        room.record.base += 1

    def left(self, world, seeker):
        """Seconds until we get in anew."""
        return seeker._deadline - world.timers.time

    def test_the_nearest_to_who_shut_us_out_comes_first(self, world, seeker):
        assert self.left(world, seeker) == USUAL.out_of_step + 10
        assert not seeker.is_due
        world.timers.time += USUAL.out_of_step + 10
        assert seeker.is_due

    def test_the_program_wakes_for_the_next_ask_and_for_the_end(self, world, seeker, monkeypatch):
        assert seeker.wake_at == world.timers.time + REPETITION
        monkeypatch.setattr(seeker, "_open", list)
        assert seeker.wake_at == world.timers.time + USUAL.out_of_step + 10

    def test_a_further_commit_puts_it_off_once_in_an_hour_for_each_account(
        self, world, room, seeker
    ):
        for account in (b"b" * 16, b"c" * 16):
            world.timers.time += 5
            self.committed(room, account)
            seeker.poll()
            assert self.left(world, seeker) == USUAL.out_of_step + 10
        world.timers.time += 5
        self.committed(room, b"b" * 16)
        seeker.poll()
        assert self.left(world, seeker) == USUAL.out_of_step + 5
        world.timers.time += USUAL.out_of_step + 5
        self.committed(room, b"c" * 16)
        seeker.poll()
        assert self.left(world, seeker) == GRACE, "who has just committed may still help"
        world.timers.time += REST
        self.committed(room, b"b" * 16)
        seeker.poll()
        assert self.left(world, seeker) == USUAL.out_of_step + 10

    def test_the_same_commit_puts_nothing_off(self, world, seeker):
        world.timers.time += 5
        seeker.poll()
        assert self.left(world, seeker) == USUAL.out_of_step + 5

    def test_one_of_nobody_that_we_know_puts_nothing_off(self, world, room, seeker):
        world.timers.time += 5
        room.record.base += 1
        seeker.poll()
        assert self.left(world, seeker) == USUAL.out_of_step + 5

    def test_who_has_no_seat_or_not_its_keys_waits_for_nobody(self, room, seeker):
        vantage = room.seat.vantage
        room.seat = Seat(room.user.engine.look_on(vantage.public, vantage.own_index))
        assert seeker.is_due
        seeker.poll()
        assert seeker.wake_at is None, "nobody can help"
        room.seat = None
        assert seeker.is_due
        seeker.poll()
        assert seeker.wake_at is None

    def test_a_lost_connection_begins_it_anew(self, seeker):
        seeker.reset()
        assert seeker.wake_at is None
        assert not seeker.is_due


class TestLookingBack:
    """Messages of an epoch that is past are closed."""

    @pytest.fixture
    def lonely(self, world, alice, bob):
        """Alice is out of step, and what she asks gets lost."""
        world.advance(20)
        alice.forge = lambda request, payload: (
            [] if isinstance(request, Ask) else [(request, payload)]
        )
        shut_out(alice, alice.room())
        world.run()
        return alice

    @pytest.fixture
    def past(self, world, lonely, bob):
        """The epoch of a message that alice cannot open."""
        bob.say("in the past")
        world.run()
        epoch = lonely.room().record.epoch
        commit(world, bob)
        assert lonely.room().record.epoch == epoch + 1
        assert lonely.room().closed.epochs() >= {epoch}
        return epoch

    def test_with_the_help_of_others_they_are_read(self, world, lonely, bob, past):
        lonely.forge = None
        world.advance(0.9)
        assert "in the past" in lonely.texts()
        room = lonely.room()
        assert (len(room.outlooks), len(room.closed)) == (0, 0)
        assert lonely.room().in_step

    def test_nobody_is_asked_about_them_for_ever(self, lonely, past, monkeypatch):
        room, asked = lonely.room(), []
        monkeypatch.setattr(
            room.user.ways.exchange, "send", lambda ask, _: asked.append(ask.request.seq)
        )
        base = room.outlooks.get(past).base
        seeker, world = Seeker(room), lonely.world
        for _ in range(30):
            seeker.poll()
            assert seeker.looks_back is (asked.count(base) < PAST_COUNT)
            world.timers.time += SPACING
        assert asked.count(base) == PAST_COUNT
        seeker.reset()
        assert not seeker.looks_back
        seeker.poll()
        assert seeker.looks_back, "on another connection others may be there"

    def test_after_an_hour_they_are_given_up(self, lonely, past):
        room = lonely.room()
        room.user.ways.exchange.send = lambda *_: None
        seeker = Seeker(room)
        lonely.world.timers.time += AGE
        seeker.poll()
        assert seeker.looks_back
        lonely.world.timers.time += 1
        seeker.poll()
        assert not seeker.looks_back
        assert room.outlooks.get(past) is None
        assert past not in room.closed.epochs()
