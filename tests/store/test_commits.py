"""What every back end promises of commits: membership, Welcomes, heads, states."""

import pytest

from geventim.chat import limits
from geventim.chat.values import Account, Conversation, EntryKind, Membership
from geventim.log.changes import Change, Commit
from geventim.log.outcomes import ACCOUNT_ENDED, Appended, Given
from geventim.log.store import Store
from tests.store.builders import (
    ALICE,
    BOB,
    CAROL,
    CREW,
    DAVE,
    DM,
    GATE,
    KEYED,
    LOBBY,
    append,
    apply,
    commit,
    create,
    delete,
    do,
    entries,
    give,
    kick,
    last,
    leave,
    person,
    refused,
    seqs,
    write,
)


def found(store: Store, conversation: Conversation, *members: Account) -> int:
    """Begin a conversation of ``members``, of whom the first has committed; that is entry 1."""
    do(store, create(conversation, *members))
    return write(store, commit(conversation, members[0], 0)).seq


def settle(store: Store, conversation: Conversation, author: Account, head: int) -> int:
    """Have somebody build on ``head``; the number of that entry."""
    return write(store, append(conversation, author, head=head)).seq


def states(store: Store, conversation: Conversation) -> list[tuple[bytes, int, bytes]]:
    """Whose states are kept, the latest first, with their commits and GroupInfos."""
    found = [store.state(conversation.id, account) for account in store.givers(conversation.id)]
    return [(state.account, state.at, state.group_info) for state in found if state]


class TestEntries:
    def test_commit_is_kept_as_it_is_and_becomes_the_head(self, store: Store) -> None:
        do(store, create(CREW, ALICE))
        change = commit(
            CREW, ALICE, 0, add=(BOB, CAROL), group_info=b"info", welcome=b"welcome", time=7.5
        )
        outcome = apply(store, change)
        entry = outcome.entry
        assert (entry.seq, entry.kind, entry.author) == (1, EntryKind.COMMIT, ALICE.id)
        assert (entry.head, entry.time, entry.payload) == (0, 7.5, b"commit")
        assert (entry.added, entry.removed) == ((BOB.id, CAROL.id), ())
        assert entry.welcome == b"welcome"
        assert outcome == Appended(
            entry,
            joined=tuple(sorted([(BOB.id, 0), (CAROL.id, 0)])),
            conversation=CREW,
            members=3,
        )
        head = store.head(CREW.id)
        assert head
        assert head.commit == 1
        assert states(store, CREW) == [(ALICE.id, 1, b"info")]
        assert entries(store, CREW, BOB) == [entry]

    def test_repeated_commit_is_answered_alike_without_a_turn_too(self, store: Store) -> None:
        do(store, create(CREW, ALICE))
        change = commit(CREW, ALICE, 0, add=(BOB,), welcome=b"welcome")
        entry = write(store, change)
        settle(store, CREW, BOB, 1)
        again = Commit(
            *(getattr(change, name) for name in change.__struct_fields__[:-1]), turn=False
        )
        assert do(store, change) == do(store, again) == Appended(entry, repeated=True)
        assert last(store, CREW) == 2
        assert refused(store, commit(CREW, ALICE, 1, turn=False)) == "no_turn"

    def test_stale_heads_are_refused_for_messages_and_commits(self, store: Store) -> None:
        found(store, CREW, ALICE, BOB)
        settle(store, CREW, BOB, 1)
        write(store, commit(CREW, ALICE, 1))
        for stale in (0, 1, 2, 4):
            assert refused(store, append(CREW, BOB, head=stale)) == "stale_head"
            assert refused(store, commit(CREW, BOB, stale)) == "stale_head"
        assert write(store, append(CREW, BOB, head=3)).head == 3

    def test_leave_and_delete_need_no_head(self, store: Store) -> None:
        found(store, CREW, ALICE, BOB)
        assert write(store, leave(CREW, BOB)).seq == 2
        assert write(store, delete(CREW, ALICE)).seq == 3

    def test_welcome_is_for_those_who_are_added(self, store: Store) -> None:
        found(store, CREW, ALICE, BOB)
        write(store, commit(CREW, ALICE, 1, add=(CAROL, BOB), welcome=b"welcome"))
        welcomes = [
            [entry.welcome for entry in entries(store, CREW, account, 1)]
            for account in (ALICE, BOB, CAROL)
        ]
        assert welcomes == [[b""], [b"welcome"], [b"welcome"]]


