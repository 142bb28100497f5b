"""Turns to commit: one at a time, in the order in which they were asked for, for a while."""

from itertools import pairwise

import pytest

from geventim.chat import limits
from geventim.chat import requests as ask
from geventim.chat.replies import Error, Ok, Turn
from geventim.chat.values import Purpose
from geventim.service.bounds import Bounds
from geventim.service.turns.rates import EXTERNAL
from tests.service.doubles import fresh_id
from tests.service.identities import account, identity


@pytest.fixture
def room(world):
    """A room whose members are alice, bob and carol."""
    clients = [world.enter(nick) for nick in ("alice", "bob", "carol")]
    for client in clients:
        client.room()
    for client in clients:
        client.received.clear()
    world.timers.advance(EXTERNAL)
    return clients[0].open().id, *clients


def wait(client, room, number=7, purpose=Purpose.COMMIT, **fields):
    """Ask for a turn; the function that finds its replies."""
    client.say(ask.TakeTurn(id=number, conversation=room, purpose=purpose, **fields))
    return lambda: client.replies(number)


def granted(*replies):
    """Which of those who wait have their turn."""
    return [any(isinstance(each, Turn) for each in found()) for found in replies]


class Holder:
    """A member who holds every turn until it has passed, saying that it is to get in anew.

    If it ``commits``, it does so just before, so that nothing has passed.
    """

    def __init__(self, world, nick, room, commits):
        self.timers, self.room, self.commits = world.timers, room, commits
        self.client = world.enter(nick)
        self.client.room()
        self.ask()

    def ask(self):
        self.client.received.clear()
        self.waiting = wait(self.client, self.room, purpose=Purpose.REENTER)
        self.held = None

    def act(self):
        if granted(self.waiting) == [False]:
            return
        now = self.timers.now()
        if self.held is None:
            self.held = now
        elif self.commits and now - self.held > limits.SHARED_TURN - 0.3:
            self.client.commit(self.room, message=b"noise")
            self.ask()
        elif now - self.held > limits.SHARED_TURN:
            self.ask()


class TestLine:
    def test_turn_comes_with_the_head_and_with_a_state_if_asked_for(self, world, room):
        room, alice, bob, _ = room
        alice.change(room, group_info=b"the newest")
        alice.append(room)
        assert bob.turn(room) == Turn(id=bob.received[-1][0].id, head=4)
        bob.ask(ask.GiveUpTurn, conversation=room)
        bob.received.clear()
        turn = bob.turn(room, state=True)
        newest = Turn(id=turn.id, head=4, payload=10, giver=account("alice").id, at=4)
        assert bob.received == [(newest, b"the newest")]

    def test_first_turn_of_all_has_no_group_info(self, world):
        alice = world.enter("alice")
        turn = alice.turn(alice.open().id, state=True)
        assert turn == Turn(id=turn.id, head=0)

    def test_one_waits_for_the_other_in_order(self, world, room):
        room, alice, bob, carol = room
        assert isinstance(alice.turn(room), Turn)
        replies = [wait(client, room) for client in (carol, bob)]
        world.timers.advance(1)
        assert [each() for each in replies] == [[], []]
        alice.commit(room, group_info=b"by alice")
        world.timers.advance(0)
        assert [len(each()) for each in replies] == [1, 0]
        assert replies[0]()[0].head == 4
        carol.commit(room)
        world.timers.advance(0)
        assert replies[1]()[0].head == 5

    def test_next_comes_when_the_commit_is_on_disk(self, world, room):
        room, alice, bob, _ = room
        alice.turn(room)
        replies = wait(bob, room)
        world.journal.stepwise = True
        alice.say(
            ask.Commit(
                id=1, conversation=room, message_id=fresh_id(), head=3, payload=1, message=0
            ),
            b"i",
        )
        world.journal.write()
        world.timers.advance(limits.TURN * 2)
        assert replies() == []
        world.journal.answer()
        world.timers.advance(0)
        assert replies()[0].head == 4

    def test_conversations_do_not_wait_for_each_other(self, world, room):
        room, alice, bob, _ = room
        other = bob.room("other")
        assert isinstance(alice.turn(room), Turn)
        assert isinstance(bob.turn(other), Turn)
        assert isinstance(alice.commit(room).seq, int)
        assert isinstance(bob.commit(other).seq, int)

    @pytest.mark.parametrize("bounds", [Bounds(line=1)])
    def test_line_has_a_bound(self, world, room):
        room, alice, bob, carol = room
        alice.turn(room)
        replies = wait(bob, room)
        assert carol.turn(room).code == "line_full"
        alice.commit(room)
        world.timers.advance(0)
        assert isinstance(replies()[0], Turn)

    def test_who_is_no_member_waits_for_rooms_only(self, world, room):
        room, alice, *_ = room
        dave = world.enter("dave")
        group = alice.group("crew")
        assert dave.turn(group).code == "not_a_member"
        assert dave.turn(fresh_id()).code == "not_a_member"
        assert isinstance(dave.turn(room), Turn)

    def test_conversation_that_is_deleted_meanwhile(self, world):
        alice, bob = world.enter("alice"), world.enter("bob")
        group = alice.group("crew", "bob")
        alice.turn(group)
        replies = wait(bob, group)
        alice.delete(group)
        alice.ask(ask.GiveUpTurn, conversation=group)
        world.timers.advance(0)
        assert [reply.code for reply in replies()] == ["no_conversation"]

    def test_log_that_cannot_be_read(self, world, room, monkeypatch):
        room, alice, bob, carol = room
        alice.turn(room)
        bobs, carols = wait(bob, room), wait(carol, room)
        monkeypatch.setattr(world.store, "head", world.fail_once(world.store.head))
        alice.ask(ask.GiveUpTurn, conversation=room)
        world.timers.advance(0)
        assert [reply.code for reply in bobs()] == ["storage_failed"]
        assert isinstance(carols()[0], Turn)


