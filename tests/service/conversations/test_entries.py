"""What becomes of entries: messages, leaves, deletes, kicks and commits."""

import pytest
from msgspec.structs import replace

from geventim.chat import limits
from geventim.chat import requests as ask
from geventim.chat.departures import Departure
from geventim.chat.replies import Appended, EntryEvent, Error
from geventim.chat.values import EntryKind, Status, dm_id, next_hash
from geventim.log.changes import ALONE
from geventim.service.conversations.entries import REPETITION
from tests.service.doubles import fresh_id, people
from tests.service.identities import account, departure


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
