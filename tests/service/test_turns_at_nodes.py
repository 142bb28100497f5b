"""Turns and help for people who are at different nodes."""

from geventim.chat import requests as ask
from geventim.chat.bulletins import TurnUrgent
from geventim.chat.limits import TURN
from geventim.chat.replies import (
    Asks,
    Helped,
    StateWanted,
    Voided,
)
from geventim.chat.values import Purpose
from geventim.errors import StoreError
from geventim.service.turns.helping import GATHER as GATHER_ASKS
from geventim.service.turns.rates import EXTERNAL
from geventim.service.turns.turns import AGAIN
from geventim.service.turns.urgency import URGENCY


class TestTurns:
    def test_turn_of_another_node_is_waited_for(self, two):
        alice, bob = two[0].enter("alice"), two[1].enter("bob")
        room = alice.room()
        bob.room()
        alice.turn(room)
        bob.say(ask.TakeTurn(id=77, conversation=room, purpose=Purpose.COMMIT))
        two[1].timers.advance(1)
        assert bob.replies(77) == []
        reply = alice.commit(room)
        two[1].timers.advance(1)
        assert bob.replies(77)[0].head == reply.seq

    def test_reentry_at_another_node_goes_first(self, two, street):
        alice, bob, carol = (
            two[number].enter(nick) for number, nick in ((0, "alice"), (0, "bob"), (1, "carol"))
        )
        room = alice.room()
        for member in (bob, carol):
            member.room()
        two[0].timers.advance(EXTERNAL)
        alice.turn(room)
        wants = {"id": 77, "conversation": room}
        bob.say(ask.TakeTurn(purpose=Purpose.COMMIT, **wants))
        carol.say(ask.TakeTurn(purpose=Purpose.REENTER, **wants))
        street.let()
        alice.ask(ask.GiveUpTurn, conversation=room)
        two[0].timers.advance(AGAIN)
        assert (len(bob.replies(77)), len(carol.replies(77))) == (0, 1)
        street.let()
        carol.commit(room)
        two[0].timers.advance(AGAIN)
        assert len(bob.replies(77)) == 1

    def test_urgency_of_a_node_that_says_nothing_more_ends(self, two, street):
        alice, carol = two[0].enter("alice"), two[1].enter("carol")
        room = alice.room()
        carol.room()
        two[0].timers.advance(EXTERNAL)
        two[0].service.neighbourhood.hear(two[1].name, TurnUrgent(room, 1))
        alice.say(ask.TakeTurn(id=77, conversation=room, purpose=Purpose.COMMIT))
        assert alice.replies(77) == []
        two[0].timers.advance(URGENCY)
        assert len(alice.replies(77)) == 1

    def test_price_and_budget_hold_at_every_node(self, two, street):
        alice, bob = two[0].enter("alice"), two[1].enter("bob")
        room = alice.room()
        bob.room()
        two[0].timers.advance(EXTERNAL)
        street.let()
        alice.turn(room)
        two[0].timers.advance(TURN)
        street.let()
        moved = two[1].enter("alice")
        moved.say(ask.TakeTurn(id=1, conversation=room, purpose=Purpose.COMMIT))
        assert moved.replies(1) == []
        two[0].timers.advance(5)
        assert len(moved.replies(1)) == 1
        seq = moved.commit(room, message=b"noise").seq
        bob.ask(ask.Ask, b"ask", conversation=room, seq=seq)
        street.let()
        back = two[0].enter("alice")
        back.say(ask.TakeTurn(id=2, conversation=room, purpose=Purpose.COMMIT))
        two[0].timers.advance(39)
        assert back.replies(2) == []
        two[0].timers.advance(1)
        assert len(back.replies(2)) == 1

    def test_commits_from_outside_are_apart_at_every_node(self, two, street):
        alice = two[0].enter("alice")
        room = alice.room()
        street.let()
        moved = two[1].enter("alice")
        moved.say(ask.TakeTurn(id=1, conversation=room, purpose=Purpose.REENTER))
        two[0].timers.advance(EXTERNAL - 1)
        assert moved.replies(1) == []
        two[0].timers.advance(1)
        assert len(moved.replies(1)) == 1

    def test_message_that_was_refused_elsewhere_gets_in_first(self, two, street):
        alice, bob = two[0].enter("alice"), two[1].enter("bob")
        room = alice.room()
        bob.room()
        bob.append(room, head=1)
        street.let()
        alice.say(ask.TakeTurn(id=1, conversation=room, purpose=Purpose.COMMIT))
        assert alice.replies(1) == []
        bob.append(room)
        two[0].timers.advance(0)
        assert len(alice.replies(1)) == 1

    def test_so_does_one_after_a_removal_elsewhere(self, two, street):
        alice, _ = two[0].enter("alice"), two[0].enter("bob")
        carol = two[1].enter("carol")
        group = alice.group("crew", "bob", "carol")
        alice.change(group, (), ["bob"])
        street.let()
        carol.say(ask.TakeTurn(id=1, conversation=group, purpose=Purpose.REENTER))
        assert carol.replies(1) == []
        alice.append(group)
        two[0].timers.advance(0)
        assert len(carol.replies(1)) == 1

    def test_lease_is_given_back_by_who_has_gone_meanwhile(self, two, street):
        alice = two[0].enter("alice")
        room = alice.room()
        alice.turn(room)
        assert street.leases == {room: two[0]}
        alice.lose()
        assert street.leases == {}

    def test_store_that_fails_is_told(self, two):
        alice = two[0].enter("alice")
        room = alice.room()
        two[0].timers.advance(1)

        def fail(conversation):
            raise StoreError("it is gone")

        two[0].acquire = fail
        assert alice.turn(room).code == "storage_failed"


class TestHelp:
    def people(self, two, street):
        """Alice at one node, bob at the other, in one room."""
        alice, bob = two[0].enter("alice"), two[1].enter("bob")
        room = alice.room()
        bob.room()
        bob.subscribe(room, 2)
        alice.subscribe(room, 2)
        street.let()
        return room, alice, bob

    def test_asks_are_told_everywhere(self, two, street):
        room, alice, bob = self.people(two, street)
        bob.ask(ask.Ask, b"help", conversation=room, seq=2)
        street.let()
        two[0].timers.advance(GATHER_ASKS)
        (event,) = alice.events(Asks)
        assert (event.accounts, event.payload) == ((bob.session.account.id,), 4)
        assert bob.events(Asks) == []

    def test_help_reaches_who_is_elsewhere(self, two, street):
        room, alice, bob = self.people(two, street)
        alice.ask(ask.Help, b"secret", conversation=room, account=bob.session.account.id)
        street.let()
        assert bob.received[-1] == (Helped(conversation=room, payload=6), b"secret")

    def test_author_of_a_void_commit_is_told_wherever_it_is(self, two, street):
        room, alice, bob = self.people(two, street)
        alice.ask(ask.Void, b"state", conversation=room, seq=2)
        street.let()
        event = Voided(conversation=room, seq=2, account=alice.session.account.id, payload=5)
        assert bob.received[-1] == (event, b"state")

    def test_members_everywhere_are_asked_for_states(self, two, street):
        room, alice, bob = self.people(two, street)
        newcomer = two[0].enter("carol")
        for number in range(3):
            newcomer.say(
                ask.TakeTurn(id=number, conversation=room, purpose=Purpose.JOIN, state=True)
            )
        street.let()
        for member in (alice, bob):
            assert member.events(StateWanted) == [StateWanted(conversation=room)]