class TestLease:
    def test_turn_ends_after_its_time(self, world, room):
        room, alice, bob, _ = room
        alice.turn(room)
        replies = wait(bob, room)
        world.timers.advance(limits.SHARED_TURN - 0.1)
        assert replies() == []
        world.timers.advance(0.1)
        assert isinstance(replies()[0], Turn)
        assert alice.commit(room).code == "no_turn"
        assert isinstance(bob.commit(room).seq, int)

    def test_lease_begins_when_the_turn_comes(self, world, room):
        room, alice, bob, _ = room
        alice.turn(room)
        wait(bob, room)
        world.timers.advance(limits.SHARED_TURN)
        world.timers.advance(limits.TURN - 0.1)
        assert isinstance(bob.commit(room).seq, int)

    def test_turn_is_shorter_once_somebody_else_wants_it(self, world, room):
        room, alice, bob, _ = room
        alice.turn(room)
        world.timers.advance(limits.TURN - 1)
        replies = wait(bob, room)
        world.timers.advance(0)
        assert granted(replies) == [True]

    def test_who_cannot_have_it_yet_does_not_shorten_it(self, world, room):
        room, alice, bob, _ = room
        bob.turn(room)
        world.timers.advance(limits.TURN)
        alice.turn(room)
        wait(bob, room, 9)
        world.timers.advance(limits.SHARED_TURN)
        assert isinstance(alice.commit(room).seq, int)

    def test_time_of_a_turn_that_ended_is_nobody_elses(self, world, room):
        room, alice, bob, _ = room
        alice.turn(room)
        world.timers.advance(limits.TURN - 1)
        alice.commit(room)
        bob.turn(room)
        world.timers.advance(2)
        assert isinstance(bob.commit(room).seq, int)

    def test_turn_without_anybody_waiting_ends_too(self, world, room):
        room, alice, *_ = room
        alice.turn(room)
        world.timers.advance(limits.TURN)
        assert alice.commit(room).code == "no_turn"


