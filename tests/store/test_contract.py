"""What every back end promises; ``store`` is each of them in turn."""

import pytest

from geventim.chat import limits
from geventim.chat.values import (
    Account,
    Allowance,
    Conversation,
    Entry,
    EntryKind,
    Kind,
    Membership,
    Nearness,
    Sanction,
    Status,
    dm_id,
    first_hash,
    next_hash,
)
from geventim.log.changes import AddKeyPackages, Append, Create, Expire, TakeKeyPackage
from geventim.log.outcomes import (
    ACCOUNT_ENDED,
    DO_NOT_DISTURB,
    KEY_TAKEN,
    NAME_TAKEN,
    NICK_TAKEN,
    NO_CONVERSATION,
    NO_KEY_PACKAGE,
    NOT_A_MEMBER,
    NOT_ALLOWED,
    NOT_INVITED,
    NOT_LISTED,
    Appended,
    Head,
    Page,
    Position,
    Refusal,
)
from geventim.log.people import (
    AddInvite,
    Allow,
    Invite,
    NoteSeen,
    Register,
    RemoveInvite,
    Seen,
    SetAllowance,
    SetOperator,
    SetSanction,
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
    KEYED,
    LOBBY,
    append,
    commit,
    create,
    delete,
    do,
    entries,
    fresh_id,
    ids,
    last,
    leave,
    person,
    refused,
    seqs,
    texts,
    write,
)

CREW_IN_PERSON = person("crew")


