"""Who is connected, and how the others hear of it."""

import pytest

from geventim.chat import requests as ask
from geventim.chat.codec import encode
from geventim.chat.replies import LoggedIn, Presence, Superseded
from geventim.chat.values import Status
from geventim.service.bounds import Bounds
from geventim.service.people.presence import GATHER, GRACE
from tests.service.identities import registration


def settle(world):
    """Let what is being gathered be told, and forget it."""
    world.timers.advance(GATHER)


def forget(*clients):
    for client in clients:
        client.received.clear()


class TestGathering:
    def test_changes_of_a_quarter_of_a_second_are_one_event(self, world):
        alice = world.enter("alice")
        settle(world)
        forget(alice)
        bob = world.enter("bob")
        world.timers.advance(GATHER * 0.9)
        bob.ask(ask.SetStatus, status=Status.DND)
        assert alice.received == []
        world.timers.advance(GATHER * 0.2)
        (event,) = alice.events(Presence)
        assert [(change.nick, change.turn) for change in event.changes] == [
            ("bob", "joined"),
            ("bob", "status"),
        ]
        assert event.changes[1].status is Status.DND
        world.timers.advance(60)
        assert len(alice.events(Presence)) == 1

    @pytest.mark.parametrize("bounds", [Bounds(gather_each=GATHER, gather_most=2.5 * GATHER)])
    def test_the_more_hear_of_them_the_longer_changes_are_gathered(self, world):
        alice = world.enter("alice")
        world.enter("bob")
        settle(world)
        forget(alice)
        world.enter("carol")
        world.timers.advance(1.9 * GATHER)
        assert alice.received == []
        world.timers.advance(0.2 * GATHER)
        assert alice.changes() == [("carol", "joined")]
        world.enter("dave")
        world.timers.advance(2.4 * GATHER)
        assert alice.changes() == [("carol", "joined")]
        world.timers.advance(0.2 * GATHER)
        assert alice.changes() == [("carol", "joined"), ("dave", "joined")]

    def test_a_status_that_changes_again_at_once_is_told_once(self, world):
        alice, bob = world.enter("alice"), world.enter("bob")
        settle(world)
        forget(alice)
        for status in (Status.DND, Status.AWAY, Status.AWAY, Status.NORMAL):
            bob.ask(ask.SetStatus, status=status)
        settle(world)
        ((change,),) = [event.changes for event in alice.events(Presence)]
        assert (change.nick, change.status) == ("bob", Status.NORMAL)

    def test_a_status_that_a_newcomer_does_not_know_is_told(self, world):
        alice, bob = world.enter("alice"), world.enter("bob")
        settle(world)
        bob.ask(ask.SetStatus, status=Status.DND)
        carol = world.enter("carol")
        bob.ask(ask.SetStatus, status=Status.AWAY)
        bob.ask(ask.SetStatus, status=Status.DND)
        settle(world)
        (greeting,) = carol.events(LoggedIn)
        (event,) = carol.events(Presence)
        news = event.changes[greeting.changes - event.before :]
        assert [(change.nick, change.status) for change in news] == [("bob", Status.DND)]
        assert event in alice.events(Presence)

    def test_twenty_seconds_of_changing_ones_status_are_few_lines(self, world):
        alice, mallory = world.enter("alice"), world.enter("mallory")
        settle(world)
        forget(alice)
        for number in range(20_000):
            mallory.say(ask.SetStatus(id=number, status=list(Status)[number % 3]))
            world.timers.advance(0.001)
        settle(world)
        assert 0 < len(alice.changes()) < 20

    def test_newcomer_knows_what_was_before(self, world):
        alice = world.enter("alice")
        world.enter("bob").ask(ask.Quit)
        carol = world.enter("carol")
        world.enter("dave")
        settle(world)
        (greeting,) = carol.events(LoggedIn)
        (event,) = carol.events(Presence)
        assert event == alice.events(Presence)[0]
        assert [nick for nick, _ in carol.changes()] == ["alice", "bob", "bob", "carol", "dave"]
        counted = greeting.changes - event.before
        assert [change.nick for change in event.changes[counted:]] == ["dave"]

    def test_changes_are_counted_through(self, world):
        alice = world.enter("alice")
        settle(world)
        world.enter("bob")
        world.enter("carol")
        settle(world)
        world.enter("dave")
        settle(world)
        assert [event.before for event in alice.events(Presence)] == [0, 1, 3]

    def test_nothing_is_told_before_the_login_is_answered(self, world, monkeypatch):
        alice, bob = world.enter("alice"), world.client("bob")
        memberships = world.store.memberships

        def dawdle(*arguments):
            settle(world)
            assert alice.changes() == [("alice", "joined"), ("bob", "joined")]
            assert bob.received == []
            return memberships(*arguments)

        monkeypatch.setattr(world.store, "memberships", dawdle)
        (greeting,) = bob.replies(bob.begin(ask.Register, **registration("bob")))
        assert greeting.changes == 2
        settle(world)
        assert bob.changes() == []

    def test_who_is_superseded_before_the_login_is_answered_is_not_told(self, world, monkeypatch):
        bob, memberships = world.enter("bob"), world.store.memberships
        older = world.client("bob")

        def dawdle(*arguments):
            monkeypatch.undo()
            world.enter("bob")
            return memberships(*arguments)

        monkeypatch.setattr(world.store, "memberships", dawdle)
        older.begin(ask.Login, nick="bob")
        assert bob.closed
        assert older not in world.audiences[0].outlets()

    def test_later_changes_reach_former_newcomers_in_full(self, world):
        world.enter("alice")
        bob = world.enter("bob")
        settle(world)
        forget(bob)
        world.enter("carol")
        settle(world)
        assert bob.changes() == [("carol", "joined")]


