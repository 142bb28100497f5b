"""What every back end promises of conversations; ``store`` is each of them in turn."""

import pytest

from geventim.chat import limits
from geventim.chat.names import fold
from geventim.chat.values import (
    Conversation,
    EntryKind,
    Kind,
    Membership,
    dm_id,
    first_hash,
)
from geventim.log.changes import Create, Expire
from geventim.log.outcomes import (
    NAME_TAKEN,
    NICK_TAKEN,
    NO_CONVERSATION,
    Appended,
    Head,
    Page,
)
from geventim.log.people import (
    Register,
)
from geventim.log.store import Store
from tests.store.builders import (
    ALICE,
    BOB,
    CAROL,
    CREW,
    DM,
    INCARNATION,
    KEYED,
    LOBBY,
    append,
    commit,
    create,
    delete,
    do,
    fresh_id,
    ids,
    last,
    leave,
    person,
    write,
)

CREW_IN_PERSON = person("crew")


class TestConversations:
    def test_room_begins_empty_and_without_members(self, store: Store) -> None:
        assert do(store, create(KEYED)) == KEYED
        assert store.conversation(KEYED.id) == KEYED
        assert store.room_named("Keyed") == KEYED
        assert store.head(KEYED.id) == Head(0, first_hash(INCARNATION), 0, 0)
        assert store.members(KEYED.id) == []
        assert store.memberships(ALICE.id) == []

    def test_group_begins_with_its_creator(self, store: Store) -> None:
        assert do(store, create(CREW, ALICE)) == CREW
        assert store.members(CREW.id) == [ALICE.id]
        assert store.memberships(ALICE.id) == [Membership(CREW, 0, 0, 1)]
        assert store.head(CREW.id) == Head(0, first_hash(INCARNATION), 0, 1)

    def test_groups_are_those_that_were_not_deleted(self, store: Store) -> None:
        other = Conversation(b"other".ljust(16), Kind.GROUP, "crew", BOB.id, INCARNATION)
        store.commit([create(CREW, ALICE), create(LOBBY), create(other, BOB), create(DM, BOB)])
        assert {each.id for each in store.groups()} == {CREW.id, other.id}
        do(store, delete(CREW, ALICE))
        assert store.groups() == [other]

    def test_rooms_come_in_pages_by_their_folded_names(self, store: Store) -> None:
        names = ["Zebra", "apple", "Straße", "b_2", "lobby", "\u0431\u0430\u0442"]
        rooms = [Conversation(fresh_id(), Kind.ROOM, name, ALICE.id, INCARNATION) for name in names]
        store.commit([create(CREW, ALICE), create(DM, BOB), *map(create, rooms)])
        ordered = sorted(rooms, key=lambda room: fold(room.name))
        assert store.rooms("", 9) == ordered
        assert store.rooms("", 2) == ordered[:2]
        assert store.rooms(fold(ordered[1].name), 2) == ordered[2:4]
        assert store.rooms("lobb", 1) == [rooms[4]]
        assert store.rooms(fold(ordered[-1].name), 9) == []

    def test_room_that_was_deleted_is_not_listed(self, store: Store) -> None:
        store.commit([create(LOBBY), create(KEYED)])
        store.commit([commit(LOBBY, ALICE, 0, add=(ALICE,))])
        write(store, delete(LOBBY, ALICE, operator=True))
        assert store.rooms("", 1) == [KEYED]

    def test_create_repeated_changes_nothing(self, store: Store) -> None:
        do(store, create(CREW, ALICE, BOB))
        do(store, leave(CREW, BOB))
        drawn_anew = Conversation(CREW.id, Kind.GROUP, "crew", ALICE.id, bytes(16))
        assert do(store, create(drawn_anew, ALICE, BOB, CAROL)) == CREW
        assert store.members(CREW.id) == [ALICE.id]
        assert last(store, CREW) == 1

    def test_create_repeated_finds_a_changed_gate(self, store: Store) -> None:
        do(store, create(KEYED, ALICE))
        do(store, commit(KEYED, ALICE, 0, gate=b"new".ljust(32)))
        known = do(store, create(KEYED))
        assert isinstance(known, Conversation)
        assert known.gate == b"new".ljust(32)

    def test_conversation_of_two_is_one_whoever_begins_it(self, store: Store) -> None:
        from_bob = Conversation(DM.id, Kind.DM, "", BOB.id, bytes(16))
        assert do(store, create(DM, ALICE, BOB)) == DM
        assert do(store, create(from_bob, BOB, ALICE)) == DM
        assert store.conversation(DM.id) == DM
        assert store.members(DM.id) == sorted([ALICE.id, BOB.id])
        assert store.memberships(ALICE.id) == [Membership(DM, 0, 0, 2, peer=BOB.id)]
        assert store.memberships(BOB.id) == [Membership(DM, 0, 0, 2, peer=ALICE.id)]
        other = Conversation(dm_id(ALICE.id, CAROL.id), Kind.DM, "", ALICE.id)
        assert do(store, create(other, ALICE, CAROL)) == other

    def test_creation_is_known_by_its_creator_and_message_id(self, store: Store) -> None:
        made = Create(LOBBY, (), b"m" * 16)
        drawn_anew = Conversation(fresh_id(), Kind.ROOM, "lobby", ALICE.id, bytes(16))
        assert do(store, made) == LOBBY
        assert do(store, Create(drawn_anew, (), b"m" * 16)) == LOBBY
        assert do(store, Create(drawn_anew, (), b"n" * 16)) == NAME_TAKEN
        assert store.conversation(drawn_anew.id) is None
        of_bob = Conversation(fresh_id(), Kind.GROUP, "lobby", BOB.id, bytes(16))
        assert do(store, Create(of_bob, ids(BOB), b"m" * 16)) == of_bob
        do(store, delete(LOBBY, ALICE, operator=True))
        assert do(store, Create(drawn_anew, (), b"m" * 16)) == NO_CONVERSATION
        assert do(store, Create(drawn_anew, (), b"n" * 16)) == drawn_anew

    @pytest.mark.parametrize("name", ["lobby", "Lobby", "1obby", "alice", "ALICE", "a1ice"])
    def test_name_of_a_room_or_of_somebody_is_taken(self, store: Store, name: str) -> None:
        do(store, Register(ALICE))
        do(store, create(LOBBY))
        room = Conversation(fresh_id(), Kind.ROOM, name, BOB.id)
        assert do(store, create(room)) == NAME_TAKEN
        assert store.conversation(room.id) is None
        assert do(store, Register(person(name, "mallory"))) == NICK_TAKEN

    @pytest.mark.parametrize("name", ["crew", "Crew", "lobby", "alice"])
    def test_name_of_a_group_is_a_label(self, store: Store, name: str) -> None:
        do(store, Register(ALICE))
        do(store, create(LOBBY))
        do(store, create(CREW, ALICE))
        group = Conversation(fresh_id(), Kind.GROUP, name, BOB.id)
        assert do(store, create(group, BOB)) == group
        assert store.room_named("crew") is None
        room = Conversation(fresh_id(), Kind.ROOM, "crew", BOB.id)
        assert do(store, create(room)) == room
        assert do(store, Register(CREW_IN_PERSON)) == NICK_TAKEN

    @pytest.mark.parametrize(
        "other",
        [
            Conversation(CREW.id, Kind.GROUP, "other", ALICE.id),
            Conversation(CREW.id, Kind.GROUP, "crew", BOB.id),
            Conversation(CREW.id, Kind.ROOM, "crew", ALICE.id),
            Conversation(CREW.id, Kind.DM, "", ALICE.id),
        ],
    )
    def test_id_belongs_to_one_conversation(self, store: Store, other: Conversation) -> None:
        do(store, create(CREW, ALICE))
        assert do(store, create(other, ALICE, BOB)) == CREW
        assert store.conversation(CREW.id) == CREW
        assert store.members(CREW.id) == [ALICE.id]
        assert store.room_named("crew") is None

    def test_unknown_conversation_is_empty(self, store: Store) -> None:
        assert store.conversation(LOBBY.id) is None
        assert store.head(LOBBY.id) is None
        assert store.members(LOBBY.id) == []
        assert store.memberships(ALICE.id) == []
        assert store.entries(LOBBY.id, ALICE.id, 0) == Page((), present=False)


