"""What becomes of entries: messages, leaves, deletes, commits, and what is contested."""

import pytest

from geventim.chat import limits
from geventim.chat import requests as ask
from geventim.chat.replies import Added, Appended, EntryEvent, Error, Ok
from geventim.chat.values import EntryKind, Status
from tests.service.doubles import World, account, fresh_id, identity


def people(world, *nicks):
    return [world.enter(nick) for nick in nicks]


class TestAppending:
    def test_repeated_message_is_answered_alike_and_delivered_once(self, world):
        alice, bob = people(world, "alice", "bob")
        room = alice.room()
        bob.room()
        message_id = fresh_id()
        first = alice.append(room, message_id=message_id)
        again = alice.append(room, message_id=message_id)
        assert (first.seq, first.time) == (again.seq, again.time)
        assert bob.entries(room) == [2, 3]

    def test_repeated_message_may_have_a_stale_head(self, world):
        (alice,) = people(world, "alice")
        room = alice.room()
        message_id = fresh_id()
        first = alice.append(room, message_id=message_id)
        alice.change(room)
        assert alice.append(room, message_id=message_id, head=1).seq == first.seq

    def test_stale_head_is_refused(self, world):
        alice, bob = people(world, "alice", "bob")
        room = alice.room()
        bob.room()
        for head in (0, 1, 3):
            assert alice.append(room, head=head).code == "stale_head"
        assert alice.append(room, head=2).seq == 3
        assert bob.entries(room) == [2, 3]

    def test_payload_has_a_bound(self, world):
        (alice,) = people(world, "alice")
        room = alice.room()
        largest = bytes(limits.PAYLOAD_SIZE)
        assert isinstance(alice.append(room, largest), Appended)
        reply = alice.append(room, largest + b"!")
        assert reply.code == "too_large"
        assert str(limits.PAYLOAD_SIZE) in reply.text
        assert isinstance(alice.append(room), Appended)

    def test_commit_is_not_appended(self, world):
        (alice,) = people(world, "alice")
        group = alice.group("crew")
        assert alice.append(group, kind=EntryKind.COMMIT).code == "bad_request"
        assert world.last(group) == 1

    def test_unknown_conversation(self, world):
        (alice,) = people(world, "alice")
        assert alice.append(fresh_id()).code == "no_conversation"

    def test_full_disk_is_told_and_nothing_is_delivered(self, world):
        alice, bob = people(world, "alice", "bob")
        room = alice.room()
        bob.room()
        bob.received.clear()
        world.journal.failing = True
        assert alice.append(room).code == "storage_failed"
        world.journal.failing = False
        assert bob.received == []
        assert alice.append(room).seq == 3
        assert bob.entries(room) == [3]

    def test_entries_that_wait_for_the_disk_are_counted(self, world):
        (alice,) = people(world, "alice")
        room = alice.room()
        alice.turn(room)
        world.journal.stepwise = True
        for number in range(3):
            alice.say(ask.Append(id=number, conversation=room, message_id=fresh_id(), head=1))
        alice.say(
            ask.Commit(
                id=3, conversation=room, message_id=fresh_id(), head=1, payload=1, message=0
            ),
            b"i",
        )
        assert alice.session.in_flight == 4
        for left in (3, 2, 1, 0):
            world.journal.failing = left == 0
            world.journal.write()
            world.journal.answer()
            assert alice.session.in_flight == left
        assert [type(alice.replies(number)[-1]) for number in range(4)] == 3 * [Appended] + [Error]

    def test_author_who_is_gone_is_delivered_all_the_same(self, world):
        alice, bob = people(world, "alice", "bob")
        room = alice.room()
        bob.room()
        bob.received.clear()
        world.journal.stepwise = True
        alice.say(
            ask.Append(id=1, conversation=room, message_id=fresh_id(), head=2, payload=2), b"hi"
        )
        world.journal.write()
        alice.lose()
        world.journal.answer()
        assert bob.payloads() == [b"hi"]


