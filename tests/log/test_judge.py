"""The law of a log, on values: each rule, and in which order they are asked."""

from typing import Any

import pytest

from geventim.chat import limits
from geventim.chat.values import Conversation, Entry, EntryKind, Kind
from geventim.log import outcomes
from geventim.log.changes import Append, Commit, GiveState
from geventim.log.effect import Giver
from geventim.log.judge import LogChange, Standing, judge, named, repeat_create
from geventim.log.outcomes import Appended, Given, Refusal

PLACE = b"c" * 16
ALICE, BOB, CAROL, DAVE = (letter * 16 for letter in (b"a", b"b", b"c", b"d"))
GATE = b"g" * 32
HEAD = 3


def conversation(kind: Kind, gate: bytes = b"") -> Conversation:
    return Conversation(PLACE, kind, "crew", ALICE, gate=gate)


def standing(kind: Kind = Kind.GROUP, gate: bytes = b"", **fields: Any) -> Standing:
    """Alice, who has founded it, and bob in a log with four entries; the third is a commit."""
    known = {
        "seq": 4,
        "hash": b"h" * 32,
        "commit": HEAD,
        "members": 2,
        "deleted": False,
        "present": (ALICE, BOB),
    }
    return Standing(conversation(kind, gate), **(known | fields))


def append(kind: EntryKind, author: bytes = BOB, **fields: Any) -> Append:
    return Append(PLACE, author, kind, b"m" * 16, 1.0, **({"head": HEAD} | fields))


def commit(author: bytes = BOB, **fields: Any) -> Commit:
    known = {"head": HEAD, "payload": b"commit", "group_info": b"state", "limit": 10}
    return Commit(PLACE, author, b"m" * 16, 1.0, **(known | fields))


def refused(change: LogChange, log: Standing) -> str | None:
    """The word with which ``change`` is refused, and that nothing is written then."""
    outcome, effect = judge(change, log)
    assert isinstance(outcome, Refusal) is (effect is None)
    return outcome.code if isinstance(outcome, Refusal) else None


class TestAnything:
    def test_what_was_done_is_answered_first_and_changes_nothing(self) -> None:
        entry = Entry(PLACE, 2, 1.0, BOB, EntryKind.MESSAGE, b"m" * 16, b"")
        log = standing(repeated=entry, deleted=True, present=())
        for change in (append(EntryKind.MESSAGE), commit(turn=False)):
            assert judge(change, log) == (Appended(entry, repeated=True), None)

    def test_nothing_is_added_to_what_was_deleted(self) -> None:
        for change in (append(EntryKind.MESSAGE), commit(), GiveState(PLACE, BOB, 0, b"")):
            assert refused(change, standing(deleted=True)) == "no_conversation"

    @pytest.mark.parametrize("kind", Kind)
    @pytest.mark.parametrize("entry", [EntryKind.MESSAGE, EntryKind.LEAVE, EntryKind.KICK])
    def test_membership_is_asked_of_who_appends(self, kind: Kind, entry: EntryKind) -> None:
        change = append(entry, CAROL, operator=True)
        assert refused(change, standing(kind)) == "not_a_member"

    def test_whose_membership_matters(self) -> None:
        assert named(append(EntryKind.MESSAGE)) == (BOB,)
        assert named(append(EntryKind.DELETE)) is None
        assert named(commit(added=(CAROL,), removed=(DAVE,))) == {BOB, CAROL, DAVE}
        assert named(GiveState(PLACE, BOB, 0, b"")) == (BOB,)

    def test_creating_it_again_finds_it_unless_it_was_deleted(self) -> None:
        known = conversation(Kind.ROOM)
        assert repeat_create(known, deleted=False) == known
        assert repeat_create(known, deleted=True) == outcomes.NO_CONVERSATION


class TestMessages:
    def test_a_message_comes_at_the_end_and_changes_no_membership(self) -> None:
        outcome, effect = judge(append(EntryKind.MESSAGE, payload=b"text"), standing())
        assert isinstance(outcome, Appended)
        assert effect
        assert outcome.entry == effect.entry
        entry = outcome.entry
        assert (entry.seq, entry.previous, entry.head) == (5, b"h" * 32, HEAD)
        assert (effect.joined, effect.gone, effect.givers) == ((), (), None)
        assert (effect.commit, effect.members, effect.deleted) == (HEAD, 2, False)

    @pytest.mark.parametrize("head", [HEAD - 1, HEAD + 1])
    def test_it_builds_on_the_last_commit(self, head: int) -> None:
        assert refused(append(EntryKind.MESSAGE, head=head), standing()) == "stale_head"

    @pytest.mark.parametrize("kind", [kind for kind in EntryKind if kind is not EntryKind.COMMIT])
    def test_who_hears_nothing_gets_no_message_but_all_else(self, kind: EntryKind) -> None:
        log = standing(Kind.DM)
        before = refused(append(kind), log)
        for fact, answer in (
            ({"is_peer_dnd": True}, "do_not_disturb"),
            ({"members": 1}, "account_ended"),
        ):
            after = refused(append(kind), standing(Kind.DM, **fact))
            assert after == (answer if kind is EntryKind.MESSAGE else before)

    def test_that_is_asked_before_what_it_builds_on(self) -> None:
        log = standing(Kind.DM, is_peer_dnd=True)
        assert refused(append(EntryKind.MESSAGE, head=0), log) == "do_not_disturb"

    def test_one_member_of_a_group_is_not_alone(self) -> None:
        assert refused(append(EntryKind.MESSAGE), standing(members=1)) is None