class TestGivingUp:
    def test_holder_lets_the_next_have_it(self, world, room):
        room, alice, bob, _ = room
        alice.turn(room)
        replies = wait(bob, room)
        alice.received.clear()
        assert isinstance(alice.ask(ask.GiveUpTurn, conversation=room), Ok)
        world.timers.advance(0)
        assert isinstance(replies()[0], Turn)
        assert len(alice.received) == 1
        assert alice.commit(room).code == "no_turn"

    def test_who_waits_is_answered_and_not_waited_for(self, world, room):
        room, alice, bob, carol = room
        alice.turn(room)
        bobs, carols = wait(bob, room), wait(carol, room)
        assert isinstance(bob.ask(ask.GiveUpTurn, conversation=room), Ok)
        assert [reply.code for reply in bobs()] == ["no_turn"]
        alice.commit(room)
        world.timers.advance(0)
        assert isinstance(carols()[0], Turn)

    def test_without_a_turn_it_is_harmless(self, world, room):
        room, alice, bob, _ = room
        bob.turn(room)
        for conversation in (room, fresh_id()):
            assert isinstance(alice.ask(ask.GiveUpTurn, conversation=conversation), Ok)
        assert isinstance(bob.commit(room).seq, int)

    def test_who_asks_again_goes_to_the_end(self, world, room):
        room, alice, bob, carol = room
        alice.turn(room)
        first, others, second = wait(bob, room), wait(carol, room), wait(bob, room, 8)
        assert [reply.code for reply in first()] == ["no_turn"]
        again = wait(alice, room, 9)
        world.timers.advance(0)
        assert isinstance(others()[0], Turn)
        assert (second(), again()) == ([], [])
        carol.commit(room)
        world.timers.advance(0)
        assert isinstance(second()[0], Turn)

    def test_commit_on_its_way_keeps_the_turn(self, world, room):
        room, alice, bob, _ = room
        alice.turn(room)
        replies = wait(bob, room)
        world.journal.stepwise = True
        alice.say(
            ask.Commit(
                id=1, conversation=room, message_id=fresh_id(), head=3, payload=1, message=0
            ),
            b"i",
        )
        alice.say(ask.GiveUpTurn(id=2, conversation=room))
        again = wait(alice, room, 3)
        alice.lose()
        world.timers.advance(0)
        assert (replies(), again()) == ([], [])
        world.journal.write()
        world.journal.answer()
        world.timers.advance(0)
        assert isinstance(replies()[0], Turn)

    @pytest.mark.parametrize("leaver", ["holder", "waiting"])
    def test_lost_sessions_are_not_waited_for(self, world, room, leaver):
        room, alice, bob, carol = room
        alice.turn(room)
        wait(bob, room)
        replies = wait(carol, room)
        for client in (alice, bob) if leaver == "holder" else (bob,):
            client.lose()
        if leaver == "waiting":
            alice.commit(room)
        world.timers.advance(0)
        assert isinstance(replies()[0], Turn)
        assert not [each for each, _ in bob.received if isinstance(each, Error)]

    def test_nothing_is_kept_of_lines_that_are_empty(self, world, room):
        room, alice, bob, _ = room
        alice.turn(room)
        wait(bob, room)
        alice.commit(room)
        world.timers.advance(limits.TURN)
        assert world.service._turns._lines == {}


def test_a_gate_for_which_anybody_can_sign_lets_nobody_in(world):
    neutral = b"\x01" + bytes(31)
    info = world.enter("alice").open("vault", gate=neutral)
    eve = world.enter("eve")
    eve.ask(ask.Challenge, conversation=info.id)
    reply = eve.turn(info.id, gate_signature=neutral + bytes(32))
    assert reply.code == "bad_gate"


