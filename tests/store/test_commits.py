"""What every back end promises of commits: membership, Welcomes, heads, contests."""

import pytest

from geventim.chat import log
from geventim.chat.log import Appended, Store
from geventim.chat.values import Account, Conversation, EntryKind, Membership
from tests.store.builders import (
    ALICE,
    BOB,
    CAROL,
    CREW,
    DAVE,
    DM,
    ERIN,
    GATE,
    KEYED,
    LOBBY,
    append,
    apply,
    commit,
    contest,
    create,
    delete,
    do,
    entries,
    last,
    leave,
    refused,
    seqs,
    texts,
    write,
)


def found(store: Store, conversation: Conversation, *members: Account) -> int:
    """Begin a conversation whose first commit, by the first of its members, adds the others."""
    first, *others = members
    do(store, create(conversation, first))
    return write(store, commit(conversation, first, 0, add=tuple(others))).seq


def settle(store: Store, conversation: Conversation, author: Account, head: int) -> int:
    """Have somebody build on ``head``; the number of that entry."""
    return write(store, append(conversation, author, head=head)).seq


def head(store: Store, conversation: Conversation) -> tuple[int, bytes]:
    """The commit in use and its GroupInfo."""
    known = store.head(conversation.id)
    assert known
    return known.commit, known.group_info


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
        assert head(store, CREW) == (1, b"info")
        assert entries(store, CREW, BOB) == [entry]

    def test_repeated_commit_is_answered_alike_without_a_turn_too(self, store: Store) -> None:
        do(store, create(CREW, ALICE))
        change = commit(CREW, ALICE, 0, add=(BOB,), welcome=b"welcome")
        entry = write(store, change)
        settle(store, CREW, BOB, 1)
        again = log.Commit(
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
        write(store, commit(DM, BOB, 1, add=(ALICE,), remove=(ALICE,)))
        assert refused(store, commit(DM, ALICE, 2, add=(CAROL,))) == "not_allowed"
        assert refused(store, commit(DM, ALICE, 2, remove=(BOB,))) == "not_allowed"
        assert refused(store, commit(DM, CAROL, 2, add=(CAROL,))) == "not_a_member"


class TestRooms:
    def test_anyone_may_add_oneself_and_nobody_else(self, store: Store) -> None:
        do(store, create(LOBBY))
        for added in ((), (BOB,)):
            assert refused(store, commit(LOBBY, ALICE, 0, add=added)) == "not_a_member"
        assert refused(store, commit(LOBBY, ALICE, 0, add=(ALICE, BOB))) == "not_allowed"
        assert refused(store, commit(LOBBY, ALICE, 0, add=(ALICE,), remove=(BOB,))) == "not_allowed"
        outcome = apply(store, commit(LOBBY, ALICE, 0, add=(ALICE,)))
        assert outcome.joined == ((ALICE.id, 0),)
        outcome = apply(store, commit(LOBBY, BOB, 1, add=(BOB,)))
        assert (outcome.joined, outcome.members) == (((BOB.id, 1),), 2)
        assert seqs(store, LOBBY, BOB) == [2]

    def test_members_add_and_remove_others(self, store: Store) -> None:
        found(store, LOBBY, ALICE, BOB, CAROL)
        outcome = apply(store, commit(LOBBY, BOB, 1, add=(DAVE,), remove=(ALICE,)))
        assert (outcome.joined, outcome.gone) == (((DAVE.id, 1),), (ALICE.id,))

    def test_members_are_bounded(self, store: Store) -> None:
        found(store, LOBBY, ALICE)
        assert refused(store, commit(LOBBY, ALICE, 1, add=(BOB, CAROL), limit=2)) == "room_full"
        write(store, commit(LOBBY, BOB, 1, add=(BOB,), limit=2))
        assert refused(store, commit(LOBBY, CAROL, 2, add=(CAROL,), limit=2)) == "room_full"
        write(store, commit(LOBBY, BOB, 2, limit=1))
        swap = commit(LOBBY, ALICE, 3, add=(CAROL,), remove=(BOB,), limit=2)
        assert apply(store, swap).members == 2

    def test_groups_are_not_bounded(self, store: Store) -> None:
        do(store, create(CREW, ALICE))
        assert apply(store, commit(CREW, ALICE, 0, add=(BOB, CAROL), limit=1)).members == 3

    def test_gate_is_asked_of_those_outside(self, store: Store) -> None:
        do(store, create(KEYED))
        for proven in (b"", b"wrong".ljust(32)):
            change = commit(KEYED, ALICE, 0, add=(ALICE,), proven=proven)
            assert refused(store, change) == "bad_gate"
        write(store, commit(KEYED, ALICE, 0, add=(ALICE,), proven=GATE))
        write(store, commit(KEYED, ALICE, 1, add=(BOB,)))

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


class TestContests:
    """Alice's commit 3 follows the settled commit 1; the members are alice, bob, carol, dave."""

    def begin(self, store: Store, **declared: tuple[Account, ...]) -> None:
        do(store, create(CREW, ALICE))
        first = commit(CREW, ALICE, 0, add=(BOB, CAROL, DAVE), group_info=b"one")
        assert write(store, first).seq == 1
        settle(store, CREW, BOB, 1)
        assert write(store, commit(CREW, ALICE, 1, group_info=b"three", **declared)).seq == 3

    def contested(self, store: Store, **declared: tuple[Account, ...]) -> None:
        self.begin(store, **declared)
        assert do(store, contest(CREW, BOB, 3)) is None

    @pytest.mark.parametrize(
        ("author", "head", "word"),
        [
            (ALICE, 1, "contested"),
            (ALICE, 3, "contested"),
            (BOB, 1, "contested"),
            (BOB, 3, None),
            (CAROL, 1, None),
            (CAROL, 3, None),
            (CAROL, 0, "stale_head"),
        ],
    )
    @pytest.mark.parametrize("change", [append, commit])
    def test_who_may_build_on_which(
        self, store: Store, change: type, author: Account, head: int, word: str | None
    ) -> None:
        self.contested(store)
        built = append(CREW, author, head=head) if change is append else commit(CREW, author, head)
        if word:
            assert refused(store, built) == word
        else:
            assert write(store, built).seq == 4

    @pytest.mark.parametrize(("chosen", "other"), [(1, 3), (3, 1)])
    def test_what_was_not_chosen_is_stale(self, store: Store, chosen: int, other: int) -> None:
        self.contested(store)
        settle(store, CREW, CAROL, chosen)
        assert refused(store, append(CREW, DAVE, head=other)) == "stale_head"
        for author in (ALICE, BOB, DAVE):
            settle(store, CREW, author, chosen)
        assert refused(store, contest(CREW, BOB, 3)) == "stale_head"

    def test_commit_before_is_in_use_meanwhile(self, store: Store) -> None:
        self.begin(store)
        assert head(store, CREW) == (3, b"three")
        do(store, contest(CREW, BOB, 3))
        assert head(store, CREW) == (1, b"one")
        settle(store, CREW, CAROL, 3)
        assert head(store, CREW) == (3, b"three")

    def test_second_contester_frees_the_first(self, store: Store) -> None:
        self.contested(store)
        assert do(store, contest(CREW, BOB, 3)) is None
        assert refused(store, append(CREW, BOB, head=1)) == "contested"
        assert do(store, contest(CREW, CAROL, 3)) is None
        assert settle(store, CREW, BOB, 1) == 4
        assert head(store, CREW) == (1, b"one")

    def test_author_cannot_free_itself(self, store: Store) -> None:
        self.contested(store)
        assert do(store, contest(CREW, ALICE, 3)) is None
        assert refused(store, append(CREW, ALICE, head=1)) == "contested"
        assert settle(store, CREW, BOB, 1) == 4

    @pytest.mark.parametrize("builder", [BOB, CAROL])
    def test_commit_that_somebody_built_on_stands(self, store: Store, builder: Account) -> None:
        self.begin(store)
        settle(store, CREW, builder, 3)
        assert refused(store, contest(CREW, CAROL, 3)) == "stale_head"

    def test_author_building_on_it_does_not_settle_it(self, store: Store) -> None:
        self.begin(store)
        settle(store, CREW, ALICE, 3)
        assert do(store, contest(CREW, BOB, 3)) is None
        assert settle(store, CREW, CAROL, 1) == 5

    def test_earlier_commit_of_the_same_author_can_be_contested(self, store: Store) -> None:
        self.begin(store)
        write(store, commit(CREW, ALICE, 3, group_info=b"four"))
        write(store, commit(CREW, ALICE, 4, group_info=b"five"))
        assert do(store, contest(CREW, BOB, 4)) is None
        assert head(store, CREW) == (3, b"three")
        assert refused(store, append(CREW, CAROL, head=1)) == "stale_head"
        assert refused(store, append(CREW, CAROL, head=4)) == "stale_head"
        assert refused(store, commit(CREW, ALICE, 5)) == "contested"
        settle(store, CREW, CAROL, 3)
        assert head(store, CREW) == (3, b"three")
        assert refused(store, contest(CREW, BOB, 3)) == "stale_head"

    def test_two_of_them_can_be_contested(self, store: Store) -> None:
        self.begin(store)
        write(store, commit(CREW, ALICE, 3))
        do(store, contest(CREW, BOB, 4))
        do(store, contest(CREW, CAROL, 3))
        assert head(store, CREW) == (1, b"one")
        assert refused(store, append(CREW, BOB, head=3)) == "contested"
        assert refused(store, append(CREW, CAROL, head=1)) == "contested"
        assert settle(store, CREW, CAROL, 3) == 5

    def test_first_commit_of_all_can_be_contested(self, store: Store) -> None:
        do(store, create(CREW, ALICE, BOB, CAROL))
        write(store, commit(CREW, ALICE, 0, group_info=b"bad"))
        do(store, contest(CREW, BOB, 1))
        assert head(store, CREW) == (0, b"")
        write(store, commit(CREW, CAROL, 0, group_info=b"good"))
        assert head(store, CREW) == (2, b"good")

    def test_only_members_contest(self, store: Store) -> None:
        self.begin(store, remove=(DAVE,))
        assert refused(store, contest(CREW, DAVE, 3)) == "not_a_member"
        assert refused(store, contest(LOBBY, BOB, 3)) == "no_conversation"
        for seq in (0, 1, 2, 4):
            assert refused(store, contest(CREW, BOB, seq)) == "stale_head"
        write(store, delete(CREW, ALICE))
        assert refused(store, contest(CREW, BOB, 3)) == "no_conversation"

    def test_between_two_people_a_commit_stands(self, store: Store) -> None:
        do(store, create(DM, ALICE, BOB))
        write(store, commit(DM, ALICE, 0, group_info=b"one"))
        write(store, commit(DM, ALICE, 1, group_info=b"two"))
        assert refused(store, contest(DM, BOB, 2)) == "not_allowed"
        assert refused(store, append(DM, BOB, head=1)) == "stale_head"
        assert head(store, DM) == (2, b"two")
        write(store, commit(DM, ALICE, 2))


class TestTakingBack:
    """What building on commit 1 does when alice's commit 3 is contested by bob."""

    begin = TestContests.begin
    contested = TestContests.contested

    def test_added_are_put_out_by_the_entry_that_takes_it_back(self, store: Store) -> None:
        self.begin(store, add=(ERIN,))
        assert seqs(store, CREW, ERIN) == [3]
        do(store, contest(CREW, BOB, 3))
        outcome = apply(store, append(CREW, CAROL, b"back", head=1))
        assert (outcome.joined, outcome.gone, outcome.members) == ((), (ERIN.id,), 4)
        settle(store, CREW, CAROL, 1)
        assert texts(store, CREW, ERIN) == ["commit", "back"]
        assert store.memberships(ERIN.id) == [Membership(CREW, 2, 4, 4, present=False)]

    def test_removed_are_members_as_if_nothing_had_been(self, store: Store) -> None:
        self.contested(store, remove=(DAVE,))
        outcome = apply(store, append(CREW, CAROL, head=1))
        assert (outcome.joined, outcome.gone, outcome.members) == (((DAVE.id, 0),), (), 4)
        assert seqs(store, CREW, DAVE) == [1, 2, 3, 4]
        assert store.memberships(DAVE.id) == [Membership(CREW, 0, 4, 4)]
        settle(store, CREW, DAVE, 1)

    def test_removed_do_not_bring_themselves_back(self, store: Store) -> None:
        self.contested(store, remove=(DAVE,))
        assert refused(store, append(CREW, DAVE, head=1)) == "not_a_member"
        assert refused(store, commit(CREW, DAVE, 1)) == "contested"

    def test_added_do_not_put_themselves_out(self, store: Store) -> None:
        self.contested(store, add=(ERIN,))
        assert refused(store, append(CREW, ERIN, head=1)) == "not_a_member"
        assert refused(store, commit(CREW, ERIN, 1)) == "not_a_member"

    def test_commit_that_takes_back_and_adds_the_same_keeps_them(self, store: Store) -> None:
        self.contested(store, add=(ERIN,))
        outcome = apply(store, commit(CREW, CAROL, 1, add=(ERIN,), welcome=b"other"))
        assert (outcome.joined, outcome.gone, outcome.members) == ((), (), 5)
        assert seqs(store, CREW, ERIN) == [3, 4]
        do(store, contest(CREW, BOB, 4))
        assert apply(store, append(CREW, DAVE, head=1)).gone == (ERIN.id,)

    def test_commit_that_takes_back_and_removes_the_same(self, store: Store) -> None:
        self.contested(store, remove=(DAVE,))
        outcome = apply(store, commit(CREW, CAROL, 1, remove=(DAVE,)))
        assert (outcome.joined, outcome.gone, outcome.members) == ((), (DAVE.id,), 3)
        assert seqs(store, CREW, DAVE) == [1, 2, 3, 4]
        assert store.memberships(DAVE.id) == [Membership(CREW, 0, 4, 3, present=False)]

    def test_several_commits_are_taken_back_at_once(self, store: Store) -> None:
        self.begin(store, remove=(DAVE,))
        write(store, commit(CREW, ALICE, 3, add=(DAVE, ERIN)))
        write(store, commit(CREW, ALICE, 4, remove=(ERIN,)))
        do(store, contest(CREW, BOB, 3))
        outcome = apply(store, append(CREW, CAROL, head=1))
        assert (outcome.joined, outcome.gone, outcome.members) == (((DAVE.id, 0),), (), 4)
        assert seqs(store, CREW, DAVE) == [1, 2, 3, 4, 5, 6]
        assert seqs(store, CREW, ERIN) == [4, 5]

    def test_who_left_meanwhile_stays_out(self, store: Store) -> None:
        self.begin(store, remove=(DAVE,))
        write(store, commit(CREW, ALICE, 3, add=(DAVE, ERIN)))
        write(store, leave(CREW, DAVE))
        write(store, leave(CREW, ERIN))
        do(store, contest(CREW, BOB, 3))
        outcome = apply(store, append(CREW, CAROL, head=1))
        assert (outcome.joined, outcome.gone, outcome.members) == ((), (), 3)
        assert store.memberships(DAVE.id) == store.memberships(ERIN.id) == []

    def test_gate_is_the_one_before(self, store: Store) -> None:
        do(store, create(KEYED, ALICE, BOB, CAROL))
        write(store, commit(KEYED, ALICE, 0, gate=b"new".ljust(32)))
        do(store, contest(KEYED, BOB, 1))
        outside = commit(KEYED, DAVE, 0, add=(DAVE,), proven=GATE)
        outcome = apply(store, outside)
        assert outcome.conversation == KEYED == store.conversation(KEYED.id)

    def test_nothing_is_left_of_the_bound(self, store: Store) -> None:
        do(store, create(LOBBY, ALICE, BOB, CAROL))
        write(store, commit(LOBBY, ALICE, 0, add=(ERIN,)))
        do(store, contest(LOBBY, BOB, 1))
        outcome = apply(store, commit(LOBBY, DAVE, 0, add=(DAVE,), limit=4))
        assert (outcome.gone, outcome.members) == ((ERIN.id,), 4)