class TestDepartures:
    @pytest.mark.parametrize("kind", [EntryKind.LEAVE, EntryKind.KICK])
    def test_who_departs_is_gone(self, kind: EntryKind) -> None:
        outcome, effect = judge(append(kind, head=0), standing())
        assert isinstance(outcome, Appended)
        assert outcome.gone == (BOB,)
        assert effect
        assert (effect.gone, effect.members, effect.commit) == ((BOB,), 1, HEAD)
        assert effect.is_left is (kind is EntryKind.LEAVE)
        assert not effect.deleted

    def test_nobody_leaves_two_people_but_the_server_puts_out(self) -> None:
        assert refused(append(EntryKind.LEAVE), standing(Kind.DM)) == "not_allowed"
        assert refused(append(EntryKind.KICK), standing(Kind.DM)) is None

    @pytest.mark.parametrize(
        ("kind", "author", "operator", "allowed"),
        [
            (Kind.GROUP, ALICE, False, True),
            (Kind.GROUP, BOB, False, False),
            (Kind.GROUP, BOB, True, True),
            (Kind.ROOM, ALICE, False, False),
            (Kind.ROOM, BOB, True, True),
            (Kind.DM, ALICE, False, False),
            (Kind.DM, ALICE, True, True),
        ],
    )
    @pytest.mark.parametrize("present", [(), (BOB, ALICE)])
    def test_delete_needs_authority_and_not_membership(
        self, kind: Kind, author: bytes, operator: bool, allowed: bool, present: tuple[bytes, ...]
    ) -> None:
        change = append(EntryKind.DELETE, author, operator=operator)
        code = refused(change, standing(kind, present=present))
        assert code == (None if allowed else "not_allowed")

    def test_it_ends_everybodys_membership(self) -> None:
        change = append(EntryKind.DELETE, ALICE)
        outcome, effect = judge(change, standing(present=(BOB, ALICE)))
        assert isinstance(outcome, Appended)
        assert outcome.gone == (ALICE, BOB)
        assert outcome.conversation == conversation(Kind.GROUP)
        assert effect
        assert (effect.deleted, effect.members, effect.is_left) == (True, 0, False)


