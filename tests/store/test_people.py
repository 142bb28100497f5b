"""What every back end promises of people; ``store`` is each of them in turn."""

import pytest

from geventim.chat.values import (
    Account,
    Allowance,
    Nearness,
    Sanction,
    Status,
)
from geventim.log.changes import AddKeyPackages, TakeKeyPackage
from geventim.log.outcomes import (
    ACCOUNT_ENDED,
    KEY_TAKEN,
    NICK_TAKEN,
    NO_KEY_PACKAGE,
    NOT_INVITED,
    NOT_LISTED,
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
    do,
    person,
)


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

    @pytest.mark.parametrize("nick", ["alice", "Alice", "аlice", "a1ice", "aIice"])  # noqa: RUF001 - on purpose
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