class TestLeavingAndDeleting:
    @pytest.mark.parametrize("nick", ["bob", "carol"])
    def test_only_creator_or_operator_delete(self, world, nick):
        alice, *_ = people(world, "alice", "bob", "carol")
        group = alice.group("crew", "bob")
        client = world.service.connected.session(account(nick).id).outlet
        reply = client.delete(group)
        assert (reply.code, reply.text) == (
            "not_allowed",
            "Only its creator or an operator can delete a group.",
        )
        assert isinstance(alice.delete(group), Appended)

    def test_all_members_are_told_and_it_is_gone(self, world):
        alice, bob, _ = people(world, "alice", "bob", "carol")
        group = alice.group("crew", "bob", "carol")
        bob.subscribe(group)
        alice.delete(group)
        assert bob.events(EntryEvent)[-1].kind is EntryKind.DELETE
        for member in (alice, bob):
            assert member.ask(ask.OpenGroup, conversation=group).code == "not_a_member"
            assert member.append(group).code == "no_conversation"
            assert member.turn(group).code == "not_a_member"

    def test_new_group_of_that_name_inherits_nothing(self, world):
        alice, bob, carol = people(world, "alice", "bob", "carol")
        old = alice.group("crew", "bob")
        bob.subscribe(old)
        alice.delete(old)
        bob.received.clear()
        new = carol.group("crew")
        carol.append(new, b"secret")
        assert new != old
        assert bob.received == []
        assert bob.ask(ask.OpenGroup, conversation=new).code == "not_a_member"
        assert alice.ask(ask.OpenGroup, conversation=new).code == "not_a_member"
        assert bob.subscribe(new).code == "not_a_member"

    def test_conversation_of_two_is_neither_left_nor_deleted(self, world):
        alice, _ = people(world, "alice", "bob")
        conversation = alice.dm("bob")
        for kind in (EntryKind.LEAVE, EntryKind.DELETE):
            assert alice.append(conversation, b"", kind=kind).code == "not_allowed"

    def test_neither_needs_a_head(self, world):
        alice, bob = people(world, "alice", "bob")
        group = alice.group("crew", "bob")
        assert isinstance(bob.leave(group, head=0), Appended)
        assert isinstance(alice.delete(group, head=0), Appended)

    def test_repeated_leave_is_answered_alike(self, world):
        alice, bob = people(world, "alice", "bob")
        group = alice.group("crew", "bob")
        message_id = fresh_id()
        first = bob.leave(group, message_id=message_id)
        alice.append(group)
        bob.lose()
        bob = world.enter("bob")
        again = bob.leave(group, message_id=message_id)
        assert again.seq == first.seq == 2
        assert group not in bob.session.places

    def test_repeated_leave_is_answered_alike_when_the_group_is_gone(self, world):
        alice, bob = people(world, "alice", "bob")
        group = alice.group("crew", "bob")
        message_id = fresh_id()
        first = bob.leave(group, message_id=message_id)
        alice.delete(group)
        assert bob.leave(group, message_id=message_id).seq == first.seq

    def test_repeated_delete_is_answered_alike(self, world):
        (alice,) = people(world, "alice")
        group = alice.group("crew")
        message_id = fresh_id()
        first = alice.delete(group, message_id=message_id)
        again = alice.delete(group, message_id=message_id)
        alice.lose()
        later = world.enter("alice").delete(group, message_id=message_id)
        assert first.seq == again.seq == later.seq == 2


class TestDoNotDisturb:
    def test_message_is_refused_and_not_stored(self, world):
        alice, bob = people(world, "alice", "bob")
        conversation = alice.dm("bob")
        bob.ask(ask.SetStatus, status=Status.DND)
        reply = alice.append(conversation)
        assert (reply.code, reply.text) == (
            "do_not_disturb",
            "bob is in 'Do Not Disturb' mode and will not receive messages.",
        )
        assert world.last(conversation) == 0

    def test_commits_pass(self, world):
        alice, bob = people(world, "alice", "bob")
        conversation = alice.dm("bob")
        bob.ask(ask.SetStatus, status=Status.DND)
        assert alice.change(conversation, ["bob"], welcome=b"hello") == 1
        bob.subscribe(conversation)
        assert bob.payloads() == [b"commithello"]

    def test_it_holds_while_they_are_away_and_ends_when_they_say_so(self, world):
        alice, bob = people(world, "alice", "bob")
        conversation = alice.dm("bob")
        bob.ask(ask.SetStatus, status=Status.DND)
        bob.lose()
        assert alice.append(conversation).code == "do_not_disturb"
        world.enter("bob").ask(ask.SetStatus, status=Status.NORMAL)
        assert isinstance(alice.append(conversation), Appended)

    def test_own_status_does_not_keep_one_from_writing(self, world):
        alice, _ = people(world, "alice", "bob")
        conversation = alice.dm("bob")
        alice.ask(ask.SetStatus, status=Status.DND)
        assert isinstance(alice.append(conversation), Appended)

    def test_what_was_stored_before_is_repeated_not_refused(self, world):
        alice, bob = people(world, "alice", "bob")
        conversation = alice.dm("bob")
        message_id = fresh_id()
        first = alice.append(conversation, message_id=message_id)
        bob.ask(ask.SetStatus, status=Status.DND)
        assert alice.append(conversation, message_id=message_id).seq == first.seq

    def test_groups_and_rooms_go_on(self, world):
        alice, bob = people(world, "alice", "bob")
        group = alice.group("crew", "bob")
        bob.subscribe(group)
        bob.ask(ask.SetStatus, status=Status.DND)
        assert isinstance(alice.append(group, b"all"), Appended)
        assert bob.payloads() == [b"commit", b"all"]


