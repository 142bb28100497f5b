"""Several services on one store, which tell each other what they must."""

import pytest

from geventim.chat import requests as ask
from geventim.chat.bulletins import BEAT, SILENCE, Alive
from geventim.chat.replies import (
    Added,
    Announcement,
    Dismissed,
    LowOnKeyPackages,
    Superseded,
)
from geventim.chat.values import EntryKind, Sanction, Status
from geventim.errors import StoreError
from geventim.log.changes import Append
from geventim.service.people.presence import GATHER, GRACE
from tests.service.street import Node, told_of_bob


class TestPresence:
    def test_who_enters_leaves_and_changes_is_told_everywhere(self, two, street):
        alice = two[0].enter("alice")
        bob = two[1].enter("bob")
        street.let()
        assert two[0].names == two[1].names == ("alice", "bob")
        bob.ask(ask.SetStatus, status=Status.DND)
        bob.ask(ask.Quit)
        street.let()
        two[0].timers.advance(GATHER)
        assert told_of_bob(alice) == [("bob", "joined"), ("bob", "status"), ("bob", "quit")]
        assert two[0].names == two[1].names == ("alice",)

    def test_writers_see_who_is_connected_elsewhere(self, two, street):
        alice, bob = two[0].enter("alice"), two[1].enter("bob")
        street.let()
        dm = alice.dm("bob")
        bob.ask(ask.SetStatus, status=Status.AWAY)
        street.let()
        recipient = alice.append(dm).recipient
        assert (recipient.connected, recipient.status) == (True, Status.AWAY)

    def test_who_moves_to_another_node_is_not_told(self, two, street):
        alice, bob = two[0].enter("alice"), two[1].enter("bob")
        street.let()
        two[0].timers.advance(GATHER)
        bob.lose()
        street.let()
        two[0].enter("bob")
        street.let()
        assert two[0].names == two[1].names == ("alice", "bob")
        two[0].timers.advance(GRACE + GATHER)
        assert told_of_bob(alice) == [("bob", "joined")]

    def test_who_was_lost_elsewhere_is_told_after_a_while(self, two, street):
        alice, bob = two[0].enter("alice"), two[1].enter("bob")
        bob.lose()
        street.let()
        two[0].timers.advance(GRACE + GATHER)
        assert told_of_bob(alice) == [("bob", "joined"), ("bob", "lost")]

    def test_newer_login_elsewhere_takes_over(self, two, street):
        older = two[0].enter("alice")
        street.let()
        newer = two[1].enter("alice")
        street.let()
        assert older.events(Superseded)
        assert older.closed
        assert not newer.events(Superseded)
        older.lose()
        street.let()
        assert two[0].names == two[1].names == ("alice",)

    def test_of_two_logins_at_once_one_stays(self, two, street):
        first, last = two[0].enter("alice"), two[1].enter("alice")
        street.let()
        assert [bool(client.events(Superseded)) for client in (first, last)] == [True, False]
        assert two[0].names == two[1].names == ("alice",)


class TestNodes:
    def test_newcomer_learns_who_is_there(self, two, street):
        two[0].enter("alice")
        two[1].enter("bob")
        street.let()
        third = Node(street)
        street.let()
        assert third.names == ("alice", "bob")

    def test_silent_node_has_lost_its_people(self, two, street):
        alice = two[0].enter("alice")
        two[1].enter("bob")
        street.let()
        street.nodes.pop()
        two[0].timers.advance(SILENCE + GRACE + GATHER)
        assert told_of_bob(alice) == [("bob", "joined"), ("bob", "lost")]
        assert two[0].names == ("alice",)

    def test_node_that_beats_is_not_silent(self, two, street):
        for node in two:
            node.service.neighbourhood.beat()
        two[1].enter("bob")
        for _ in range(5):
            street.let()
            two[0].timers.advance(BEAT)
        assert two[0].names == ("bob",)
        assert any(isinstance(bulletin, Alive) for _, bulletin in street.told)

    def test_node_that_speaks_again_gets_its_people_back(self, two, street):
        alice = two[0].enter("alice")
        two[1].enter("bob")
        street.let()
        two[0].timers.advance(SILENCE + 1)
        assert two[0].names == ("alice",)
        two[1].tell(Alive())
        street.let()
        two[0].timers.advance(GATHER)
        assert two[0].names == ("alice", "bob")
        assert told_of_bob(alice) == [("bob", "joined")]

    def test_list_that_is_late_supersedes_nobody(self, two, street):
        two[0].enter("alice")
        street.let()
        moved = two[1].enter("alice")
        two[0].service.neighbourhood.greet()  # with alice, who has left it already
        street.let()
        assert not moved.events(Superseded)
        assert two[1].names == ("alice",)


