"""Turns to commit: one at a time, in the order in which they were asked for, for a while."""

import pytest

from geventim.chat import limits
from geventim.chat import requests as ask
from geventim.chat.replies import Error, Ok, Turn
from geventim.chat.values import Purpose
from geventim.service.bounds import Bounds
from tests.service.doubles import fresh_id
from tests.service.identities import account, identity
from tests.service.turns.waiting import granted, wait


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