class TestLeaving:
    def test_quit_is_told_at_once(self, world):
        alice, bob = world.enter("alice"), world.enter("bob")
        settle(world)
        forget(alice)
        bob.ask(ask.Quit)
        assert bob.closed
        bob.lose()
        settle(world)
        assert alice.changes() == [("bob", "quit")]
        world.timers.advance(2 * GRACE)
        assert alice.changes() == [("bob", "quit")]

    def test_lost_connection_is_told_after_ten_seconds(self, world):
        alice, bob = world.enter("alice"), world.enter("bob")
        settle(world)
        forget(alice)
        bob.lose()
        assert world.service.connected.names() == ("alice",)
        world.timers.advance(GRACE - 0.01)
        assert alice.changes() == []
        world.timers.advance(0.01 + GATHER)
        assert alice.changes() == [("bob", "lost")]

    def test_who_returns_in_time_was_never_away(self, world):
        alice, bob = world.enter("alice"), world.enter("bob")
        settle(world)
        forget(alice)
        bob.lose()
        world.timers.advance(GRACE - 0.01)
        world.enter("bob")
        world.timers.advance(2 * GRACE)
        assert alice.changes() == []
        assert world.service.connected.names() == ("alice", "bob")

    def test_who_returns_late_joins_again(self, world):
        alice, bob = world.enter("alice"), world.enter("bob")
        settle(world)
        forget(alice)
        bob.lose()
        world.timers.advance(GRACE + GATHER)
        world.enter("bob")
        settle(world)
        assert alice.changes() == [("bob", "lost"), ("bob", "joined")]

    def test_connection_without_a_login_leaves_no_trace(self, world):
        alice = world.enter("alice")
        settle(world)
        forget(alice)
        world.client("bob").lose()
        world.timers.advance(2 * GRACE)
        assert alice.received == []


class TestSuperseding:
    def test_newer_session_takes_over_and_the_older_is_told(self, world):
        alice = world.enter("alice")
        older = world.enter("bob")
        settle(world)
        forget(alice, older)
        newer = world.enter("bob")
        assert [message for message, _ in older.received] == [Superseded()]
        assert older.closed
        assert not newer.closed
        older.lose()
        world.timers.advance(2 * GRACE)
        assert alice.changes() == []
        assert world.service.connected.names() == ("alice", "bob")

    def test_quit_of_the_older_does_not_end_the_newer(self, world):
        alice, older = world.enter("alice"), world.enter("bob")
        settle(world)
        forget(alice)
        newer = world.enter("bob")
        older.say(ask.Quit(id=1))
        settle(world)
        assert alice.changes() == []
        assert world.service.connected.session(newer.session.account.id) is newer.session


class TestStatus:
    def test_recipient_is_described_as_it_is_now(self, world):
        alice, bob = world.enter("alice"), world.enter("bob")
        conversation = alice.dm("bob")
        assert alice.append(conversation).recipient.status is Status.NORMAL
        bob.ask(ask.SetStatus, status=Status.AWAY)
        described = alice.append(conversation).recipient
        assert (described.nick, described.status, described.connected) == ("bob", "away", True)
        bob.lose()
        described = alice.append(conversation).recipient
        assert (described.status, described.connected) == (Status.AWAY, False)

    def test_names_are_sorted(self, world):
        world.enter("carol")
        alice = world.enter("alice")
        world.enter("bob").lose()
        assert alice.ask(ask.ListNames).names == ("alice", "carol")

    def test_broadcast_reaches_everyone_who_is_connected(self, world):
        alice, bob, carol = (world.enter(nick) for nick in ("alice", "bob", "carol"))
        stranger = world.client()
        bob.lose()
        forget(alice, bob, carol)
        world.service.connected.broadcast(encode(Superseded()))
        counts = [len(client.received) for client in (alice, bob, carol, stranger)]
        assert counts == [1, 0, 1, 0]
