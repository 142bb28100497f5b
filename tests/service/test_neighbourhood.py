"""Several services on one store, which tell each other what they must."""

import random

import pytest

from geventim.chat import requests as ask
from geventim.chat.bulletins import BEAT, SILENCE, Alive, TurnUrgent
from geventim.chat.limits import TURN
from geventim.chat.replies import (
    Added,
    Announcement,
    Asks,
    Dismissed,
    Helped,
    LowOnKeyPackages,
    StateWanted,
    Superseded,
    Voided,
)
from geventim.chat.values import EntryKind, Purpose, Sanction, Status
from geventim.errors import StoreError
from geventim.log.changes import Append
from geventim.log.outcomes import Appended
from geventim.service.dispatch import Service
from geventim.service.people.presence import GATHER, GRACE
from geventim.service.turns.helping import GATHER as GATHER_ASKS
from geventim.service.turns.rates import EXTERNAL
from geventim.service.turns.turns import AGAIN
from geventim.service.turns.urgency import URGENCY
from tests.service.doubles import SERVER_SIGNER, World
from tests.service.surroundings import Journal


class Street:
    """What nodes tell each other, which is heard when a test says so."""

    def __init__(self):
        self.nodes = []
        self.told = []
        self.leases = {}

    def let(self, count=None):
        """Let all hear what was told, or only the first ``count``; it may make them tell more."""
        while self.told and count != 0:
            teller, bulletin = self.told.pop(0)
            for node in self.nodes:
                if node is not teller:
                    node.service.neighbourhood.hear(teller.name, bulletin)
            count = count - 1 if count else None

    def deliver(self, teller, outcome):
        for node in self.nodes:
            if node is not teller:
                node.service.deliver(outcome)


class SharedJournal(Journal):
    """Tells the other nodes what was written."""

    def __init__(self, store, node):
        super().__init__(store)
        self.node = node

    def _commit(self, changes):
        outcomes = super()._commit(changes)
        for outcome in outcomes:
            if isinstance(outcome, Appended) and not outcome.repeated:
                self.node.street.deliver(self.node, outcome)
        return outcomes


class Node(World):
    """One of the services of a street."""

    def __init__(self, street):
        self.street = street
        self.name = bytes([len(street.nodes)]) * 8
        super().__init__()
        if street.nodes:
            self.timers, self.store = street.nodes[0].timers, street.nodes[0].store
        self.journal = SharedJournal(self.store, self)
        street.nodes.append(self)
        self.start()
        self.service.neighbourhood.greet()

    def start(self):
        self.service = Service(
            self.journal,
            self.timers,
            self._audience,
            random.Random(7).randbytes,
            SERVER_SIGNER,
            self.policy,
            self,
        )

    def tell(self, bulletin):
        self.street.told.append((self, bulletin))

    def untold(self):
        return [bulletin for teller, bulletin in self.street.told if teller is self]

    def acquire(self, conversation):
        if self.street.leases.setdefault(conversation, self) is self:
            return b"lease"
        return None

    def release(self, conversation, lease):
        assert lease == b"lease"
        if self.street.leases.get(conversation) is self:
            del self.street.leases[conversation]

    @property
    def names(self):
        return self.service.connected.names()


def told_of_bob(client):
    """What ``client`` has heard of him."""
    return [(nick, turn) for nick, turn in client.changes() if nick == "bob"]


@pytest.fixture
def street():
    return Street()


@pytest.fixture
def two(street):
    nodes = Node(street), Node(street)
    street.let()
    return nodes


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


