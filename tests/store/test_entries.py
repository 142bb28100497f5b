"""What every back end promises of entries; ``store`` is each of them in turn."""

from geventim.chat import limits
from geventim.chat.values import (
    Conversation,
    Entry,
    EntryKind,
    Kind,
    Membership,
    Status,
    first_hash,
    next_hash,
)
from geventim.log.changes import Append
from geventim.log.outcomes import (
    DO_NOT_DISTURB,
    NO_CONVERSATION,
    NOT_A_MEMBER,
    NOT_ALLOWED,
    Appended,
    Head,
    Page,
    Position,
    Refusal,
)
from geventim.log.people import (
    Register,
    SetStatus,
)
from geventim.log.store import Store
from tests.store.builders import (
    ALICE,
    BOB,
    CAROL,
    CREW,
    DM,
    INCARNATION,
    LOBBY,
    append,
    commit,
    create,
    delete,
    do,
    entries,
    fresh_id,
    last,
    leave,
    refused,
    seqs,
    texts,
    write,
)


class TestAppends:
    def test_entries_are_numbered_and_kept_as_they_are(self, store: Store) -> None:
        do(store, create(LOBBY, ALICE, BOB))
        changes = [append(LOBBY, author, b"\x00\xff") for author in (ALICE, BOB, ALICE)]
        outcomes = store.commit(changes)
        kept = []
        running = first_hash(INCARNATION)
        for seq, change in enumerate(changes, 1):
            kept.append(
                Entry(
                    LOBBY.id,
                    seq,
                    2.5,
                    change.author,
                    EntryKind.MESSAGE,
                    change.message_id,
                    running,
                    payload=b"\x00\xff",
                )
            )
            running = next_hash(running, seq, b"\x00\xff")
        assert outcomes == [Appended(entry) for entry in kept]
        assert store.entries(LOBBY.id, BOB.id, 0) == Page(tuple(kept), present=True)
        assert entries(store, LOBBY, BOB, 2) == kept[2:]
        assert entries(store, LOBBY, BOB, 3) == []
        head = store.head(LOBBY.id)
        assert head
        assert (head.seq, head.hash) == (3, running) == (3, kept[-1].hash)

    def test_running_hash_is_known_everywhere(self, store: Store) -> None:
        do(store, create(LOBBY, ALICE))
        assert store.position(LOBBY.id, 0) == Position(0, first_hash(INCARNATION), 0, 0)
        kept = [write(store, append(LOBBY, ALICE, text)) for text in (b"a", b"b")]
        assert store.position(LOBBY.id, 0) == Position(0, first_hash(INCARNATION), 2, 0)
        assert store.position(LOBBY.id, 1) == Position(1, kept[0].hash, 2, 0)
        assert store.position(LOBBY.id, 2) == Position(2, kept[1].hash, 2, 0)
        assert store.position(LOBBY.id, 9) == Position(2, kept[1].hash, 2, 0)

    def test_message_id_is_appended_once(self, store: Store) -> None:
        do(store, create(LOBBY, ALICE, BOB))
        change = append(LOBBY, ALICE, b"once")
        entry = write(store, change)
        write(store, append(LOBBY, ALICE))
        assert do(store, change) == Appended(entry, repeated=True)
        assert last(store, LOBBY) == 2

    def test_message_id_is_appended_once_within_a_batch(self, store: Store) -> None:
        do(store, create(LOBBY, ALICE, BOB))
        change, other = append(LOBBY, ALICE, b"once"), append(LOBBY, BOB, b"other")
        first, middle, second = store.commit([change, other, change])
        assert isinstance(first, Appended)
        assert second == Appended(first.entry, repeated=True)
        assert isinstance(middle, Appended)
        assert (first.entry.seq, middle.entry.seq) == (1, 2)
        assert texts(store, LOBBY, BOB) == ["once", "other"]

    def test_message_id_is_its_authors_and_its_conversations(self, store: Store) -> None:
        do(store, create(LOBBY, ALICE, BOB))
        do(store, create(CREW, ALICE, BOB))
        message_id = fresh_id()
        outcomes = store.commit(
            [
                Append(conversation.id, author.id, EntryKind.MESSAGE, message_id, 1.0)
                for conversation in (LOBBY, CREW)
                for author in (ALICE, BOB)
            ]
        )
        assert [isinstance(o, Appended) and (o.entry.seq, o.repeated) for o in outcomes] == [
            (1, False),
            (2, False),
            (1, False),
            (2, False),
        ]

    def test_only_members_append(self, store: Store) -> None:
        do(store, create(LOBBY, ALICE))
        assert do(store, append(LOBBY, BOB)) == NOT_A_MEMBER
        assert do(store, leave(LOBBY, BOB)) == NOT_A_MEMBER
        assert do(store, append(CREW, ALICE)) == NO_CONVERSATION
        assert last(store, LOBBY) == 0

    def test_refused_change_does_not_stop_the_others(self, store: Store) -> None:
        outcomes = store.commit(
            [
                create(LOBBY),
                commit(LOBBY, ALICE, 0, add=(ALICE,)),
                append(LOBBY, BOB, b"refused", head=1),
                append(LOBBY, ALICE, b"one", head=1),
                append(CREW, ALICE, b"refused"),
                commit(LOBBY, BOB, 1, add=(BOB,), limit=2),
                append(LOBBY, BOB, b"two", head=3),
                commit(LOBBY, CAROL, 3, add=(CAROL,), limit=2),
                leave(LOBBY, ALICE),
                append(LOBBY, ALICE, b"refused", head=3),
                append(LOBBY, BOB, b"three", head=3),
            ]
        )
        assert [o.code for o in outcomes if isinstance(o, Refusal)] == [
            "not_a_member",
            "no_conversation",
            "room_full",
            "not_a_member",
        ]
        assert texts(store, LOBBY, ALICE) == ["commit", "one", "commit", "two", ""]
        assert texts(store, LOBBY, BOB) == ["commit", "two", "", "three"]

    def test_nothing_to_commit(self, store: Store) -> None:
        assert store.commit([]) == []


