"""Asking and helping: what members who are shut out say, and who hears it."""

import pytest

from geventim.chat import limits
from geventim.chat import requests as ask
from geventim.chat.departures import kick_claim
from geventim.chat.replies import Asks, Helped, KickSigned, Ok
from geventim.crypto import signature
from geventim.service.bounds import Bounds
from geventim.service.feed import Pace
from geventim.service.turns.helping import GATHER, STILL
from tests.service.doubles import SERVER_SIGNER, fresh_id, meet
from tests.service.identities import account


@pytest.fixture
def room(world):
    return meet(world, "alice", "bob", "carol")


def say(client, room, payload=b"help me", seq=3):
    return client.ask(ask.Ask, payload, conversation=room, seq=seq)


class TestAsking:
    def test_members_that_follow_are_told_and_who_asks_is_not(self, world, room):
        room, alice, bob, carol = room
        assert isinstance(say(alice, room), Ok)
        world.timers.advance(GATHER / 2)
        assert bob.events(Asks) == []
        world.timers.advance(GATHER / 2)
        event = Asks(conversation=room, accounts=(account("alice").id,), sizes=(7,), payload=7)
        for other in (bob, carol):
            assert other.received[-1] == (event, b"help me")
        assert alice.events(Asks) == []

    def test_asks_are_gathered_one_of_each_account(self, world, room):
        room, alice, bob, carol = room
        say(alice, room, b"first")
        say(bob, room, b"bob")
        say(alice, room, b"again")
        world.timers.advance(GATHER)
        (event,) = carol.events(Asks)
        assert event.accounts == (account("alice").id, account("bob").id)
        assert (event.sizes, carol.received[-1][1]) == ((5, 3), b"againbob")
        world.timers.advance(1)
        assert len(carol.events(Asks)) == 1

    def test_who_lacks_the_same_is_not_asked(self, world, room):
        room, alice, bob, carol = room
        say(alice, room, b"alice")
        world.timers.advance(GATHER)
        say(bob, room, b"bob")
        world.timers.advance(GATHER)
        assert [len(each.events(Asks)) for each in (alice, bob, carol)] == [0, 1, 2]
        world.timers.advance(STILL - GATHER)
        say(bob, room, b"again")
        world.timers.advance(GATHER)
        assert len(alice.events(Asks)) == 1, "alice may have been helped since"

    def test_who_lacks_something_else_is(self, world, room):
        room, alice, bob, carol = room
        say(alice, room, b"past", seq=2)
        say(bob, room, b"present", seq=3)
        world.timers.advance(GATHER)
        assert alice.events(Asks)[0].accounts == (account("bob").id,)
        assert bob.events(Asks)[0].accounts == (account("alice").id,)
        assert len(carol.events(Asks)) == 2

    @pytest.mark.parametrize("bounds", [Bounds(asks=2)])
    def test_many_come_in_parts(self, world, room):
        room, alice, bob, carol = room
        dave = world.enter("dave")
        dave.room()
        for member in (alice, bob, carol):
            say(member, room)
        world.timers.advance(GATHER)
        assert [len(event.accounts) for event in dave.events(Asks)] == [2, 1]

    def test_who_does_not_follow_hears_nothing(self, world, room):
        room, alice, bob, carol = room
        bob.session.places[room].pace = Pace.SILENT
        carol.lose()
        dave = world.enter("dave")
        dave.room(read=False)
        say(alice, room)
        world.timers.advance(GATHER)
        assert dave.events(Asks) == carol.events(Asks) == []

    def test_room_that_everybody_has_left_meanwhile(self, world, room):
        room, *members = room
        say(members[0], room)
        for member in members:
            member.lose()
        del members, member
        world.timers.advance(GATHER)

    def test_it_has_a_bound(self, world, room):
        room, alice, *_ = room
        assert say(alice, room, bytes(limits.ASK_SIZE + 1)).code == "too_large"
        assert isinstance(say(alice, room, bytes(limits.ASK_SIZE)), Ok)

    def test_members_alone_ask_and_help(self, world, room):
        room, alice, *_ = room
        dave, dm = world.enter("dave"), alice.dm("bob")
        for conversation in (room, dm, fresh_id()):
            assert say(dave, conversation).code == "not_a_member"
            reply = dave.ask(ask.Help, b"x", conversation=conversation, account=account("alice").id)
            assert reply.code == "not_a_member"
        world.timers.advance(GATHER)
        assert alice.events(Asks) == alice.events(Helped) == []


class TestHelping:
    def help(self, client, room, nick, payload=b"secret"):
        return client.ask(ask.Help, payload, conversation=room, account=account(nick).id)

    def test_it_goes_to_who_has_asked(self, world, room):
        room, alice, bob, carol = room
        assert isinstance(self.help(alice, room, "bob"), Ok)
        assert bob.received[-1] == (Helped(conversation=room, payload=6), b"secret")
        assert carol.events(Helped) == []

    def test_nobody_learns_who_is_there(self, world, room):
        room, alice, bob, _ = room
        bob.lose()
        world.enter("dave")
        for nick in ("bob", "dave", "nobody"):
            assert isinstance(self.help(alice, room, nick), Ok)
        assert world.service.connected.session(account("dave").id).outlet.events(Helped) == []

    def test_who_does_not_read_is_not_flooded(self, world, room):
        room, alice, bob, _ = room
        bob.congested = True
        self.help(alice, room, "bob")
        assert bob.events(Helped) == []

    def test_it_has_a_bound(self, world, room):
        room, alice, *_ = room
        assert self.help(alice, room, "bob", bytes(limits.ASK_SIZE + 1)).code == "too_large"


class TestKicks:
    def sign(self, client, room, nick, key=b"k" * 32):
        who = account(nick).id
        return client.ask(ask.SignKick, conversation=room, account=who, key=key, history=b"h" * 32)

    def test_any_member_is_given_the_servers_word_that_somebody_is_out(self, world, room):
        room, alice, bob, _ = room
        bob.leave(room)
        reply = self.sign(alice, room, "bob")
        assert isinstance(reply, KickSigned)
        incarnation = world.store.conversation(room).incarnation
        claim = kick_claim(room, incarnation, account("bob").id, b"k" * 32, b"h" * 32)
        signature.verify(SERVER_SIGNER.public, claim, reply.signature)

    def test_not_while_it_is_a_member(self, world, room):
        room, alice, bob, _ = room
        assert self.sign(alice, room, "bob").code == "not_allowed"
        world.kick(room, "bob")
        assert isinstance(self.sign(alice, room, "bob"), KickSigned)
        world.timers.advance(10)
        bob.change(room, ["bob"])
        assert self.sign(alice, room, "bob").code == "not_allowed"

    def test_who_is_out_is_given_nothing(self, world, room):
        room, alice, bob, _ = room
        world.kick(room, "bob")
        dave = world.enter("dave")
        for outsider in (bob, dave):
            assert self.sign(outsider, room, "carol").code == "not_a_member"
        assert self.sign(dave, alice.dm("bob"), "bob").code == "not_a_member"
