"""What the operator does about people and conversations, and what they are told."""

import pytest

from geventim.chat import requests as ask
from geventim.chat.departures import DELETE_BY_SERVER, Deletion, delete_claim
from geventim.chat.replies import Announcement, Appended, Dismissed, EntryEvent, LoggedIn, Ok
from geventim.chat.values import EntryKind, Sanction, Status
from geventim.crypto import signature
from geventim.errors import StoreError, UserError
from tests.service.doubles import SERVER_SIGNER, World, people
from tests.service.identities import account, registration


@pytest.fixture
def world():
    return World()


class TestBans:
    def test_who_is_banned_is_told_why_and_leaves(self, world):
        alice, bob = people(world, "alice", "bob")
        room = bob.room()
        alice.room()
        world.service.moderation.judge("ALICE", Sanction.BANNED)
        (told,) = alice.events(Dismissed)
        assert (told.code, told.text) == ("banned", "The operator of this server has banned you.")
        assert alice.closed
        assert world.service.connected.session(account("alice").id) is None
        before = len(alice.events(EntryEvent))
        bob.append(room)
        assert len(alice.events(EntryEvent)) == before

    def test_who_is_banned_does_not_come_in_until_that_is_lifted(self, world):
        people(world, "alice")
        world.service.moderation.judge("alice", Sanction.BANNED)
        for _ in range(2):
            stranger = world.client("alice")
            assert stranger.ask(ask.Login, nick="alice").code == "banned"
            assert stranger.ask(ask.Register, **registration("alice")).code == "banned"
            world.start()
        world.service.moderation.lift("alice", Sanction.BANNED)
        assert world.enter("alice").session.logged_in

    def test_who_was_looked_up_before_the_ban_does_not_come_in_after_it(self, world, monkeypatch):
        people(world, "alice")[0].lose()
        world.start()
        before = world.store.account(account("alice").id)
        world.service.moderation.judge("alice", Sanction.BANNED)
        monkeypatch.setattr(world.store, "account_with_key", lambda _: before)
        assert world.client("alice").ask(ask.Login, nick="alice").code == "banned"

    def test_membership_is_there_after_a_ban(self, world):
        (alice,) = people(world, "alice")
        room = alice.room()
        world.service.moderation.judge("alice", Sanction.BANNED)
        world.service.moderation.lift("alice", Sanction.BANNED)
        assert world.enter("alice").session.is_member(room)

    def test_nothing_is_lifted_that_does_not_hold(self, world):
        people(world, "alice")
        with pytest.raises(UserError, match="alice is not banned"):
            world.service.moderation.lift("alice", Sanction.BANNED)
        with pytest.raises(UserError, match="User 'nobody' not found"):
            world.service.moderation.judge("nobody", Sanction.BANNED)


class TestMuting:
    def test_who_is_muted_reads_and_does_not_write(self, world):
        alice, bob, _ = people(world, "alice", "bob", "carol")
        room, group = alice.room(), alice.group("crew")
        bob.room()
        world.service.moderation.judge("alice", Sanction.MUTED)
        assert "muted" in alice.events(Announcement)[-1].text
        assert alice.append(room).code == "muted"
        assert alice.ask(ask.CreateRoom, message_id=bytes(16), name="mine").code == "muted"
        assert (
            alice.ask(ask.CreateGroup, message_id=bytes(16), name="mine", members=()).code
            == "muted"
        )
        assert alice.ask(ask.OpenDm, nick="bob").code == "muted"
        alice.turn(group)
        assert alice.commit(group, ["carol"]).code == "muted"
        assert alice.change(group) == 2
        bob.append(room, b"hello")
        assert alice.payloads()[-1] == b"hello"
        assert isinstance(alice.leave(room), Appended)

    def test_status_does_not_let_one_write(self, world):
        (alice,) = people(world, "alice")
        room = alice.room()
        world.service.moderation.judge("alice", Sanction.MUTED)
        assert isinstance(alice.ask(ask.SetStatus, status=Status.AWAY), Ok)
        assert alice.append(room).code == "muted"

    def test_who_may_write_again_is_told(self, world):
        (alice,) = people(world, "alice")
        room = alice.room()
        world.service.moderation.judge("alice", Sanction.MUTED)
        world.service.moderation.lift("alice", Sanction.MUTED)
        assert "lets you write again" in alice.events(Announcement)[-1].text
        assert isinstance(alice.append(room), Appended)