class TestMembership:
    def test_part_begins_with_the_commit_that_adds(self, store: Store) -> None:
        found(store, CREW, ALICE)
        settle(store, CREW, ALICE, 1)
        outcome = apply(store, commit(CREW, ALICE, 1, add=(BOB,)))
        assert outcome.joined == ((BOB.id, 2),)
        assert store.memberships(BOB.id) == [Membership(CREW, 2, 3, 2)]
        assert seqs(store, CREW, BOB) == [3]
        assert entries(store, CREW, BOB)[0].previous == entries(store, CREW, ALICE)[1].hash

    def test_part_ends_with_the_commit_that_removes(self, store: Store) -> None:
        found(store, CREW, ALICE, BOB)
        outcome = apply(store, commit(CREW, ALICE, 1, remove=(BOB,)))
        assert (outcome.gone, outcome.members) == ((BOB.id,), 1)
        settle(store, CREW, ALICE, 2)
        page = store.entries(CREW.id, BOB.id, 0)
        assert ([entry.seq for entry in page.entries], page.present) == ([1, 2], False)
        assert store.memberships(BOB.id) == [Membership(CREW, 0, 2, 1, present=False)]
        assert refused(store, append(CREW, BOB, head=2)) == "not_a_member"
        assert refused(store, commit(CREW, BOB, 2)) == "not_a_member"

    def test_what_lies_between_two_memberships_is_left_out(self, store: Store) -> None:
        found(store, CREW, ALICE, BOB)
        write(store, commit(CREW, ALICE, 1, remove=(BOB,)))
        settle(store, CREW, ALICE, 2)
        write(store, commit(CREW, ALICE, 2, add=(BOB,)))
        settle(store, CREW, ALICE, 4)
        assert seqs(store, CREW, BOB) == [1, 2, 4, 5]
        assert seqs(store, CREW, BOB, 2) == [4, 5]
        assert store.memberships(BOB.id) == [Membership(CREW, 3, 5, 2)]
        parts = entries(store, CREW, BOB)
        assert parts[2].previous != parts[1].hash

    def test_who_left_and_was_removed_since_comes_back(self, store: Store) -> None:
        found(store, CREW, ALICE, BOB)
        write(store, leave(CREW, BOB))
        outcome = apply(store, commit(CREW, ALICE, 1, remove=(BOB,)))
        assert (outcome.entry.removed, outcome.gone, outcome.members) == ((BOB.id,), (), 1)
        assert store.memberships(BOB.id) == []
        write(store, commit(CREW, ALICE, 3, add=(BOB,)))
        assert seqs(store, CREW, BOB) == [1, 2, 4]

    def test_member_who_is_added_again_goes_on(self, store: Store) -> None:
        found(store, CREW, ALICE, BOB)
        settle(store, CREW, BOB, 1)
        outcome = apply(store, commit(CREW, ALICE, 1, add=(BOB,), remove=(BOB,), welcome=b"w"))
        assert (outcome.joined, outcome.gone, outcome.members) == ((), (), 2)
        assert seqs(store, CREW, BOB) == [1, 2, 3]
        assert entries(store, CREW, BOB)[2].welcome == b"w"

    def test_only_members_commit_to_a_group(self, store: Store) -> None:
        found(store, CREW, ALICE)
        assert refused(store, commit(CREW, BOB, 1)) == "not_a_member"
        assert refused(store, commit(CREW, BOB, 1, add=(BOB,))) == "not_a_member"
        assert refused(store, commit(LOBBY, BOB, 1, add=(BOB,))) == "no_conversation"

    def test_two_people_stay_two(self, store: Store) -> None:
        do(store, create(DM, ALICE, BOB))
        outcome = apply(store, commit(DM, ALICE, 0, add=(BOB,), welcome=b"welcome"))
        assert (outcome.joined, outcome.members) == ((), 2)
        assert entries(store, DM, BOB)[0].welcome == b"welcome"
        for founder, other in ((ALICE, BOB), (BOB, ALICE)):
            assert refused(store, commit(DM, founder, 1, add=(CAROL,))) == "not_allowed"
            assert refused(store, commit(DM, founder, 1, remove=(other,))) == "not_allowed"
        assert refused(store, commit(DM, CAROL, 1, add=(CAROL,))) == "not_a_member"

    def test_nothing_is_said_any_more_to_one_of_two_whose_account_has_ended(
        self, store: Store
    ) -> None:
        do(store, create(DM, ALICE, BOB))
        apply(store, commit(DM, ALICE, 0, add=(BOB,)))
        outcome = apply(store, kick(DM, BOB))
        assert outcome.gone == (BOB.id,)
        assert refused(store, append(DM, ALICE, head=1)) == "account_ended"
        messages: list[Change] = [append(DM, ALICE, head=1) for _ in range(3)]
        assert store.commit(messages) == [ACCOUNT_ENDED] * 3
        assert refused(store, append(DM, BOB, head=1)) == "not_a_member"
        apply(store, commit(DM, ALICE, 1))