class TestNews:
    def test_entries_of_others_are_delivered(self, two, street):
        alice, bob = two[0].enter("alice"), two[1].enter("bob")
        room = alice.room()
        bob.room()
        alice.append(room, b"a")
        bob.append(room, b"b")
        assert alice.payloads()[-1] == b"b"
        assert bob.payloads()[-1] == b"a"

    def test_who_is_added_and_removed_elsewhere_is_told(self, two, street):
        alice, bob = two[0].enter("alice"), two[1].enter("bob")
        group = alice.group("crew", "bob")
        (added,) = bob.events(Added)
        assert added.conversation.name == "crew"
        bob.subscribe(group, 1)
        alice.change(group, (), ["bob"])
        alice.append(group, b"alone")
        assert b"alone" not in bob.payloads()
        assert bob.append(group).code == "not_a_member"

    def test_who_has_left_elsewhere_hears_nothing_more(self, two, street):
        alice, bob = two[0].enter("alice"), two[1].enter("bob")
        room = alice.room()
        bob.room()
        (left,) = two[0].store.commit(
            [Append(room, bob.session.account.id, EntryKind.LEAVE, bytes(16), 0.0, 0, b"")]
        )
        two[1].service.deliver(left)
        two[0].service.deliver(left)
        alice.append(room, b"alone")
        assert b"alone" not in bob.payloads()

    def test_nobody_is_told_what_nobody_hears(self, two):
        alice = two[0].enter("alice")
        room = alice.room()
        two[1].service.accounts.person = None  # would be asked
        alice.append(room, b"into the void")

    def test_what_cannot_be_told_is_told_later(self, two, street):
        alice, bob = two[0].enter("alice"), two[1].enter("bob")
        room = alice.room()
        bob.room()
        two[1].service.accounts.person = two[1].fail_once(two[1].service.accounts.person)
        outcome = []
        street.deliver = lambda _, appended: outcome.append(appended)
        alice.append(room, b"text")
        with pytest.raises(StoreError):
            two[1].service.deliver(outcome[0])
        assert b"text" not in bob.payloads()
        two[1].service.deliver(outcome[0])
        assert bob.payloads().count(b"text") == 1

    def test_who_is_written_to_is_told(self, two, street):
        alice, bob = two[0].enter("alice"), two[1].enter("bob")
        dm = alice.dm("bob")
        street.let()
        (added,) = bob.events(Added)
        assert (added.conversation.id, added.conversation.name) == (dm, "alice")

    def test_announcements_are_for_all(self, two, street):
        people = [node.enter(nick) for node, nick in zip(two, ("alice", "bob"), strict=True)]
        two[0].service.announce("tea")
        street.let()
        assert [person.events(Announcement)[0].text for person in people] == ["tea", "tea"]

    def test_operators_are_operators_everywhere(self, two, street):
        alice = two[0].enter("alice")
        two[1].service.moderation.make_operator("alice")
        street.let()
        assert alice.session.account.operator

    def test_who_is_banned_at_one_node_is_out_of_all(self, two, street):
        alice = two[0].enter("alice")
        two[1].service.moderation.judge("alice", Sanction.BANNED)
        assert not alice.closed
        street.let()
        assert (alice.events(Dismissed)[-1].code, alice.closed) == ("banned", True)
        assert two[0].client("alice").ask(ask.Login, nick="alice").code == "banned"

    def test_owner_is_told_that_key_packages_are_few(self, two, street):
        alice, bob = two[0].enter("alice"), two[1].enter("bob")
        bob.ask(ask.UploadKeyPackages, b"12", sizes=(1, 1))
        before = len(bob.events(LowOnKeyPackages))
        alice.ask(ask.ClaimKeyPackage, nick="bob")
        street.let()
        assert bob.events(LowOnKeyPackages)[before:] == [LowOnKeyPackages(left=1)]

    def test_everyone_can_be_told_to_connect_again(self, two):
        people = [two[0].enter("alice"), two[0].enter("bob")]
        two[0].service.end_all()
        assert all(person.closed for person in people)