class TestEnding:
    def test_removed_account_is_out_of_everything(self, world):
        alice, bob = people(world, "alice", "bob")
        room, group, dm = alice.room(), alice.group("crew", "bob"), alice.dm("bob")
        bob.room()
        alice.change(dm)
        world.service.moderation.judge("alice", Sanction.REMOVED)
        assert alice.events(Dismissed)[-1].code == "removed"
        for place in (room, group, dm):
            assert account("alice").id not in world.store.members(place)
        assert {e.kind for e in bob.events(EntryEvent) if e.author == "alice"} >= {EntryKind.KICK}
        assert world.client("alice").ask(ask.Login, nick="alice").code == "removed"
        assert world.client("alice").ask(ask.Register, **registration("alice")).code == "removed"
        assert world.client("alice").ask(ask.Register, **registration("zoe", "alice")).code in {
            "removed",
            "nick_taken",
        }

    def test_nobody_begins_anything_with_who_is_gone(self, world):
        alice, bob = people(world, "alice", "bob")
        alice.ask(ask.UploadKeyPackages, b"1", sizes=(1,))
        group = bob.group("crew")
        bob.turn(group)
        world.service.moderation.judge("alice", Sanction.REMOVED)
        assert bob.ask(ask.OpenDm, nick="alice").code == "account_ended"
        assert bob.ask(ask.ClaimKeyPackage, nick="alice").code == "account_ended"
        assert bob.commit(group, ["alice"]).code == "account_ended"
        named = bob.ask(ask.CreateGroup, message_id=bytes(16), name="mine", members=("alice",))
        assert named.code == "unknown_users"

    def test_commit_that_added_who_is_gone_now_can_be_repeated(self, world):
        _, bob = people(world, "alice", "bob")
        group = bob.group("crew")
        bob.turn(group)
        sent = {"message_id": b"m" * 16, "head": world.head(group)}
        first = bob.commit(group, ["alice"], **sent)
        world.service.moderation.judge("alice", Sanction.REMOVED)
        assert bob.commit(group, ["alice"], **sent).seq == first.seq

    def test_what_is_said_to_who_is_gone_is_refused(self, world):
        alice, bob = people(world, "alice", "bob")
        dm = alice.dm("bob")
        alice.change(dm)
        world.service.moderation.judge("alice", Sanction.REMOVED)
        refused = bob.append(dm)
        assert (refused.code, refused.text) == (
            "account_ended",
            "alice is not on this server any more.",
        )

    def test_heir_of_a_released_nick_inherits_nothing(self, world):
        alice, bob = people(world, "alice", "bob")
        group, dm = bob.group("crew", "alice"), alice.dm("bob")
        alice.change(dm)
        world.service.moderation.judge("alice", Sanction.RELEASED)
        heir = world.client("heir")
        reply = heir.ask(ask.Register, **registration("alice", "heir"))
        assert (reply.nick, reply.conversations) == ("alice", ())
        assert heir.session.account.id != account("alice").id
        assert heir.session.account.id not in world.store.members(group)
        assert bob.dm("alice") != dm
        assert world.client("alice").ask(ask.Login, nick="alice").code == "removed"

    def test_who_was_released_is_shown_as_old(self, world):
        alice, bob = people(world, "alice", "bob")
        dm = alice.dm("bob")
        alice.change(dm)
        bob.subscribe(dm)
        world.service.moderation.judge("alice", Sanction.RELEASED)
        assert bob.events(EntryEvent)[-1].author == "alice (old)"
        (entered,) = world.enter("bob").events(LoggedIn)
        listed = entered.conversations
        assert [each.name for each in listed if each.id == dm] == ["alice (old)"]

    def test_removed_account_can_be_released_and_nothing_else(self, world):
        people(world, "alice")
        world.service.moderation.judge("alice", Sanction.REMOVED)
        with pytest.raises(UserError, match="not on this server any more"):
            world.service.moderation.judge("alice", Sanction.BANNED)
        with pytest.raises(UserError, match="not on this server any more"):
            world.service.moderation.make_operator("alice")
        world.service.moderation.judge("alice", Sanction.RELEASED)
        with pytest.raises(UserError, match="not found"):
            world.service.moderation.judge("alice", Sanction.REMOVED)

    def test_what_a_crash_has_left_out_is_done_at_the_next_start(self, world, monkeypatch):
        alice, _ = people(world, "alice", "bob")
        room = alice.room()
        monkeypatch.setattr(world.service.moderation, "_put_out", lambda _: None)
        world.service.moderation.judge("alice", Sanction.REMOVED)
        assert account("alice").id in world.store.members(room)
        world.start()
        world.service.moderation.finish()
        assert account("alice").id not in world.store.members(room)

    def test_store_that_fails_is_told_of(self, world):
        (alice,) = people(world, "alice")
        alice.room()
        world.journal.failing = True
        with pytest.raises(StoreError):
            world.service.moderation.judge("alice", Sanction.REMOVED)
        assert not alice.events(Dismissed)


class TestPlaces:
    def test_somebody_is_put_out_of_a_room(self, world):
        alice, bob = people(world, "alice", "bob")
        room = alice.room()
        bob.room()
        kicked, place = world.service.moderation.kick("bob", "LOBBY")
        assert (kicked.nick, place.id) == ("bob", room)
        assert world.store.members(room) == [account("alice").id]
        with pytest.raises(UserError, match="bob is not in 'lobby'"):
            world.service.moderation.kick("bob", "lobby")

    def test_room_is_deleted_by_the_server_for_all(self, world):
        alice, bob = people(world, "alice", "bob")
        room = alice.room()
        bob.room()
        incarnation = world.store.conversation(room).incarnation
        world.service.moderation.delete("lobby")
        entry = bob.events(EntryEvent)[-1]
        assert entry.kind is EntryKind.DELETE
        said = Deletion.decode(bob.payloads()[-1])
        assert (said.kind, said.account) == (DELETE_BY_SERVER, account("alice").id)
        signature.verify(SERVER_SIGNER.public, delete_claim(room, incarnation), said.signature)
        assert world.store.room_named("lobby") is None
        with pytest.raises(UserError, match="no room 'lobby'"):
            world.service.moderation.delete("lobby")

    def test_group_is_named_by_its_id_or_by_founder_and_label(self, world):
        alice, bob = people(world, "alice", "bob")
        mine, theirs = alice.group("crew"), bob.group("crew")
        find = world.service.moderation.find
        assert find("alice/crew").id == mine
        assert find(theirs.hex()[:20].upper()).id == theirs
        for nothing in ("bob/staff", "crew", "abc", ""):
            with pytest.raises(UserError, match="There is no room"):
                find(nothing)
        other = alice.group("crew")
        with pytest.raises(UserError, match=f"{min(mine.hex(), other.hex())}, "):
            find("alice/crew")