class TestRooms:
    def test_anyone_may_add_oneself_and_nobody_else(self, store: Store) -> None:
        do(store, create(LOBBY))
        for added in ((), (BOB,)):
            assert refused(store, commit(LOBBY, ALICE, 0, add=added)) == "not_a_member"
        assert refused(store, commit(LOBBY, ALICE, 0, add=(ALICE, BOB))) == "not_allowed"
        outcome = apply(store, commit(LOBBY, ALICE, 0, add=(ALICE,)))
        assert outcome.joined == ((ALICE.id, 0),)
        outcome = apply(store, commit(LOBBY, BOB, 1, add=(BOB,)))
        assert (outcome.joined, outcome.members) == (((BOB.id, 1),), 2)
        assert seqs(store, LOBBY, BOB) == [2]

    def test_member_adds_nobody_but_goes_on_when_adding_oneself(self, store: Store) -> None:
        found(store, LOBBY, ALICE, BOB)
        assert refused(store, commit(LOBBY, BOB, 1, add=(DAVE,))) == "not_allowed"
        assert apply(store, commit(LOBBY, BOB, 1, add=(BOB,))).joined == ()

    def test_members_are_bounded(self, store: Store) -> None:
        found(store, LOBBY, ALICE)
        write(store, commit(LOBBY, BOB, 1, add=(BOB,), limit=2))
        assert refused(store, commit(LOBBY, CAROL, 2, add=(CAROL,), limit=2)) == "room_full"
        write(store, commit(LOBBY, BOB, 2, limit=1))
        write(store, leave(LOBBY, ALICE))
        assert apply(store, commit(LOBBY, CAROL, 3, add=(CAROL,), limit=2)).members == 2

    def test_gate_is_asked_of_those_outside(self, store: Store) -> None:
        do(store, create(KEYED))
        for proven in (b"", b"wrong".ljust(32)):
            change = commit(KEYED, ALICE, 0, add=(ALICE,), proven=proven)
            assert refused(store, change) == "bad_gate"
        write(store, commit(KEYED, ALICE, 0, add=(ALICE,), proven=GATE))
        write(store, commit(KEYED, ALICE, 1, add=(ALICE,)))

    def test_gate_is_replaced_by_members(self, store: Store) -> None:
        do(store, create(KEYED, ALICE))
        new = b"new".ljust(32)
        outside = commit(KEYED, BOB, 0, add=(BOB,), gate=new, proven=GATE)
        assert refused(store, outside) == "not_allowed"
        outcome = apply(store, commit(KEYED, ALICE, 0, gate=new))
        assert outcome.conversation
        assert outcome.conversation.gate == new
        assert store.conversation(KEYED.id) == outcome.conversation
        stale = commit(KEYED, BOB, 1, add=(BOB,), proven=GATE)
        assert refused(store, stale) == "bad_gate"
        write(store, commit(KEYED, BOB, 1, add=(BOB,), proven=new))

    @pytest.mark.parametrize("conversation", [LOBBY, CREW])
    def test_only_keyed_rooms_have_gates(self, store: Store, conversation: Conversation) -> None:
        found(store, conversation, ALICE)
        assert refused(store, commit(conversation, ALICE, 1, gate=GATE)) == "not_allowed"