class TestOrder:
    def crew(self, world, *others):
        """A group that alice has founded; somebody else has the turn."""
        alice, holder, *rest = (world.enter(nick) for nick in ("alice", "holder", *others))
        group = alice.group("crew", "holder", *others)
        for member in (holder, *rest):
            member.subscribe(group)
        holder.turn(group)
        return group, alice, holder, *rest

    def finish(self, world, holder, group):
        """Let the one who has the turn give it back at once."""
        holder.ask(ask.GiveUpTurn, conversation=group)
        world.timers.advance(0)

    def test_founders_removal_then_reentries_then_all_others(self, world):
        group, alice, holder, bob, carol = self.crew(world, "bob", "carol")
        other = wait(bob, group, 1)
        reentry = wait(carol, group, 2, Purpose.REENTER)
        removal = wait(alice, group, 3, Purpose.REMOVE)
        self.finish(world, holder, group)
        assert granted(removal, reentry, other) == [True, False, False]
        self.finish(world, alice, group)
        assert granted(reentry, other) == [True, False]
        self.finish(world, carol, group)
        assert granted(other) == [True]

    def test_nobody_else_goes_first_by_saying_so(self, world):
        group, _, holder, bob, carol = self.crew(world, "bob", "carol")
        first, second = wait(bob, group, 1), wait(carol, group, 2, Purpose.REMOVE)
        self.finish(world, holder, group)
        assert granted(first, second) == [True, False]

    def test_creator_of_a_room_has_no_such_right(self, world, room):
        room, alice, bob, carol = room
        bob.turn(room)
        first, second = wait(carol, room, 1), wait(alice, room, 2, Purpose.REMOVE)
        self.finish(world, bob, room)
        assert granted(first, second) == [True, False]

    def test_who_let_turns_pass_goes_behind_who_did_not(self, world):
        group, _, holder, bob, carol = self.crew(world, "bob", "carol")
        world.timers.advance(limits.TURN)
        world.timers.advance(10)
        bob.turn(group)
        first, second = wait(holder, group, 1), wait(carol, group, 2)
        self.finish(world, bob, group)
        assert granted(first, second) == [False, True]

    @pytest.mark.parametrize("bounds", [Bounds(line=1)])
    def test_line_of_strangers_does_not_keep_out_who_goes_first(self, world):
        group, _, holder, bob, carol = self.crew(world, "bob", "carol")
        refused, waiting = wait(bob, group, 1), wait(carol, group, 2, Purpose.REENTER)
        assert [each.code for each in refused()] == ["line_full"]
        self.finish(world, holder, group)
        assert granted(waiting) == [True]

    def test_who_is_put_out_while_waiting_is_given_nothing(self, world):
        group, _, holder, bob = self.crew(world, "bob")
        waiting = wait(bob, group, state=True)
        world.kick(group, "bob")
        self.finish(world, holder, group)
        assert [each.code for each in waiting()] == ["not_a_member"]

    def test_nor_of_a_keyed_room(self, world):
        alice = world.enter("alice")
        info = alice.open("vault", gate=identity("gate").public)
        bob = world.enter("bob")
        for client, nick in ((alice, "alice"), (bob, "bob")):
            client.turn(info.id, gate_signature=client.prove(info))
            client.commit(info.id, [nick])
        alice.turn(info.id)
        waiting = wait(bob, info.id, state=True)
        world.kick(info.id, "bob")
        self.finish(world, alice, info.id)
        assert [each.code for each in waiting()] == ["not_a_member"]