class TestTurns:
    def test_turn_of_another_node_is_waited_for(self, two):
        alice, bob = two[0].enter("alice"), two[1].enter("bob")
        room = alice.room()
        bob.room()
        alice.turn(room)
        bob.say(ask.TakeTurn(id=77, conversation=room, purpose=Purpose.COMMIT))
        two[1].timers.advance(1)
        assert bob.replies(77) == []
        reply = alice.commit(room)
        two[1].timers.advance(1)
        assert bob.replies(77)[0].head == reply.seq

    def test_reentry_at_another_node_goes_first(self, two, street):
        alice, bob, carol = (
            two[number].enter(nick) for number, nick in ((0, "alice"), (0, "bob"), (1, "carol"))
        )
        room = alice.room()
        for member in (bob, carol):
            member.room()
        two[0].timers.advance(EXTERNAL)
        alice.turn(room)
        wants = {"id": 77, "conversation": room}
        bob.say(ask.TakeTurn(purpose=Purpose.COMMIT, **wants))
        carol.say(ask.TakeTurn(purpose=Purpose.REENTER, **wants))
        street.let()
        alice.ask(ask.GiveUpTurn, conversation=room)
        two[0].timers.advance(AGAIN)
        assert (len(bob.replies(77)), len(carol.replies(77))) == (0, 1)
        street.let()
        carol.commit(room)
        two[0].timers.advance(AGAIN)
        assert len(bob.replies(77)) == 1

    def test_urgency_of_a_node_that_says_nothing_more_ends(self, two, street):
        alice, carol = two[0].enter("alice"), two[1].enter("carol")
        room = alice.room()
        carol.room()
        two[0].timers.advance(EXTERNAL)
        two[0].service.neighbourhood.hear(two[1].name, TurnUrgent(room, 1))
        alice.say(ask.TakeTurn(id=77, conversation=room, purpose=Purpose.COMMIT))
        assert alice.replies(77) == []
        two[0].timers.advance(URGENCY)
        assert len(alice.replies(77)) == 1

    def test_price_and_budget_hold_at_every_node(self, two, street):
        alice, bob = two[0].enter("alice"), two[1].enter("bob")
        room = alice.room()
        bob.room()
        two[0].timers.advance(EXTERNAL)
        street.let()
        alice.turn(room)
        two[0].timers.advance(TURN)
        street.let()
        moved = two[1].enter("alice")
        moved.say(ask.TakeTurn(id=1, conversation=room, purpose=Purpose.COMMIT))
        assert moved.replies(1) == []
        two[0].timers.advance(5)
        assert len(moved.replies(1)) == 1
        seq = moved.commit(room, message=b"noise").seq
        bob.ask(ask.Ask, b"ask", conversation=room, seq=seq)
        street.let()
        back = two[0].enter("alice")
        back.say(ask.TakeTurn(id=2, conversation=room, purpose=Purpose.COMMIT))
        two[0].timers.advance(39)
        assert back.replies(2) == []
        two[0].timers.advance(1)
        assert len(back.replies(2)) == 1

    def test_commits_from_outside_are_apart_at_every_node(self, two, street):
        alice = two[0].enter("alice")
        room = alice.room()
        street.let()
        moved = two[1].enter("alice")
        moved.say(ask.TakeTurn(id=1, conversation=room, purpose=Purpose.REENTER))
        two[0].timers.advance(EXTERNAL - 1)
        assert moved.replies(1) == []
        two[0].timers.advance(1)
        assert len(moved.replies(1)) == 1

    def test_message_that_was_refused_elsewhere_gets_in_first(self, two, street):
        alice, bob = two[0].enter("alice"), two[1].enter("bob")
        room = alice.room()
        bob.room()
        bob.append(room, head=1)
        street.let()
        alice.say(ask.TakeTurn(id=1, conversation=room, purpose=Purpose.COMMIT))
        assert alice.replies(1) == []
        bob.append(room)
        two[0].timers.advance(0)
        assert len(alice.replies(1)) == 1

    def test_so_does_one_after_a_removal_elsewhere(self, two, street):
        alice, _ = two[0].enter("alice"), two[0].enter("bob")
        carol = two[1].enter("carol")
        group = alice.group("crew", "bob", "carol")
        alice.change(group, (), ["bob"])
        street.let()
        carol.say(ask.TakeTurn(id=1, conversation=group, purpose=Purpose.REENTER))
        assert carol.replies(1) == []
        alice.append(group)
        two[0].timers.advance(0)
        assert len(carol.replies(1)) == 1

    def test_lease_is_given_back_by_who_has_gone_meanwhile(self, two, street):
        alice = two[0].enter("alice")
        room = alice.room()
        alice.turn(room)
        assert street.leases == {room: two[0]}
        alice.lose()
        assert street.leases == {}

    def test_store_that_fails_is_told(self, two):
        alice = two[0].enter("alice")
        room = alice.room()
        two[0].timers.advance(1)

        def fail(conversation):
            raise StoreError("it is gone")

        two[0].acquire = fail
        assert alice.turn(room).code == "storage_failed"


class TestHelp:
    def people(self, two, street):
        """Alice at one node, bob at the other, in one room."""
        alice, bob = two[0].enter("alice"), two[1].enter("bob")
        room = alice.room()
        bob.room()
        bob.subscribe(room, 2)
        alice.subscribe(room, 2)
        street.let()
        return room, alice, bob

    def test_asks_are_told_everywhere(self, two, street):
        room, alice, bob = self.people(two, street)
        bob.ask(ask.Ask, b"help", conversation=room, seq=2)
        street.let()
        two[0].timers.advance(GATHER_ASKS)
        (event,) = alice.events(Asks)
        assert (event.accounts, event.payload) == ((bob.session.account.id,), 4)
        assert bob.events(Asks) == []

    def test_help_reaches_who_is_elsewhere(self, two, street):
        room, alice, bob = self.people(two, street)
        alice.ask(ask.Help, b"secret", conversation=room, account=bob.session.account.id)
        street.let()
        assert bob.received[-1] == (Helped(conversation=room, payload=6), b"secret")

    def test_author_of_a_void_commit_is_told_wherever_it_is(self, two, street):
        room, alice, bob = self.people(two, street)
        alice.ask(ask.Void, b"state", conversation=room, seq=2)
        street.let()
        event = Voided(conversation=room, seq=2, account=alice.session.account.id, payload=5)
        assert bob.received[-1] == (event, b"state")

    def test_members_everywhere_are_asked_for_states(self, two, street):
        room, alice, bob = self.people(two, street)
        newcomer = two[0].enter("carol")
        for number in range(3):
            newcomer.say(
                ask.TakeTurn(id=number, conversation=room, purpose=Purpose.JOIN, state=True)
            )
        street.let()
        for member in (alice, bob):
            assert member.events(StateWanted) == [StateWanted(conversation=room)]
