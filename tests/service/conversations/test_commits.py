"""Commits, and who is put out by them."""

import pytest

from geventim.chat import limits
from geventim.chat import requests as ask
from geventim.chat.departures import KICK, NO_HISTORY, NO_LEAF, Departure, kick_claim
from geventim.chat.replies import Added, Appended, EntryEvent
from geventim.chat.values import EntryKind, Purpose
from geventim.crypto import signature
from geventim.log.outcomes import NOT_A_MEMBER
from geventim.service.bounds import Bounds
from geventim.service.happenings import Happening
from tests.service.doubles import SERVER_SIGNER, World, fresh_id, people
from tests.service.identities import account, identity


class TestCommitting:
    def test_parts_go_where_they_belong(self, world):
        alice, bob, carol = people(world, "alice", "bob", "carol")
        group = alice.group("crew", "carol")
        carol.subscribe(group, 1)
        alice.change(group, ["bob"], message=b"one", welcome=b"two", group_info=b"three")
        bob.subscribe(group)
        assert (carol.payloads(), bob.payloads()) == ([b"one"], [b"onetwo"])
        head = world.store.head(group)
        assert (head.commit, head.members) == (2, 3)
        assert world.store.state(group, account("alice").id).group_info == b"three"

    def test_commit_may_be_empty_but_for_the_group_info(self, world):
        (alice,) = people(world, "alice")
        room = alice.open().id
        assert alice.change(room, ["alice"], message=b"", group_info=b"first") == 1
        assert world.store.state(room, account("alice").id).group_info == b"first"

    @pytest.mark.parametrize(("message", "welcome"), [(6, 0), (0, 6), (3, 3), (7, 0), (2**53, 1)])
    def test_commit_needs_a_group_info(self, world, message, welcome):
        (alice,) = people(world, "alice")
        room = alice.room()
        alice.turn(room)
        request = ask.Commit(
            id=1,
            conversation=room,
            message_id=fresh_id(),
            head=1,
            payload=6,
            message=message,
            welcome=welcome,
        )
        alice.received.clear()
        alice.say(request, b"abcdef")
        ((reply, _),) = alice.received
        assert reply.code == "bad_request"
        assert world.last(room) == 1

    def test_commit_has_a_bound(self, world):
        (alice,) = people(world, "alice")
        room = alice.room()
        alice.turn(room)
        assert alice.commit(room, message=bytes(limits.COMMIT_SIZE)).code == "too_large"
        assert alice.commit(room, message=bytes(limits.COMMIT_SIZE - 4)).seq == 2

    def test_without_the_turn_nothing_is_changed(self, world):
        alice, bob = people(world, "alice", "bob")
        room = alice.room()
        bob.room()
        assert alice.commit(room).code == "no_turn"
        alice.turn(room)
        assert bob.commit(room).code == "no_turn"
        assert alice.commit(room).seq == 3
        assert alice.commit(room).code == "no_turn"

    def test_repeated_commit_is_answered_alike_without_a_turn(self, world):
        alice, bob = people(world, "alice", "bob")
        room = alice.room()
        bob.room()
        message_id = fresh_id()
        seq = alice.change(room, message_id=message_id)
        bob.change(room)
        again = alice.commit(room, message_id=message_id, head=2)
        assert (again.seq, world.last(room)) == (seq, 4)
        assert bob.entries(room) == [2, 3]

    def test_stale_head_is_refused_and_ends_the_turn(self, world):
        alice, bob = people(world, "alice", "bob")
        room = alice.room()
        bob.room()
        alice.turn(room)
        assert alice.commit(room, head=1).code == "stale_head"
        assert alice.commit(room).code == "no_turn"
        assert bob.change(room) == 3

    @pytest.mark.parametrize("bounds", [Bounds(members=2)])
    def test_those_named_have_a_bound(self, world):
        alice, *_ = people(world, "alice", "bob", "carol")
        group = alice.group("crew")
        alice.turn(group)
        assert alice.commit(group, ["bob", "carol"], ["alice"]).code == "bad_request"
        assert alice.commit(group, ["bob", "carol"]).seq == 2

    def test_those_named_must_exist(self, world):
        (alice,) = people(world, "alice")
        group = alice.group("crew")
        alice.turn(group)
        assert alice.commit(group, ["nobody"]).code == "unknown_account"
        assert alice.commit(group, remove=["nobody"]).code == "unknown_account"
        assert world.last(group) == 1

    def test_nobody_is_brought_into_a_room_by_a_stranger(self, world):
        alice, bob, _ = people(world, "alice", "bob", "carol")
        room = alice.room()
        bob.turn(room)
        assert bob.commit(room, ["bob", "carol"]).code == "not_allowed"
        bob.turn(room)
        assert bob.commit(room, ["bob"], ["alice"]).code == "not_allowed"
        bob.turn(room)
        assert bob.commit(room, ["carol"]).code == "not_a_member"
        assert world.store.members(room) == [account("alice").id]

    def test_nobody_is_brought_into_a_room_by_a_member_either(self, world):
        alice, *_ = people(world, "alice", "bob")
        room = alice.room()
        alice.turn(room)
        assert alice.commit(room, ["bob"]).code == "not_allowed"

    @pytest.mark.parametrize("purpose", [Purpose.COMMIT, Purpose.REENTER, Purpose.REMOVE])
    def test_turn_for_something_else_lets_nobody_in(self, world, purpose):
        alice, bob = people(world, "alice", "bob")
        room = alice.room()
        bob.turn(room, purpose=purpose)
        assert bob.commit(room, ["bob"]).code == "no_turn"
        assert world.store.members(room) == [account("alice").id]

    def test_room_has_a_bound(self):
        world = World(room_limit=2)
        alice, bob, carol = people(world, "alice", "bob", "carol")
        room = alice.room()
        bob.room()
        carol.turn(room)
        full = carol.commit(room, ["carol"])
        assert (full.code, full.text) == ("room_full", "The room 'lobby' has 2 members already.")
        bob.leave(room)
        assert carol.change(room, ["carol"]) == 4

    def test_two_people_stay_two(self, world):
        alice, *_ = people(world, "alice", "bob", "carol")
        conversation = alice.dm("bob")
        alice.turn(conversation)
        assert alice.commit(conversation, ["carol"]).code == "not_allowed"

    def test_full_disk_ends_the_turn_and_adds_nobody(self, world):
        alice, bob = people(world, "alice", "bob")
        group = alice.group("crew")
        alice.turn(group)
        world.journal.failing = True
        assert alice.commit(group, ["bob"]).code == "storage_failed"
        world.journal.failing = False
        assert bob.events(Added) == []
        assert alice.change(group, ["bob"]) == 2