class TestPrice:
    """What it costs to hold turns and not to commit."""

    def test_holding_turns_delays_others_less_and_less(self, world, room):
        room, mallory, bob, _ = room
        held, delays = [], []
        for number in range(6):
            waiting = wait(mallory, room, number)
            while not granted(waiting)[0]:
                world.timers.advance(1)
            begun = world.timers.now()
            held.append(begun)
            other = wait(bob, room, 100 + number)
            while not granted(other)[0]:
                world.timers.advance(0.5)
            delays.append(world.timers.now() - begun)
            bob.commit(room)
            world.timers.advance(0)
        assert max(delays) <= limits.SHARED_TURN
        between = [later - earlier for earlier, later in pairwise(held)]
        assert between == sorted(between)
        assert between[-1] > 60

    @pytest.mark.parametrize(("passed", "price"), [(1, 5), (2, 10), (3, 20), (4, 40), (5, 60)])
    def test_unused_turns_cost_more_each_time(self, world, room, passed, price):
        room, alice, bob, _ = room
        for number in range(passed):
            waiting = wait(alice, room, number)
            while not granted(waiting)[0]:
                world.timers.advance(1)
            world.timers.advance(limits.TURN)
        waiting, other = wait(alice, room, 99), wait(bob, room)
        assert granted(waiting, other) == [False, True], "others pass it"
        bob.commit(room)
        world.timers.advance(price - 0.5)
        assert granted(waiting) == [False]
        world.timers.advance(0.5)
        assert granted(waiting) == [True]

    def test_commit_makes_them_forgotten(self, world, room):
        room, alice, *_ = room
        alice.turn(room)
        world.timers.advance(limits.TURN)
        world.timers.advance(10)
        alice.change(room)
        assert isinstance(alice.turn(room), Turn)

    def test_turn_that_is_given_back_at_once_costs_nothing(self, world, room):
        room, alice, *_ = room
        alice.turn(room)
        alice.ask(ask.GiveUpTurn, conversation=room)
        assert isinstance(alice.turn(room), Turn)
        world.timers.advance(1)
        alice.ask(ask.GiveUpTurn, conversation=room)
        assert alice.begin(ask.TakeTurn, conversation=room, purpose=Purpose.COMMIT)
        assert isinstance(alice.received[-1][0], Ok)

    def test_losing_the_connection_does_not_save_it(self, world, room):
        room, alice, *_ = room
        alice.turn(room)
        world.timers.advance(1)
        alice.lose()
        again = world.enter("alice")
        assert granted(wait(again, room)) == [False]

    def test_eight_accounts_that_hold_turns_keep_nobody_out_for_thirty_seconds(self, world):
        alice = world.enter("alice")
        room = alice.room()
        crowd = [world.enter(f"mallory{number}") for number in range(8)]
        for number, member in enumerate(crowd):
            wait(member, room, number, Purpose.JOIN)
        newcomer = wait(world.enter("bob"), room, 99, Purpose.JOIN)
        world.timers.advance(30)
        assert granted(newcomer) == [True]

    @pytest.mark.parametrize("commits", [False, True])
    def test_nor_do_members_who_say_that_they_get_in_anew(self, world, commits):
        room = world.enter("alice").room()
        crowd = [Holder(world, f"mallory{number}", room, commits) for number in range(8)]

        def pass_time(seconds):
            for _ in range(seconds * 10):
                for each in crowd:
                    each.act()
                world.timers.advance(0.1)

        pass_time(60)
        newcomer = wait(world.enter("bob"), room, 99, Purpose.JOIN)
        pass_time(30)
        assert granted(newcomer) == [True]

    def test_one_account_makes_no_more_commits_than_one_in_a_second(self, world, room):
        room, mallory, bob, _ = room
        made = 0
        for _ in range(200):
            waiting = wait(mallory, room)
            if granted(waiting)[0]:
                mallory.commit(room, message=b"noise")
                made += 1
            mallory.received.clear()
            world.timers.advance(0.1)
        assert made <= 20 + 8
        assert isinstance(bob.turn(room), Turn)