class TestCommits:
    def test_a_commit_becomes_the_head_and_its_state_is_kept(self) -> None:
        log = standing(givers=[Giver(ALICE, 3, 2), Giver(BOB, 2, 1)])
        outcome, effect = judge(commit(added=(DAVE, CAROL)), log)
        assert isinstance(outcome, Appended)
        assert outcome.joined == ((CAROL, 4), (DAVE, 4))
        assert (outcome.members, outcome.conversation) == (4, conversation(Kind.GROUP))
        assert effect
        assert (effect.commit, effect.members) == (5, 4)
        assert effect.givers == [Giver(BOB, 5, 1), Giver(ALICE, 3, 2)]
        assert effect.group_info == b"state"

    def test_turn_head_and_membership_are_asked_in_this_order(self) -> None:
        stranger = {"author": CAROL, "added": (DAVE,), "removed": (BOB,)}
        assert refused(commit(turn=False, head=0, **stranger), standing()) == "no_turn"
        assert refused(commit(head=0, **stranger), standing()) == "stale_head"
        assert refused(commit(**stranger), standing()) == "not_a_member"

    def test_who_is_both_added_and_removed_goes_on(self) -> None:
        outcome, effect = judge(commit(ALICE, added=(BOB,), removed=(BOB,)), standing())
        assert isinstance(outcome, Appended)
        assert effect
        assert (effect.joined, effect.gone, effect.members) == ((), (), 2)

    @pytest.mark.parametrize(
        ("author", "removed", "code"),
        [
            (ALICE, (BOB,), None),
            (BOB, (ALICE,), "not_allowed"),
            (ALICE, (ALICE,), "not_allowed"),
            (BOB, (CAROL,), None),
        ],
    )
    def test_the_founder_removes_others(
        self, author: bytes, removed: tuple[bytes, ...], code: str | None
    ) -> None:
        assert refused(commit(author, removed=removed), standing()) == code

    def test_the_founder_of_a_room_removes_nobody(self) -> None:
        assert refused(commit(ALICE, removed=(BOB,)), standing(Kind.ROOM)) == "not_allowed"

    def test_in_a_room_one_adds_oneself(self) -> None:
        room = standing(Kind.ROOM)
        assert refused(commit(CAROL, added=(CAROL,)), room) is None
        assert refused(commit(CAROL), room) == "not_a_member"
        assert refused(commit(CAROL, added=(CAROL, DAVE)), room) == "not_allowed"
        assert refused(commit(BOB, added=(CAROL,)), room) == "not_allowed"

    def test_two_people_stay_two(self) -> None:
        assert refused(commit(added=(CAROL,)), standing(Kind.DM)) == "not_allowed"
        assert refused(commit(added=(ALICE,)), standing(Kind.DM)) is None

    def test_the_gate_is_asked_of_those_outside(self) -> None:
        room = standing(Kind.ROOM, GATE)
        assert refused(commit(CAROL, added=(CAROL,)), room) == "bad_gate"
        assert refused(commit(CAROL, added=(CAROL,), proven=b"x" * 32), room) == "bad_gate"
        assert refused(commit(CAROL, added=(CAROL,), proven=GATE), room) is None
        assert refused(commit(BOB), room) is None

    def test_members_replace_it(self) -> None:
        other = b"o" * 32
        outcome, effect = judge(commit(gate=other), standing(Kind.ROOM, GATE))
        assert isinstance(outcome, Appended)
        assert outcome.conversation == conversation(Kind.ROOM, other)
        assert effect
        assert effect.conversation == outcome.conversation
        newcomer = commit(CAROL, added=(CAROL,), proven=GATE, gate=other)
        assert refused(newcomer, standing(Kind.ROOM, GATE)) == "not_allowed"
        assert refused(commit(gate=other), standing(Kind.ROOM)) == "not_allowed"

    def test_there_is_room_for_so_many(self) -> None:
        joining = commit(CAROL, added=(CAROL,), limit=3)
        assert refused(joining, standing(Kind.ROOM, members=2)) is None
        assert refused(joining, standing(Kind.ROOM, members=3)) == "room_full"
        assert refused(commit(limit=1), standing(Kind.ROOM, members=3)) is None
        adding = commit(added=(CAROL,), limit=0)
        assert refused(adding, standing(members=limits.GROUP_LEAVES - 1)) is None
        assert refused(adding, standing(members=limits.GROUP_LEAVES)) == "room_full"


class TestDisputes:
    CALLED = Entry(PLACE, 2, 1.0, ALICE, EntryKind.COMMIT, b"m" * 16, b"")

    def test_a_state_is_kept_with_the_last_commit(self) -> None:
        outcome, effect = judge(GiveState(PLACE, BOB, 0, b"state"), standing())
        assert outcome == Given(b"")
        assert effect
        assert (effect.entry, effect.commit, effect.members) == (None, HEAD, 2)
        assert (effect.givers, effect.group_info) == ([Giver(BOB, HEAD)], b"state")

    def test_calling_a_commit_void_names_its_author(self) -> None:
        change = GiveState(PLACE, BOB, 2, b"state")
        outcome, effect = judge(change, standing(called=self.CALLED))
        assert outcome == Given(ALICE)
        assert effect
        assert effect.givers == [Giver(BOB, HEAD, 2)]

    @pytest.mark.parametrize("called", [2, 3])
    def test_once_for_each_account(self, called: int) -> None:
        change = GiveState(PLACE, BOB, 2, b"state")
        log = standing(called=self.CALLED, givers=[Giver(BOB, HEAD, called)])
        assert judge(change, log) == (Given(ALICE, repeated=True), None)

    def test_commits_and_messages_can_be_called_so(self) -> None:
        change = GiveState(PLACE, BOB, 2, b"state")
        assert refused(change, standing(called=None)) == "no_commit"
        for kind in EntryKind:
            called = Entry(PLACE, 2, 1.0, ALICE, kind, b"m" * 16, b"")
            can_be = kind in {EntryKind.COMMIT, EntryKind.MESSAGE}
            assert refused(change, standing(called=called)) == (None if can_be else "no_commit")

    def test_who_gives_is_a_member_where_there_is_a_group(self) -> None:
        assert refused(GiveState(PLACE, CAROL, 0, b""), standing(commit=0)) == "not_a_member"
        assert refused(GiveState(PLACE, BOB, 0, b""), standing(commit=0)) == "no_commit"
