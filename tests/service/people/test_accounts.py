"""Who owns a nick, who may claim one, and operators."""

import pytest

from geventim.chat import requests as ask
from geventim.chat.replies import Error, LoggedIn
from geventim.chat.values import Access, Status
from geventim.errors import UserError
from geventim.log.people import Invite, SetOperator, SetStatus
from geventim.service.alone import Alone
from geventim.service.bounds import Bounds
from geventim.service.people.accounts import DAY
from tests.service.doubles import SERVER_SIGNER, World
from tests.service.identities import channel_key, registration


def register(world, nick, key=None, **fields):
    """Register from a new connection; the reply."""
    client = world.client(key or nick)
    return client.ask(ask.Register, **{**registration(nick, key), **fields})


class TestRegistration:
    def test_free_nick_is_claimed_and_the_session_open(self, world):
        client = world.client("alice")
        reply = client.ask(ask.Register, **registration("alice"))
        assert reply == LoggedIn(
            id=reply.id,
            nick="alice",
            status=Status.NORMAL,
            signature_key=SERVER_SIGNER.public,
            changes=1,
            life_signs=True,
            time=world.timers.now(),
        )
        assert client.admitted
        assert world.service.connected.names() == ("alice",)
        assert world.store.account_with_key(channel_key("alice")).nick == "alice"

    def test_repetition_from_another_connection_is_harmless(self, world):
        assert isinstance(register(world, "alice"), LoggedIn)
        assert isinstance(register(world, "alice"), LoggedIn)
        assert [account.nick for account in world.service.accounts.all()] == ["alice"]

    @pytest.mark.parametrize("nick", ["alice", "Alice", "\u0430lice", "a1ice", "ali\u0441e"])
    def test_nick_of_another_or_one_that_looks_alike_is_refused(self, world, nick):
        world.enter("alice")
        reply = register(world, nick, key="mallory")
        assert isinstance(reply, Error)
        assert reply.code in {"nick_taken", "bad_name"}
        assert world.service.connected.names() == ("alice",)

    def test_nick_stays_its_owners_after_they_left(self, world):
        world.enter("alice").lose()
        world.timers.advance(3600)
        world.start()
        assert register(world, "alice", key="mallory").code == "nick_taken"
        reply = world.client("mallory").ask(ask.Login, nick="alice")
        assert reply.code == "nick_taken"

    @pytest.mark.parametrize("nick", ["", "al ice", "[Server]", "server", "a\nb", "x" * 33, "quit"])
    def test_what_is_no_name_is_refused(self, world, nick):
        reply = register(world, nick)
        assert reply.code == "bad_name"
        assert world.service.accounts.all() == []

    def test_nick_is_kept_in_its_normal_form(self, world):
        wide = "\uff41lice"
        assert register(world, wide).code == "bad_signature"  # it signs what is not kept
        fields = {**registration("alice"), "nick": wide}
        assert world.client("alice").ask(ask.Register, **fields).nick == "alice"

    @pytest.mark.parametrize(
        "signed",
        [
            registration("bob"),
            registration("alice", "bob"),
            {"signature": bytes(64)},
        ],
        ids=["another nick", "another key", "nothing"],
    )
    def test_claim_must_be_signed(self, world, signed):
        reply = register(world, "alice", signature=signed["signature"])
        assert reply.code == "bad_signature"
        assert world.store.account_named("alice") is None

    @pytest.mark.parametrize(
        "key", ["0100", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"]
    )
    def test_a_key_for_which_anybody_can_sign_is_no_identity(self, world, key):
        public = bytes.fromhex(key).ljust(32, b"\0")
        for number in range(64):
            forged = b"\x01" + bytes(31) + bytes(32)
            fields = {"nick": f"eve{number}", "identity": public, "signature": forged, "code": ""}
            assert world.client("eve").ask(ask.Register, **fields).code == "bad_signature"

    def test_claim_is_bound_to_the_connection(self, world):
        # Whoever relays alice's claim over a connection of their own does not get her nick.
        reply = world.client("mallory").ask(ask.Register, **registration("alice"))
        assert reply.code == "bad_signature"

    def test_one_identity_has_one_nick(self, world):
        world.enter("alice")
        assert register(world, "second", key="alice").code == "nick_taken"

    def test_full_disk_is_told_and_the_connection_lives(self, world):
        world.journal.failing = True
        client = world.client("alice")
        assert client.ask(ask.Register, **registration("alice")).code == "storage_failed"
        world.journal.failing = False
        assert isinstance(client.ask(ask.Register, **registration("alice")), LoggedIn)


class TestLogin:
    def test_key_is_the_login(self, world):
        world.enter("alice").lose()
        reply = world.client("alice").ask(ask.Login, nick="ALICE")
        assert (reply.nick, reply.status) == ("alice", Status.NORMAL)

    def test_free_nick_has_to_be_claimed(self, world):
        assert world.client("alice").ask(ask.Login, nick="alice").code == "unknown_account"

    def test_key_does_not_open_the_nick_of_another(self, world):
        world.enter("alice")
        world.enter("bob")
        assert world.client("bob").ask(ask.Login, nick="alice").code == "nick_taken"

    def test_key_with_a_nick_does_not_open_a_free_one(self, world):
        world.enter("alice")
        assert world.client("alice").ask(ask.Login, nick="free").code == "nick_taken"

    def test_status_is_kept(self, world):
        world.enter("alice").ask(ask.SetStatus, status=Status.AWAY)
        world.start()
        assert world.client("alice").ask(ask.Login, nick="alice").status is Status.AWAY


class TestAccess:
    def test_invitation_lets_in_so_many(self):
        world = World(Access.INVITE)
        code = world.service.accounts.invite(2, 30)
        assert register(world, "alice").code == "not_invited"
        assert register(world, "alice", code="wrong").code == "not_invited"
        assert isinstance(register(world, "alice", code=code), LoggedIn)
        assert isinstance(register(world, "alice", code=code), LoggedIn)  # a repetition is free
        assert isinstance(register(world, "bob", code=code), LoggedIn)
        assert register(world, "carol", code=code).code == "not_invited"

    @pytest.mark.parametrize("access", [Access.INVITE, Access.ALLOWLIST])
    def test_a_stranger_is_not_told_which_nicks_are_taken(self, access):
        world = World(access)
        if access is Access.INVITE:
            register(world, "alice", code=world.service.accounts.invite(1, 30))
        else:
            world.service.accounts.allow("alice")
            register(world, "alice")
        assert world.store.account_named("alice")
        for nick in ("alice", "a1ice", "free"):
            reply = world.client("mallory").ask(ask.Login, nick=nick)
            assert reply.code == "unknown_account"
        codes = {register(world, nick, key="mallory").code for nick in ("alice", "free")}
        assert len(codes) == 1
        assert codes <= {"not_invited", "not_listed"}

    def test_refused_claims_do_not_use_up_an_invitation(self):
        world = World(Access.INVITE)
        code = world.service.accounts.invite(1, 30)
        assert register(world, "alice", code=code, signature=bytes(64)).code == "bad_signature"
        assert register(world, "server", code=code).code == "bad_name"
        assert isinstance(register(world, "alice", code=code), LoggedIn)

    def test_list_admits_whom_it_names(self):
        world = World(Access.ALLOWLIST)
        assert register(world, "alice").code == "not_listed"
        assert world.service.accounts.allow("ALICE") == "ALICE"
        assert isinstance(register(world, "alice"), LoggedIn)
        assert register(world, "bob").code == "not_listed"
        with pytest.raises(UserError, match="reserved"):
            world.service.accounts.allow("server")

    def test_code_is_not_asked_for_where_everyone_may_enter(self, world):
        assert isinstance(register(world, "alice", code="wrong"), LoggedIn)

    def test_first_invite_is_for_who_cannot_come_without_one(self):
        world = World(Access.INVITE)
        accounts = world.service.accounts
        code = accounts.first_invite()
        end = world.timers.now() + 30 * DAY
        assert world.store.invites() == {code: Invite(100, end)}
        assert accounts.first_invite() == code
        register(world, "alice", code=code)
        accounts.revoke(code)
        assert accounts.first_invite() == ""

    def test_nobody_comes_after_the_end_of_an_invite(self):
        world = World(Access.INVITE)
        accounts = world.service.accounts
        code = accounts.first_invite()
        world.timers.advance(30 * DAY)
        assert register(world, "alice", code=code).code == "not_invited"
        assert accounts.invites() == {}
        assert world.store.invites() == {}
        assert accounts.first_invite() not in {"", code}

    def test_nobody_comes_with_a_code_that_was_revoked(self):
        world = World(Access.INVITE)
        code = world.service.accounts.invite(5, 1)
        world.service.accounts.revoke(code)
        assert register(world, "alice", code=code).code == "not_invited"
        with pytest.raises(UserError, match="no such invite"):
            world.service.accounts.revoke(code)

    @pytest.mark.parametrize("access", [Access.OPEN, Access.ALLOWLIST])
    def test_other_servers_print_no_code(self, access):
        assert World(access).service.accounts.first_invite() == ""


class TestOperators:
    def test_operator_is_one_at_once_and_after_a_restart(self, world):
        alice = world.enter("alice")
        assert not alice.session.account.operator
        assert world.service.moderation.make_operator("ALICE").nick == "alice"
        assert alice.session.account.operator
        world.start()
        assert world.enter("alice").session.account.operator

    def test_who_is_not_connected_becomes_one_too(self, world):
        world.enter("alice").lose()
        world.service.moderation.make_operator("alice")
        assert world.enter("alice").session.account.operator

    def test_unknown_user_is_named(self, world):
        with pytest.raises(UserError, match="User 'nobody' not found"):
            world.service.moderation.make_operator("nobody")


class TestPeople:
    def test_who_has_logged_in_need_not_be_looked_up(self, world, monkeypatch):
        alice = world.enter("alice")
        monkeypatch.setattr(world.store, "account", None)  # would be asked
        person = world.service.accounts.person(alice.session.account.id)
        assert person.nick == "alice"

    def test_who_was_here_is_known_by_its_key(self, world, monkeypatch):
        world.enter("alice").lose()
        monkeypatch.setattr(world.store, "account_with_key", None)  # would be asked
        assert world.enter("alice").session.account.nick == "alice"

    def test_what_it_has_changed_is_known_too(self, world):
        alice = world.enter("alice")
        alice.ask(ask.SetStatus, status=Status.DND)
        alice.lose()
        (greeting,) = world.enter("alice").events(LoggedIn)
        assert greeting.status is Status.DND

    def test_who_came_before_the_change_was_written_does_not_undo_it(self, world, monkeypatch):
        alice, commit = world.enter("alice"), world.journal.commit
        monkeypatch.setattr(
            world.journal, "commit", lambda changes: world.enter("alice") and commit(changes)
        )
        alice.begin(ask.SetStatus, status=Status.DND)
        (greeting,) = world.enter("alice").events(LoggedIn)
        assert greeting.status is Status.DND

    def test_who_comes_before_the_change_is_known_finds_it(self, world, monkeypatch):
        alice, commit = world.enter("alice"), world.journal.commit

        def dawdle(changes):
            outcomes = commit(changes)
            (greeting,) = world.enter("alice").events(LoggedIn)
            assert greeting.status is Status.DND
            return outcomes

        monkeypatch.setattr(world.journal, "commit", dawdle)
        alice.begin(ask.SetStatus, status=Status.DND)
        assert alice.closed

    def test_what_another_node_has_changed_counts(self, world):
        world.neighbours = Alone()
        world.start()
        alice = world.enter("alice")
        account = alice.session.account.id
        alice.lose()
        world.store.commit([SetStatus(account, Status.DND), SetOperator(account)])
        again = world.enter("alice").session.account
        assert (again.status, again.operator) == (Status.DND, True)

    @pytest.mark.parametrize("bounds", [Bounds(people=2)])
    def test_memory_is_bounded(self, world, monkeypatch):
        people = [world.enter(nick).session.account for nick in ("alice", "bob", "carol")]
        asked = []
        read = world.store.account
        monkeypatch.setattr(world.store, "account", lambda each: asked.append(each) or read(each))
        for each in reversed(people):
            assert world.service.accounts.person(each.id).nick == each.nick
        assert asked == [people[0].id]
