"""What becomes of entries: messages, leaves, deletes, kicks and commits."""

import pytest
from msgspec.structs import replace

from geventim.chat import limits
from geventim.chat import requests as ask
from geventim.chat.departures import KICK, NO_HISTORY, NO_LEAF, Departure, kick_claim
from geventim.chat.replies import Added, Appended, EntryEvent, Error
from geventim.chat.values import EntryKind, Purpose, Status, dm_id, next_hash
from geventim.crypto import signature
from geventim.log.changes import ALONE
from geventim.log.outcomes import NOT_A_MEMBER
from geventim.service.bounds import Bounds
from geventim.service.conversations.entries import REPETITION
from geventim.service.happenings import Happening
from tests.service.doubles import SERVER_SIGNER, World, fresh_id
from tests.service.identities import account, departure, identity


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
        assert alice.append(fresh_id()).code == "not_a_member"

    def test_full_disk_is_told_and_nothing_is_delivered(self, world):
        alice, bob = people(world, "alice", "bob")
        room = alice.room()
        bob.room()
        bob.received.clear()
        first = fresh_id()
        world.journal.failing = True
        assert alice.append(room, message_id=first).code == "storage_failed"
        world.journal.failing = False
        assert bob.received == []
        assert alice.append(room, message_id=first).seq == 3
        assert bob.entries(room) == [3]

    def test_what_could_not_be_stored_comes_before_what_was_written_after_it(self, world):
        (alice,) = people(world, "alice")
        room, den = alice.room(), alice.room("den")
        first, second = fresh_id(), fresh_id()
        world.journal.failing = True
        assert alice.append(room, message_id=first).code == "storage_failed"
        world.journal.failing = False
        assert alice.append(room, message_id=second).code == "storage_failed"
        assert isinstance(alice.append(den), Appended), "elsewhere it is another order"
        replies = [alice.append(room, message_id=each) for each in (first, second)]
        assert [reply.seq for reply in replies] == [2, 3]

    def test_what_is_not_repeated_holds_nothing_up_for_long(self, world):
        (alice,) = people(world, "alice")
        room = alice.room()
        world.journal.failing = True
        alice.append(room)
        world.journal.failing = False
        world.timers.advance(REPETITION)
        assert isinstance(alice.append(room), Appended)

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
        assert alice.session.in_flight == 3 + ALONE
        for left in (2 + ALONE, 1 + ALONE, ALONE, 0):
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
        assert reply.code == ("not_allowed" if nick == "bob" else "not_a_member")
        assert isinstance(alice.delete(group), Appended)

    def test_all_members_are_told_and_it_is_gone(self, world):
        alice, bob, _ = people(world, "alice", "bob", "carol")
        group = alice.group("crew", "bob", "carol")
        bob.subscribe(group)
        alice.delete(group)
        assert bob.events(EntryEvent)[-1].kind is EntryKind.DELETE
        for member in (alice, bob):
            assert member.ask(ask.OpenGroup, conversation=group).code == "not_a_member"
            assert member.append(group).code == "not_a_member"
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


class TestSaying:
    """A leave and a delete say who they are from, so that the running hash covers that."""

    @pytest.mark.parametrize("kind", [EntryKind.LEAVE, EntryKind.DELETE])
    @pytest.mark.parametrize(
        "fault", ["other account", "other kind", "other conversation", "other incarnation", "none"]
    )
    def test_what_is_not_signed_by_its_author_is_refused(self, world, kind, fault):
        alice, _ = people(world, "alice", "bob")
        group = alice.group("crew", "bob")
        known = world.store.conversation(group)
        other = EntryKind.DELETE if kind is EntryKind.LEAVE else EntryKind.LEAVE
        payload = {
            "other account": departure(account("bob"), known, kind),
            "other kind": departure(account("alice"), known, other),
            "other conversation": departure(account("alice"), replace(known, id=b"o" * 16), kind),
            "other incarnation": departure(
                account("alice"), replace(known, incarnation=b"o" * 16), kind
            ),
            "none": b"\0",
        }[fault]
        assert alice.append(group, payload, kind=kind).code == "bad_departure"
        assert world.last(group) == 1

    def test_leave_says_which_leaf_and_is_in_the_running_hash(self, world):
        alice, bob = people(world, "alice", "bob")
        group = alice.group("crew", "bob")
        before = world.store.head(group).hash
        known = world.store.conversation(group)
        said = departure(account("bob"), known, EntryKind.LEAVE, b"l" * 32)
        bob.append(group, said, kind=EntryKind.LEAVE)
        assert Departure.decode(alice.payloads()[-1]).leaf == b"l" * 32
        assert world.store.head(group).hash == next_hash(before, 2, said)
        other = departure(account("bob"), known, EntryKind.LEAVE, b"k" * 32)
        assert world.store.head(group).hash != next_hash(before, 2, other)


class TestStrangers:
    """What is not there, and what is not yours, have one answer."""

    REQUESTS = (
        lambda each: each.append,
        lambda each: each.leave,
        lambda each: each.delete,
        lambda each: each.turn,
        lambda each: each.commit,
        lambda each: each.subscribe,
    )

    @pytest.mark.parametrize("request_", REQUESTS)
    def test_nobody_learns_whether_two_people_talk(self, world, request_):
        alice, *_, mallory = people(world, "alice", "bob", "carol", "mallory")
        talk = alice.dm("bob")
        alice.change(talk)
        ids = [dm_id(account(one).id, account("bob").id) for one in ("alice", "carol")]
        assert ids[0] == talk
        replies = [request_(mallory)(conversation) for conversation in ids]
        assert len({(reply.code, reply.text, reply.advice) for reply in replies}) == 1

    def test_store_is_asked_the_same_of_what_is_not_there(self, world, monkeypatch):
        alice, *_, mallory = people(world, "alice", "bob", "carol", "mallory")
        talk = alice.dm("bob")
        other = dm_id(account("bob").id, account("carol").id)
        asked = []
        for name in ("conversation", "head", "members", "has_written", "state", "givers"):
            method = getattr(world.store, name)
            monkeypatch.setattr(
                world.store,
                name,
                lambda *given, name=name, method=method: asked.append(name) or method(*given),
            )
        traces = []
        for conversation in (talk, other):
            asked.clear()
            mallory.turn(conversation)
            mallory.begin(ask.Append, conversation=conversation, message_id=fresh_id(), head=0)
            mallory.commit(conversation, head=0)
            traces.append(list(asked))
        assert traces[0] == traces[1]