class TestRemoving:
    """Who can put out whom, so that nobody is put out by a commit that nobody can use."""

    @pytest.mark.parametrize("author", [BOB, CAROL])
    @pytest.mark.parametrize("conversation", [LOBBY, CREW])
    def test_member_who_declares_everybody_removed_is_refused(
        self, store: Store, conversation: Conversation, author: Account
    ) -> None:
        found(store, conversation, ALICE, BOB, CAROL)
        others = tuple(each for each in (ALICE, BOB, CAROL) if each != author)
        for removed in (others, others[:1], (author,)):
            assert refused(store, commit(conversation, author, 1, remove=removed)) == "not_allowed"
            again = commit(conversation, author, 1, add=removed, remove=removed)
            assert refused(store, again) == "not_allowed"
        assert len(store.members(conversation.id)) == 3

    def test_founder_of_a_group_removes_anybody_else(self, store: Store) -> None:
        found(store, CREW, ALICE, BOB, CAROL)
        assert refused(store, commit(CREW, ALICE, 1, remove=(ALICE,))) == "not_allowed"
        outcome = apply(store, commit(CREW, ALICE, 1, remove=(BOB, CAROL)))
        assert outcome.gone == tuple(sorted((BOB.id, CAROL.id)))

    def test_creator_of_a_room_removes_nobody(self, store: Store) -> None:
        found(store, LOBBY, ALICE, BOB)
        assert refused(store, commit(LOBBY, ALICE, 1, remove=(BOB,))) == "not_allowed"

    def test_who_is_out_already_may_be_named_by_all(self, store: Store) -> None:
        found(store, LOBBY, ALICE, BOB, CAROL)
        write(store, leave(LOBBY, BOB))
        outcome = apply(store, commit(LOBBY, CAROL, 1, remove=(BOB, DAVE)))
        assert (outcome.entry.removed, outcome.gone) == ((BOB.id, DAVE.id), ())
        outcome = apply(store, commit(LOBBY, DAVE, 3, add=(DAVE,), remove=(BOB,)))
        assert (outcome.joined, outcome.gone) == (((DAVE.id, 3),), ())

    @pytest.mark.parametrize("conversation", [LOBBY, CREW])
    def test_kick_ends_a_membership_and_is_shown_to_who_is_out(
        self, store: Store, conversation: Conversation
    ) -> None:
        found(store, conversation, ALICE, BOB)
        outcome = apply(store, kick(conversation, BOB))
        assert (outcome.entry.kind, outcome.entry.author) == (EntryKind.KICK, BOB.id)
        assert outcome.gone == (BOB.id,)
        write(store, append(conversation, ALICE, head=1))
        assert seqs(store, conversation, BOB) == [1, 2]
        assert store.members(conversation.id) == [ALICE.id]
        assert store.memberships(BOB.id) == [Membership(conversation, 0, 2, 1, present=False)]
        assert refused(store, kick(conversation, BOB)) == "not_a_member"
        assert refused(store, append(conversation, BOB, head=1)) == "not_a_member"

    def test_group_has_a_bound(self, store: Store) -> None:
        crowd = [person(f"member{number}") for number in range(limits.GROUP_LEAVES - 1)]
        found(store, CREW, ALICE, *crowd)
        assert refused(store, commit(CREW, ALICE, 1, add=(BOB,))) == "room_full"
        swap = commit(CREW, ALICE, 1, add=(BOB,), remove=(crowd[0],), limit=1)
        assert apply(store, swap).members == limits.GROUP_LEAVES

    def test_operator_deletes_what_two_people_have(self, store: Store) -> None:
        found(store, DM, ALICE, BOB)
        assert refused(store, delete(DM, ALICE)) == "not_allowed"
        outcome = apply(store, delete(DM, CAROL, operator=True))
        assert outcome.gone == tuple(sorted((ALICE.id, BOB.id)))
        assert refused(store, append(DM, ALICE, head=1)) == "no_conversation"