class TestListing:
    def test_memberships_come_in_pages(self, store: Store) -> None:
        groups = [
            Conversation(fresh_id(), Kind.GROUP, f"group{number}", ALICE.id) for number in range(9)
        ]
        for group in groups:
            do(store, create(group, ALICE, BOB))
            do(store, create(Conversation(fresh_id(), Kind.GROUP, f"x{group.name}", BOB.id), BOB))
        do(store, append(groups[3], ALICE, kind=EntryKind.LEAVE))
        whole = store.memberships(ALICE.id)
        assert {each.conversation.id for each in whole} == {
            group.id for group in groups if group is not groups[3]
        }
        paged: list[Membership] = []
        while page := store.memberships(ALICE.id, paged[-1].conversation.id if paged else b"", 3):
            assert len(page) <= 3
            paged += page
        assert paged == whole
        assert store.memberships(ALICE.id, whole[2].conversation.id) == whole[3:]
        assert store.memberships(ALICE.id, b"", 1) == whole[:1]


class TestUsage:
    def test_what_somebody_writes_is_counted_until_it_expires(self, store: Store) -> None:
        for conversation in (CREW, DM):
            do(store, create(conversation, ALICE, BOB))
        assert store.usage(ALICE.id).stored == 0
        first = append(CREW, ALICE, bytes(1_000))
        changes = [first, append(DM, ALICE, bytes(10)), append(CREW, BOB, b"")]
        store.commit([*changes, first])
        do(store, append(CREW, BOB, kind=EntryKind.LEAVE))
        assert store.usage(ALICE.id).stored == 1_010 + 2 * limits.ENTRY_SIZE
        assert store.usage(BOB.id).stored == limits.ENTRY_SIZE
        store.commit([append(CREW, ALICE, bytes(5)) for _ in range(40)])
        assert store.usage(ALICE.id).stored == 1_010 + 40 * 5 + 42 * limits.ENTRY_SIZE
        do(store, Expire(before=1e12))
        assert store.usage(ALICE.id).stored == store.usage(BOB.id).stored == 0

    def test_commits_do_not_count(self, store: Store) -> None:
        do(store, create(CREW, ALICE))
        assert isinstance(do(store, commit(CREW, ALICE, 0, payload=bytes(1_000))), Appended)
        assert store.usage(ALICE.id).stored == 0

    def test_rooms_and_groups_are_counted_until_they_are_deleted(self, store: Store) -> None:
        for conversation in (CREW, LOBBY, DM):
            do(store, create(conversation, ALICE, BOB))
        assert store.usage(ALICE.id).created == 2
        assert store.usage(BOB.id).created == 0
        do(store, append(CREW, ALICE, kind=EntryKind.DELETE))
        assert store.usage(ALICE.id).created == 1

    def test_who_is_in_many_conversations_is_found(self, store: Store) -> None:
        for conversation in (CREW, LOBBY, DM):
            do(store, create(conversation, ALICE, BOB))
        everybody = ids(ALICE, BOB, CAROL)
        assert store.crowded(everybody, 3) == list(ids(ALICE, BOB))
        assert store.crowded(everybody, 4) == []
        do(store, append(CREW, BOB, kind=EntryKind.LEAVE))
        assert store.crowded(everybody, 3) == [ALICE.id]


class TestTotals:
    def test_count_what_there_is(self, store: Store) -> None:
        store.probe()
        assert store.totals().accounts == 0
        do(store, create(LOBBY, ALICE, BOB))
        do(store, create(CREW, ALICE))
        write(store, append(LOBBY, ALICE, b"four"))
        totals = store.totals()
        assert totals.accounts == len(store.accounts())
        assert totals.conversations in ({"room": 1, "group": 1}, {"any": 2})
        assert (totals.entries, totals.size) == (1, 4)
        do(store, delete(CREW, ALICE))
        assert store.totals().conversations in ({"room": 1}, {"any": 2})
        assert store.totals().entries == 2