class TestCommitting:
    def test_parts_go_where_they_belong(self, world):
        alice, bob, carol = people(world, "alice", "bob", "carol")
        group = alice.group("crew", "carol")
        carol.subscribe(group, 1)
        alice.change(group, ["bob"], message=b"one", welcome=b"two", group_info=b"three")
        bob.subscribe(group)
        assert (carol.payloads(), bob.payloads()) == ([b"one"], [b"onetwo"])
        head = world.store.head(group)
        assert (head.commit, head.group_info, head.members) == (2, b"three", 3)

    def test_commit_may_be_empty_but_for_the_group_info(self, world):
        (alice,) = people(world, "alice")
        room = alice.open().id
        assert alice.change(room, ["alice"], message=b"", group_info=b"first") == 1
        assert world.store.head(room).group_info == b"first"

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

    def test_those_named_have_a_bound(self, world, monkeypatch):
        monkeypatch.setattr(limits, "MEMBERS", 2)
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

    def test_member_of_a_room_adds_many(self, world):
        alice, bob, carol = people(world, "alice", "bob", "carol")
        room = alice.room()
        alice.change(room, ["bob", "carol"])
        for client in (bob, carol):
            client.subscribe(room)
        alice.append(room, b"hello")
        assert bob.payloads() == carol.payloads() == [b"commit", b"hello"]

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
        bob.say(ask.TakeTurn(id=7, conversation=info.id, gate_signature=bob.prove(info)))
        alice.commit(info.id, gate=identity("new gate").public)
        world.timers.advance(0)
        assert bob.replies(7)[0].head == 2
        assert bob.commit(info.id, ["bob"]).code == "bad_gate"


class TestContesting:
    def begin(self, world):
        """A group of three whose head 2 is settled, and alice's commit 3 on it."""
        alice, bob, carol = people(world, "alice", "bob", "carol")
        group = alice.group("crew", "bob", "carol")
        bob.change(group)
        alice.append(group)
        assert alice.change(group) == 4
        return group, alice, bob, carol

    def test_head_before_is_in_use_and_both_may_be_built_on(self, world):
        group, alice, bob, carol = self.begin(world)
        assert isinstance(bob.ask(ask.Contest, conversation=group, seq=4), Ok)
        turn = carol.turn(group)
        assert (turn.head, world.store.head(group).commit) == (2, 2)
        assert alice.append(group, head=4).code == "contested"
        assert bob.append(group, head=2).code == "contested"
        assert carol.commit(group, head=4).seq == 5
        assert bob.append(group, head=2).code == "stale_head"
        assert alice.append(group, head=5).seq == 6

    def test_only_members_contest_and_only_in_time(self, world):
        group, _, bob, carol = self.begin(world)
        dave = world.enter("dave")
        assert dave.ask(ask.Contest, conversation=group, seq=4).code == "not_a_member"
        assert bob.ask(ask.Contest, conversation=group, seq=2).code == "stale_head"
        assert bob.ask(ask.Contest, conversation=fresh_id(), seq=2).code == "no_conversation"
        carol.append(group, head=4)
        assert bob.ask(ask.Contest, conversation=group, seq=4).code == "stale_head"

    def test_two_people_do_not_contest(self, world):
        alice, bob = people(world, "alice", "bob")
        conversation = alice.dm("bob")
        alice.change(conversation)
        reply = bob.ask(ask.Contest, conversation=conversation, seq=1)
        assert (reply.code, reply.text) == (
            "not_allowed",
            "Between two people no change of keys is contested.",
        )
