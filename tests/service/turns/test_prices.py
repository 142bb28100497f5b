"""What turns cost those who take many, so that others have theirs."""

from itertools import pairwise

import pytest

from geventim.chat import limits
from geventim.chat import requests as ask
from geventim.chat.replies import Ok, Turn
from geventim.chat.values import Purpose
from tests.service.turns.waiting import Holder, granted, wait


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