class TestLeaving:
    def test_who_left_reads_up_to_the_leave(self, store: Store) -> None:
        do(store, create(CREW, ALICE, BOB))
        do(store, append(CREW, ALICE, b"both"))
        change = leave(CREW, BOB)
        left = do(store, change)
        do(store, append(CREW, ALICE, b"alone"))
        assert isinstance(left, Appended)
        assert left == Appended(left.entry, gone=(BOB.id,))
        assert left.entry.kind is EntryKind.LEAVE
        assert store.entries(CREW.id, BOB.id, 1) == Page((left.entry,), present=False)
        assert entries(store, CREW, BOB, 2) == []
        assert store.members(CREW.id) == [ALICE.id]
        assert store.memberships(BOB.id) == []
        assert store.memberships(ALICE.id) == [Membership(CREW, 0, 3, 1)]
        assert do(store, append(CREW, BOB)) == NOT_A_MEMBER
        assert do(store, change) == Appended(left.entry, repeated=True)

    def test_strangers_read_nothing(self, store: Store) -> None:
        do(store, create(CREW, ALICE))
        do(store, append(CREW, ALICE))
        assert store.entries(CREW.id, BOB.id, 0) == Page((), present=False)

    def test_conversation_of_two_cannot_be_left(self, store: Store) -> None:
        do(store, create(DM, ALICE, BOB))
        assert do(store, leave(DM, ALICE)) == NOT_ALLOWED
        assert do(store, delete(DM, ALICE)) == NOT_ALLOWED
        assert store.members(DM.id) == sorted([ALICE.id, BOB.id])


class TestDoNotDisturb:
    def test_message_to_a_dnd_peer_is_refused_and_a_commit_is_not(self, store: Store) -> None:
        store.commit([Register(ALICE), Register(BOB), create(DM, ALICE, BOB)])
        before = append(DM, ALICE, b"before")
        entry = write(store, before)
        do(store, SetStatus(BOB.id, Status.DND))
        assert do(store, append(DM, ALICE)) == DO_NOT_DISTURB
        assert do(store, before) == Appended(entry, repeated=True)
        assert do(store, append(DM, CAROL)) == NOT_A_MEMBER
        assert write(store, commit(DM, ALICE, 0)).seq == 2
        assert write(store, append(DM, BOB, b"answer", head=2)).seq == 3
        do(store, SetStatus(BOB.id, Status.AWAY))
        assert write(store, append(DM, ALICE, b"after", head=2)).seq == 4

    def test_status_counts_in_the_order_of_the_changes(self, store: Store) -> None:
        store.commit([Register(ALICE), Register(BOB), create(DM, ALICE, BOB)])
        outcomes = store.commit(
            [
                append(DM, ALICE, b"one"),
                SetStatus(BOB.id, Status.DND),
                append(DM, ALICE, b"two"),
                SetStatus(BOB.id, Status.NORMAL),
                append(DM, ALICE, b"three"),
            ]
        )
        assert outcomes[2] == DO_NOT_DISTURB
        assert texts(store, DM, BOB) == ["one", "three"]

    def test_is_for_conversations_of_two(self, store: Store) -> None:
        store.commit([Register(ALICE), Register(BOB), SetStatus(BOB.id, Status.DND)])
        store.commit([create(LOBBY, ALICE, BOB), create(CREW, ALICE, BOB)])
        assert write(store, append(LOBBY, ALICE)).seq == 1
        assert write(store, append(CREW, ALICE)).seq == 1