class TestCalm:
    def test_message_gets_in_between_commits(self, world, room):
        room, alice, bob, carol = room
        head = world.head(room)
        bob.turn(room)
        waiting = wait(carol, room)
        bob.commit(room)
        assert alice.append(room, head=head).code == "stale_head"
        world.timers.advance(0.9)
        assert granted(waiting) == [False]
        alice.append(room)
        world.timers.advance(0)
        assert granted(waiting) == [True]

    def test_calm_lasts_a_second_at_most(self, world, room):
        room, alice, bob, carol = room
        bob.change(room)
        alice.append(room, head=1)
        world.timers.advance(0.5)
        alice.append(room, head=1)
        waiting = wait(carol, room)
        world.timers.advance(0.4)
        assert granted(waiting) == [False]
        world.timers.advance(0.1)
        assert granted(waiting) == [True]

    def test_stale_messages_do_not_keep_others_from_committing(self, world, room):
        room, mallory, bob, _ = room
        bob.change(room)
        waits = []
        for number in range(5):
            begun = world.timers.now()
            waiting = wait(bob, room, number)
            while not granted(waiting)[0]:
                mallory.append(room, head=1)
                world.timers.advance(0.25)
            waits.append(world.timers.now() - begun)
            bob.commit(room)
        assert max(waits) <= 1

    def test_reentries_go_on(self, world, room):
        room, alice, bob, carol = room
        bob.change(room)
        alice.append(room, head=1)
        assert isinstance(carol.turn(room, purpose=Purpose.REENTER), Turn)

    def test_one_message_goes_before_reentries_after_a_removal(self, world):
        alice, _, carol, dave = map(world.enter, ("alice", "bob", "carol", "dave"))
        group = alice.group("crew", "bob", "carol", "dave")
        alice.change(group, (), ["bob"])
        reentry = wait(carol, group, 1, Purpose.REENTER)
        assert granted(reentry) == [False]
        dave.append(group)
        world.timers.advance(0)
        assert granted(reentry) == [True]

    def test_or_a_second_passes(self, world):
        alice, _, carol = map(world.enter, ("alice", "bob", "carol"))
        group = alice.group("crew", "bob", "carol")
        alice.change(group, (), ["bob"])
        reentry = wait(carol, group, 1, Purpose.REENTER)
        world.timers.advance(1)
        assert granted(reentry) == [True]


class TestBudget:
    """What it costs to shut others out."""

    def shut_out(self, room, mallory, *others, **fields):
        """Commit what others cannot use, who say so."""
        mallory.turn(room, **fields)
        seq = mallory.commit(room, message=b"noise").seq
        for other in others:
            other.ask(ask.Ask, b"ask", conversation=room, seq=seq)

    def test_shutting_everybody_out_costs_more_each_time(self, world, room):
        room, mallory, bob, carol = room
        mallory.append(room)
        for cost in (40, 320, 600, 600):
            self.shut_out(room, mallory, bob, carol)
            waiting = wait(mallory, room)
            world.timers.advance(cost - 1)
            assert granted(waiting) == [False], cost
            assert isinstance(bob.turn(room), Turn), "others pass it"
            bob.ask(ask.GiveUpTurn, conversation=room)
            world.timers.advance(1)
            assert granted(waiting) == [True], cost
            mallory.ask(ask.GiveUpTurn, conversation=room)
            mallory.received.clear()

    def test_it_costs_the_same_from_outside(self, world, room):
        room, mallory, bob, carol = room
        mallory.append(room)
        self.shut_out(room, mallory, bob, carol, purpose=Purpose.REENTER)
        assert granted(wait(mallory, room)) == [False]
        assert granted(wait(mallory, room, 8, Purpose.REENTER)) == [False]
        world.timers.advance(39)
        assert granted(lambda: mallory.replies(8)) == [False]

    def test_two_commits_from_outside_are_apart(self, world, room):
        room, alice, *_ = room
        alice.turn(room, purpose=Purpose.REENTER)
        alice.commit(room)
        world.timers.advance(1)
        assert isinstance(alice.turn(room), Turn), "another commit is none from outside"
        alice.commit(room)
        waiting = wait(alice, room, 8, Purpose.REENTER)
        world.timers.advance(8)
        assert granted(waiting) == [False]
        world.timers.advance(1)
        assert granted(waiting) == [True]

    def test_accounts_that_said_nothing_share_what_they_may(self, world, room):
        room, alice, bob, _ = room
        bob.append(room)
        first, second = world.enter("mallory1"), world.enter("mallory2")
        first.room()
        self.shut_out(room, first, alice, bob)
        assert granted(wait(second, room, purpose=Purpose.JOIN)) == [False]
        assert granted(wait(bob, room)) == [True]

    def test_who_is_asked_about_by_few_goes_on(self, world):
        alice = world.enter("alice")
        room = alice.room()
        others = [world.enter(f"other{number}") for number in range(11)]
        for other in others:
            other.room()
        self.shut_out(room, alice, others[0])
        assert isinstance(alice.turn(room), Turn)
        alice.ask(ask.GiveUpTurn, conversation=room)
        self.shut_out(room, alice, *others[:2])
        assert granted(wait(alice, room)) == [False]