class TestKeyedRooms:
    def open(self, world, *nicks):
        clients = people(world, *nicks)
        info = clients[0].open(gate=identity("gate").public)
        return info, *clients

    def test_whoever_holds_the_key_gets_in(self, world):
        info, alice = self.open(world, "alice")
        turn = alice.turn(info.id, gate_signature=alice.prove(info))
        assert turn.head == 0
        assert alice.commit(info.id, ["alice"]).seq == 1

    def test_members_need_not_show_it_again(self, world):
        info, alice = self.open(world, "alice")
        alice.turn(info.id, gate_signature=alice.prove(info))
        alice.commit(info.id, ["alice"])
        assert alice.change(info.id) == 2

    def test_new_gate_lets_in_who_holds_its_key(self, world):
        info, alice, bob = self.open(world, "alice", "bob")
        alice.turn(info.id, gate_signature=alice.prove(info))
        alice.commit(info.id, ["alice"])
        alice.change(info.id, gate=identity("new gate").public)
        assert alice.open().gate == identity("new gate").public
        assert bob.turn(info.id, gate_signature=bob.prove(info)).code == "bad_gate"
        bob.turn(info.id, gate_signature=bob.prove(info, "new gate"))
        assert bob.commit(info.id, ["bob"]).seq == 3

    def test_gate_that_was_replaced_meanwhile_lets_nobody_in(self, world):
        info, alice, bob = self.open(world, "alice", "bob")
        alice.turn(info.id, gate_signature=alice.prove(info))
        alice.commit(info.id, ["alice"])
        alice.turn(info.id)
        request = ask.TakeTurn(
            id=7,
            conversation=info.id,
            purpose=Purpose.JOIN,
            gate_signature=bob.prove(info),
        )
        bob.say(request)
        alice.commit(info.id, gate=identity("new gate").public)
        world.timers.advance(0)
        assert bob.replies(7)[0].head == 2
        assert bob.commit(info.id, ["bob"]).code == "bad_gate"


class TestPuttingOut:
    """Nobody is put out by a commit that nobody can use."""

    def test_member_cannot_declare_that_everybody_is_out(self, world):
        alice, bob, _ = people(world, "alice", "bob", "carol")
        group = alice.group("crew", "bob", "carol")
        bob.turn(group, purpose=Purpose.REMOVE)
        assert bob.commit(group, (), ["alice", "carol"], message=b"noise").code == "not_allowed"
        bob.turn(group)
        assert bob.commit(group, ["alice"], ["alice"], message=b"noise").code == "not_allowed"
        assert len(world.store.members(group)) == 3

    def test_group_stays_its_creators_after_any_state(self, world):
        alice, bob = people(world, "alice", "bob")
        group = alice.group("crew", "bob")
        bob.change(group, group_info=b"garbage")
        assert alice.change(group, (), ["bob"]) == 3
        assert world.store.members(group) == [account("alice").id]

    def test_kick_stops_delivery_at_once_and_is_shown_to_who_is_out(self, world):
        alice, bob = people(world, "alice", "bob")
        room = alice.room()
        bob.room()
        told = []
        world.service.kick(world.store.conversation(room), account("bob").id, told.append)
        assert told[0].gone == (account("bob").id,)
        alice.append(room, b"among us")
        kick = alice.events(EntryEvent)[-1]
        assert (kick.kind, kick.author, kick.seq) == (EntryKind.KICK, "bob", 3)
        assert bob.events(EntryEvent)[-1] == kick
        assert bob.append(room).code == "not_a_member"
        said = Departure.decode(bob.payloads()[-1])
        claim = kick_claim(room, bob.open().incarnation, account("bob").id, NO_LEAF, NO_HISTORY)
        assert (said.kind, said.account, said.leaf) == (
            KICK,
            account("bob").id,
            NO_LEAF,
        )
        signature.verify(SERVER_SIGNER.public, claim, said.signature)

    def test_kick_of_who_is_no_member_is_refused(self, world):
        alice, _ = people(world, "alice", "bob")
        room = alice.room()
        told = []
        world.service.kick(world.store.conversation(room), account("bob").id, told.append)
        assert told == [NOT_A_MEMBER]

    def test_nobody_but_the_server_kicks(self, world):
        alice, _ = people(world, "alice", "bob")
        assert alice.append(alice.room(), kind=EntryKind.KICK).code == "bad_request"

    def test_operator_deletes_the_conversation_of_two_others(self, world):
        alice, bob, olga = people(world, "alice", "bob", "olga")
        conversation = alice.dm("bob")
        alice.change(conversation)
        bob.subscribe(conversation)
        world.service.moderation.make_operator("olga")
        assert isinstance(olga.delete(conversation), Appended)
        assert bob.events(EntryEvent)[-1].kind is EntryKind.DELETE
        assert olga.noted[-1] == (Happening.DELETION, "")