class TestStates:
    def test_latest_comes_first_and_one_of_each_account(self, store: Store) -> None:
        found(store, CREW, ALICE, BOB, CAROL)
        write(store, commit(CREW, BOB, 1, group_info=b"bob"))
        assert do(store, give(CREW, CAROL, b"carol")) == Given(b"")
        assert do(store, give(CREW, ALICE, b"alice")) == Given(b"")
        assert states(store, CREW) == [
            (ALICE.id, 2, b"alice"),
            (CAROL.id, 2, b"carol"),
            (BOB.id, 2, b"bob"),
        ]
        do(store, give(CREW, BOB, b"again"))
        assert states(store, CREW)[0] == (BOB.id, 2, b"again")

    def test_same_state_given_again_is_the_latest_once_more(self, store: Store) -> None:
        found(store, CREW, ALICE, BOB)
        for info in (b"one", b"two"):
            do(store, give(CREW, BOB, info))
            assert states(store, CREW)[0] == (BOB.id, 1, info)

    def test_void_names_the_author_once_for_each_account(self, store: Store) -> None:
        found(store, CREW, ALICE, BOB, CAROL)
        write(store, commit(CREW, CAROL, 1))
        assert do(store, give(CREW, BOB, b"first", 2)) == Given(CAROL.id)
        assert do(store, give(CREW, BOB, b"second", 2)) == Given(CAROL.id, repeated=True)
        assert do(store, give(CREW, BOB, b"older", 1)) == Given(ALICE.id, repeated=True)
        assert states(store, CREW)[0] == (BOB.id, 2, b"first")
        assert do(store, give(CREW, ALICE, b"third", 2)) == Given(CAROL.id)
        assert states(store, CREW)[0] == (ALICE.id, 2, b"third")

    def test_state_given_or_a_commit_made_since_does_not_repeat_a_void(self, store: Store) -> None:
        found(store, CREW, ALICE, BOB)
        do(store, give(CREW, BOB, b"void", 1))
        do(store, give(CREW, BOB, b"state"))
        write(store, commit(CREW, BOB, 1, group_info=b"commit"))
        assert do(store, give(CREW, BOB, b"again", 1)) == Given(ALICE.id, repeated=True)
        assert do(store, give(CREW, BOB, b"its own", 2)) == Given(BOB.id)

    def test_void_changes_no_head(self, store: Store) -> None:
        found(store, CREW, ALICE, BOB)
        before = store.head(CREW.id)
        do(store, give(CREW, BOB, b"info", 1))
        assert store.head(CREW.id) == before
        write(store, append(CREW, ALICE, head=1))

    def test_states_are_bounded_and_the_oldest_go(self, store: Store) -> None:
        people = [person(f"giver{number}") for number in range(limits.STATES + 2)]
        found(store, CREW, *people)
        for giver in people:
            do(store, give(CREW, giver, giver.id))
        assert store.givers(CREW.id) == [giver.id for giver in reversed(people[2:])]
        assert store.state(CREW.id, people[0].id) is None

    def test_who_may_give_what(self, store: Store) -> None:
        assert refused(store, give(CREW, ALICE, b"info")) == "no_conversation"
        do(store, create(CREW, ALICE, BOB))
        assert refused(store, give(CREW, ALICE, b"info")) == "no_commit"
        write(store, commit(CREW, ALICE, 0))
        write(store, append(CREW, ALICE, head=1))
        assert refused(store, give(CREW, BOB, b"info", 3)) == "no_commit"
        assert do(store, give(CREW, BOB, b"info", 2)).author == ALICE.id
        for seq in (0, 1):
            assert refused(store, give(CREW, CAROL, b"info", seq)) == "not_a_member"
        write(store, leave(CREW, BOB))
        assert refused(store, give(CREW, BOB, b"info")) == "not_a_member"
        assert refused(store, give(CREW, ALICE, b"info", 3)) == "no_commit"
        write(store, delete(CREW, ALICE))
        assert refused(store, give(CREW, ALICE, b"info")) == "no_conversation"

    def test_there_are_none_where_there_is_nothing(self, store: Store) -> None:
        assert store.givers(CREW.id) == []
        do(store, create(CREW, ALICE))
        assert (store.givers(CREW.id), store.state(CREW.id, ALICE.id)) == ([], None)
        assert store.state(LOBBY.id, ALICE.id) is None


class TestWriters:
    def test_who_has_had_a_message_accepted_is_known(self, store: Store) -> None:
        found(store, CREW, ALICE, BOB, CAROL)
        assert refused(store, append(CREW, CAROL, head=0)) == "stale_head"
        store.commit([append(CREW, ALICE, head=1), append(CREW, ALICE, head=1)])
        write(store, append(CREW, BOB, head=1))
        found(store, LOBBY, CAROL)
        write(store, append(LOBBY, CAROL, head=1))
        written = {each.nick: store.has_written(CREW.id, each.id) for each in (ALICE, BOB, CAROL)}
        assert written == {"alice": True, "bob": True, "carol": False}
        assert not store.has_written(DM.id, ALICE.id)