class TestDelete:
    def test_is_for_the_creator_and_operators(self, store: Store) -> None:
        do(store, create(CREW, ALICE, BOB))
        do(store, create(LOBBY, ALICE))
        assert do(store, delete(CREW, BOB)) == NOT_ALLOWED
        assert do(store, delete(CREW, CAROL)) == NOT_ALLOWED
        assert do(store, delete(LOBBY, ALICE)) == NOT_ALLOWED
        assert last(store, CREW) == 0
        assert write(store, delete(LOBBY, CAROL, operator=True)).author == CAROL.id
        assert write(store, delete(CREW, ALICE)).seq == 1

    def test_creator_may_delete_after_leaving(self, store: Store) -> None:
        do(store, create(CREW, ALICE, BOB))
        do(store, leave(CREW, ALICE))
        write(store, delete(CREW, ALICE))
        assert store.memberships(ALICE.id) == []
        assert store.memberships(BOB.id) == [Membership(CREW, 0, 2, 0, present=False)]

    def test_ends_everything_but_reading(self, store: Store) -> None:
        do(store, create(CREW, ALICE, BOB, CAROL))
        do(store, leave(CREW, CAROL))
        change = delete(CREW, ALICE)
        outcome = do(store, change)
        assert isinstance(outcome, Appended)
        assert outcome == Appended(
            outcome.entry, gone=tuple(sorted([ALICE.id, BOB.id])), conversation=CREW
        )
        assert store.conversation(CREW.id) == CREW
        assert store.members(CREW.id) == []
        assert store.head(CREW.id) == Head(2, outcome.entry.hash, 0, 0, deleted=True)
        assert store.memberships(BOB.id) == [Membership(CREW, 0, 2, 0, present=False)]
        assert store.memberships(CAROL.id) == []
        assert entries(store, CREW, BOB, 1) == [outcome.entry]
        assert entries(store, CREW, CAROL, 1) == []
        assert do(store, append(CREW, ALICE)) == NO_CONVERSATION
        assert do(store, delete(CREW, ALICE)) == NO_CONVERSATION
        assert do(store, commit(CREW, ALICE, 0)) == NO_CONVERSATION
        assert do(store, create(CREW, ALICE, BOB)) == NO_CONVERSATION
        assert do(store, change) == Appended(outcome.entry, repeated=True)

    def test_name_is_free_for_another_that_inherits_nothing(self, store: Store) -> None:
        do(store, create(LOBBY, ALICE, BOB))
        do(store, append(LOBBY, ALICE, b"old"))
        do(store, delete(LOBBY, ALICE, operator=True))
        assert store.room_named("lobby") is None
        new = Conversation(fresh_id(), Kind.ROOM, "Lobby", CAROL.id)
        assert do(store, create(new, CAROL)) == new
        assert store.room_named("lobby") == new
        assert store.members(new.id) == [CAROL.id]
        assert last(store, new) == 0
        assert entries(store, new, BOB) == []
        assert store.memberships(CAROL.id) == [Membership(new, 0, 0, 1)]
        assert store.memberships(BOB.id) == [Membership(LOBBY, 0, 2, 0, present=False)]


class TestPages:
    def test_hold_so_many_entries(self, store: Store) -> None:
        do(store, create(LOBBY, ALICE))
        store.commit([append(LOBBY, ALICE) for _ in range(limits.PAGE_ENTRIES + 3)])
        page = seqs(store, LOBBY, ALICE)
        assert page == list(range(1, limits.PAGE_ENTRIES + 1))
        assert seqs(store, LOBBY, ALICE, page[-1]) == [limits.PAGE_ENTRIES + n for n in (1, 2, 3)]

    def test_hold_so_many_bytes(self, store: Store) -> None:
        do(store, create(LOBBY, ALICE))
        size = limits.PAGE_SIZE // 4
        store.commit([append(LOBBY, ALICE, bytes(size)) for _ in range(5)])
        assert len(seqs(store, LOBBY, ALICE)) == 4
        assert len(seqs(store, LOBBY, ALICE, 4)) == 1

    def test_welcome_counts_for_whom_it_is_for(self, store: Store) -> None:
        do(store, create(CREW, ALICE, BOB))
        welcome = bytes(limits.PAGE_SIZE)
        write(store, append(CREW, ALICE, b"before"))
        write(store, commit(CREW, ALICE, 0, add=(BOB,), welcome=welcome))
        assert seqs(store, CREW, ALICE) == [1, 2]
        assert seqs(store, CREW, BOB) == [1]
        assert seqs(store, CREW, BOB, 1) == [2]

    def test_hold_one_entry_however_large(self, store: Store) -> None:
        do(store, create(LOBBY, ALICE))
        store.commit([append(LOBBY, ALICE, bytes(limits.PAGE_SIZE + 1)) for _ in range(2)])
        assert seqs(store, LOBBY, ALICE) == [1]
        assert seqs(store, LOBBY, ALICE, 1) == [2]

    def test_go_on_across_a_gap(self, store: Store) -> None:
        do(store, create(LOBBY, ALICE, BOB))
        do(store, leave(LOBBY, BOB))
        store.commit([append(LOBBY, ALICE, b"x" * 1000) for _ in range(300)])
        joining = write(store, commit(LOBBY, BOB, 0, add=(BOB,)))
        store.commit([append(LOBBY, ALICE, head=joining.seq) for _ in range(limits.PAGE_ENTRIES)])
        page = seqs(store, LOBBY, BOB)
        assert page[:3] == [1, 302, 303]
        assert len(page) == limits.PAGE_ENTRIES


class TestRefusals:
    def test_have_their_words(self, store: Store) -> None:
        do(store, create(CREW, ALICE))
        assert refused(store, append(CREW, ALICE, head=7)) == "stale_head"
        assert refused(store, commit(CREW, ALICE, 0, turn=False)) == "no_turn"