class TestAccounts:
    def test_are_found_by_id_key_and_nick(self, store: Store) -> None:
        assert do(store, Register(ALICE)) == ALICE
        do(store, Register(BOB))
        assert store.account(ALICE.id) == ALICE
        assert store.account_with_key(ALICE.channel_key) == ALICE
        assert store.account_named("ALICE") == ALICE
        assert store.accounts() == [ALICE, BOB]
        assert store.account(CAROL.id) is None
        assert store.account_with_key(CAROL.channel_key) is None
        assert store.account_named("carol") is None

    @pytest.mark.parametrize("nick", ["alice", "Alice", "аlice", "a1ice", "aIice"])  # noqa: RUF001
    def test_nick_of_another_or_one_that_looks_alike_is_taken(
        self, store: Store, nick: str
    ) -> None:
        do(store, Register(ALICE))
        do(store, AddInvite("code", 1))
        assert do(store, Register(person(nick, "mallory"), code="code")) == NICK_TAKEN
        assert store.accounts() == [ALICE]
        assert store.invites() == {"code": Invite(1)}

    @pytest.mark.parametrize("nick", ["alice", "a1ice", "free"])
    def test_who_may_not_come_in_is_not_told_whether_a_nick_is_taken(
        self, store: Store, nick: str
    ) -> None:
        do(store, Register(ALICE))
        for key in ("mallory", "bob"):
            assert do(store, Register(person(nick, key), code="none")) == NOT_INVITED
            assert do(store, Register(person(nick, key), listed=True)) == NOT_LISTED

    def test_key_belongs_to_one_nick(self, store: Store) -> None:
        do(store, Register(ALICE))
        same_identity = person("zoe", "alice")
        same_channel = Account(BOB.id, "bob", BOB.identity, ALICE.channel_key)
        assert do(store, Register(same_identity)) == KEY_TAKEN
        assert do(store, Register(same_channel)) == KEY_TAKEN
        assert store.accounts() == [ALICE]

    def test_other_keys_do_not_get_the_nick(self, store: Store) -> None:
        do(store, Register(ALICE))
        other_channel = Account(ALICE.id, "alice", ALICE.identity, BOB.channel_key)
        assert do(store, Register(other_channel)) == NICK_TAKEN
        assert store.account(ALICE.id) == ALICE

    def test_repeated_registration_gives_the_account_and_uses_no_code(self, store: Store) -> None:
        do(store, AddInvite("code", 2))
        do(store, Register(ALICE, code="code"))
        do(store, SetStatus(ALICE.id, Status.AWAY))
        again = do(store, Register(ALICE, code="code"))
        assert isinstance(again, Account)
        assert again.status is Status.AWAY
        assert store.invites() == {"code": Invite(1)}
        assert do(store, Register(ALICE, code="spent")) == again
        assert do(store, Register(ALICE, listed=True)) == again

    def test_code_is_used_up(self, store: Store) -> None:
        do(store, AddInvite("code", 2))
        assert do(store, Register(ALICE, code="code")) == ALICE
        assert do(store, Register(BOB, code="code")) == BOB
        assert do(store, Register(CAROL, code="code")) == NOT_INVITED
        assert store.invites() == {}
        assert store.account(CAROL.id) is None

    def test_code_must_exist(self, store: Store) -> None:
        assert do(store, Register(ALICE, code="")) == NOT_INVITED
        assert do(store, Register(ALICE, code="code")) == NOT_INVITED

    def test_invite_that_is_made_again_counts_from_its_new_number(self, store: Store) -> None:
        store.commit([AddInvite("code", 2), AddInvite("other", 1), AddInvite("code", 5)])
        assert store.invites() == {"code": Invite(5), "other": Invite(1)}

    def test_invite_counts_before_its_end_only(self, store: Store) -> None:
        do(store, AddInvite("code", 2, 50.5))
        assert store.invites() == {"code": Invite(2, 50.5)}
        assert do(store, Register(ALICE, code="code", time=50.5)) == NOT_INVITED
        assert do(store, Register(ALICE, code="code", time=50.0)) == ALICE
        assert do(store, Register(ALICE, code="code", time=99.0)) == ALICE
        assert store.invites() == {"code": Invite(1, 50.5)}
        do(store, AddInvite("code", 2, 70.0))
        assert store.invites() == {"code": Invite(2, 70.0)}

    def test_invite_that_was_removed_lets_nobody_in(self, store: Store) -> None:
        store.commit([AddInvite("code", 2, 50.0), AddInvite("other", 1), RemoveInvite("code")])
        do(store, RemoveInvite("none"))
        assert store.invites() == {"other": Invite(1)}
        assert do(store, Register(ALICE, code="code")) == NOT_INVITED

    def test_it_is_known_when_somebody_was_there_last(self, store: Store) -> None:
        assert store.last_seen() == {}
        seen = Seen(2.5, Nearness.PRIVATE)
        store.commit([NoteSeen(ALICE.id, Seen(1.0, Nearness.PUBLIC)), NoteSeen(ALICE.id, seen)])
        do(store, NoteSeen(BOB.id, Seen(1.0, Nearness.LOOPBACK)))
        assert store.last_seen() == {ALICE.id: seen, BOB.id: Seen(1.0, Nearness.LOOPBACK)}

    def test_allowance_is_kept(self, store: Store) -> None:
        do(store, Register(ALICE))
        for allowance in (Allowance(2**40, 0), Allowance(None, 3), Allowance()):
            changed = do(store, SetAllowance(ALICE.id, allowance))
            assert isinstance(changed, Account)
            assert changed.allowance == allowance
            assert store.account(ALICE.id) == changed
        assert do(store, SetAllowance(BOB.id, Allowance())) is None

    def test_listed_nick_is_the_same_name(self, store: Store) -> None:
        assert do(store, Register(ALICE, listed=True)) == NOT_LISTED
        do(store, Allow("Alice"))
        do(store, Allow("alice"))
        assert do(store, Register(BOB, listed=True)) == NOT_LISTED
        assert do(store, Register(ALICE, listed=True)) == ALICE

    def test_nick_that_is_not_listed_uses_no_code(self, store: Store) -> None:
        do(store, AddInvite("code", 1))
        assert do(store, Register(ALICE, code="code", listed=True)) == NOT_LISTED
        assert store.invites() == {"code": Invite(1)}

    def test_status_and_operator_are_kept(self, store: Store) -> None:
        do(store, Register(ALICE))
        assert do(store, SetStatus(ALICE.id, Status.DND)) == store.account(ALICE.id)
        changed = do(store, SetOperator(ALICE.id))
        assert changed == Account(
            ALICE.id, "alice", ALICE.identity, ALICE.channel_key, Status.DND, operator=True
        )
        assert changed == store.account(ALICE.id) == store.account_named("alice")
        assert changed == store.account_with_key(ALICE.channel_key)
        assert store.accounts() == [changed]

    def test_operator_can_be_one_no_longer(self, store: Store) -> None:
        store.commit([Register(ALICE), SetOperator(ALICE.id)])
        assert do(store, SetOperator(ALICE.id, operator=False)) == ALICE == store.account(ALICE.id)

    def test_sanction_holds_until_it_is_lifted(self, store: Store) -> None:
        do(store, Register(ALICE))
        for sanction in (Sanction.MUTED, Sanction.BANNED, Sanction.NONE):
            judged = do(store, SetSanction(ALICE.id, sanction))
            assert isinstance(judged, Account)
            assert judged.sanction is sanction
            assert store.account(ALICE.id) == store.account_named("alice") == judged

    def test_removed_account_keeps_its_nick_and_nothing_else(self, store: Store) -> None:
        store.commit([Register(ALICE), SetOperator(ALICE.id)])
        do(store, AddKeyPackages(ALICE.id, (b"package",), 1.0))
        do(store, AddKeyPackages(ALICE.id, (b"last",), 1.0, last_resort=True))
        removed = do(store, SetSanction(ALICE.id, Sanction.REMOVED))
        assert isinstance(removed, Account)
        assert not removed.operator
        assert removed == store.account(ALICE.id) == store.account_with_key(ALICE.channel_key)
        assert do(store, TakeKeyPackage(ALICE.id, 0.0)) == NO_KEY_PACKAGE
        assert do(store, Register(person("alice", "other"))) == NICK_TAKEN
        assert do(store, Register(ALICE)) == removed

    def test_released_nick_is_somebody_elses(self, store: Store) -> None:
        do(store, Register(ALICE))
        released = do(store, SetSanction(ALICE.id, Sanction.RELEASED))
        assert store.account_named("alice") is None
        heir = person("alice", "other")
        assert do(store, Register(heir)) == heir == store.account_named("alice")
        assert store.account(ALICE.id) == store.account_with_key(ALICE.channel_key) == released
        assert store.accounts() == sorted([released, heir], key=lambda each: each.id)
        # Nothing that is done about the old one touches the new one.
        assert do(store, SetSanction(ALICE.id, Sanction.RELEASED)) == released
        assert do(store, SetStatus(ALICE.id, Status.DND)) is not None
        assert do(store, Register(ALICE)) == store.account(ALICE.id)
        assert store.account_named("alice") == heir

    def test_ended_account_can_only_be_released(self, store: Store) -> None:
        store.commit([Register(ALICE), SetSanction(ALICE.id, Sanction.REMOVED)])
        for sanction in (Sanction.NONE, Sanction.MUTED, Sanction.BANNED):
            assert do(store, SetSanction(ALICE.id, sanction)) == ACCOUNT_ENDED
        do(store, SetSanction(ALICE.id, Sanction.RELEASED))
        assert do(store, SetSanction(ALICE.id, Sanction.NONE)) == ACCOUNT_ENDED
        assert store.account_named("alice") is None

    def test_unknown_account_cannot_be_changed(self, store: Store) -> None:
        assert do(store, SetSanction(ALICE.id, Sanction.BANNED)) is None
        assert do(store, SetStatus(ALICE.id, Status.DND)) is None
        assert do(store, SetOperator(ALICE.id)) is None
        assert store.accounts() == []


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


class TestTotals:
    def test_count_what_there_is(self, store: Store) -> None:
        store.probe()
        assert store.totals().accounts == 0
        do(store, create(LOBBY, ALICE, BOB))
        do(store, create(CREW, ALICE))
        write(store, append(LOBBY, ALICE, b"four"))
        totals = store.totals()
        assert totals.accounts == len(store.accounts())
        if totals.entries is None:  # a store that would have to read everything
            assert totals.conversations == {"any": 2}
            return
        assert totals.conversations == {"room": 1, "group": 1}
        assert (totals.entries, totals.size) == (1, 4)
        do(store, delete(CREW, ALICE))
        assert store.totals().conversations == {"room": 1}
        assert store.totals().entries == 2


class TestRefusals:
    def test_have_their_words(self, store: Store) -> None:
        do(store, create(CREW, ALICE))
        assert refused(store, append(CREW, ALICE, head=7)) == "stale_head"
        assert refused(store, commit(CREW, ALICE, 0, turn=False)) == "no_turn"
