"""Turns to commit: one at a time, in the order in which they were asked for, for a while."""

import pytest

from geventim.chat import limits
from geventim.chat import requests as ask
from geventim.chat.replies import Error, Ok, Turn
from geventim.chat.values import Purpose
from tests.service.doubles import fresh_id


@pytest.fixture
def room(world):
    """A room whose members are alice, bob and carol."""
    clients = [world.enter(nick) for nick in ("alice", "bob", "carol")]
    for client in clients:
        client.room()
    for client in clients:
        client.received.clear()
    return clients[0].open().id, *clients


def wait(client, room, number=7):
    """Ask for a turn; the function that finds its replies."""
    client.say(ask.TakeTurn(id=number, conversation=room, purpose=Purpose.COMMIT))
    return lambda: client.replies(number)


class TestLine:
    def test_turn_comes_with_head_and_group_info(self, world, room):
        room, alice, *_ = room
        alice.change(room, group_info=b"the newest")
        alice.received.clear()
        turn = alice.turn(room)
        assert turn == Turn(id=turn.id, head=4, payload=len(b"the newest"))
        assert alice.received == [(turn, b"the newest")]

    def test_first_turn_of_all_has_no_group_info(self, world):
        alice = world.enter("alice")
        turn = alice.turn(alice.open().id)
        assert (turn.head, turn.payload) == (0, 0)

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
        assert (carol.received[-1][1]) == b"by alice"
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

    def test_line_has_a_bound(self, world, room, monkeypatch):
        monkeypatch.setattr(limits, "LINE", 1)
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
        assert dave.turn(fresh_id()).code == "no_conversation"
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
        world.timers.advance(limits.TURN - 0.1)
        assert replies() == []
        world.timers.advance(0.1)
        assert isinstance(replies()[0], Turn)
        assert alice.commit(room).code == "no_turn"
        assert isinstance(bob.commit(room).seq, int)

    def test_lease_begins_when_the_turn_comes(self, world, room):
        room, alice, bob, _ = room
        alice.turn(room)
        wait(bob, room)
        world.timers.advance(limits.TURN)
        world.timers.advance(limits.TURN - 0.1)
        assert isinstance(bob.commit(room).seq, int)

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
