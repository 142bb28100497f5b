"""Anything in any order: every member receives what it is entitled to, once and in order."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from geventim.chat import limits, log
from geventim.chat import requests as ask
from geventim.chat.replies import Appended, EntryEvent
from geventim.chat.values import Conversation, EntryKind, Kind
from geventim.service.sessions import Pace
from tests.service.doubles import Client, World, account, channel_key, fresh_id

NICKS = ("alice", "bob", "carol")
ROOM = Conversation(bytes(16), Kind.ROOM, "lobby", account("alice").id)


class Member:
    """A person across connections, with the cursor that their client keeps."""

    def __init__(self, nick):
        self.nick = nick
        self.client = None
        self.cursor = 0


class Delivery(RuleBasedStateMachine):
    @initialize()
    def begin(self):
        self.world = World()
        self.world.store.commit([log.Register(account(nick)) for nick in NICKS])
        everyone = tuple(account(nick).id for nick in NICKS)
        self.world.store.commit([log.Create(ROOM, everyone, fresh_id(), 1.0)])
        self.world.journal.stepwise = True
        self.world.timers.gathering = True
        self.people = [Member(nick) for nick in NICKS]
        for member in self.people:
            self.connect(member)

    def connect(self, member):
        member.client = Client(self.world, channel_key(member.nick))
        member.client.lazy = True
        member.client.ask(ask.Login, nick=member.nick)
        if ROOM.id in member.client.session.places:
            member.client.subscribe(ROOM.id, member.cursor)

    @rule(index=st.integers(0, 2))
    def lose(self, index):
        member = self.people[index]
        if member.client is not None:
            self.take(member)
            member.client.lose()
            member.client = None

    @rule(index=st.integers(0, 2))
    def connect_again(self, index):
        self.take(self.people[index])
        self.connect(self.people[index])  # an older session is superseded

    @rule()
    def restart(self):
        for member in self.people:
            self.take(member)
        self.world.journal.unwritten.clear()
        self.world.journal.unanswered.clear()
        self.world.audiences.clear()
        self.world.start()
        for member in self.people:
            self.connect(member)

    @rule(index=st.integers(0, 2), kind=st.sampled_from(2 * [EntryKind.MESSAGE] + ["leave"]))
    def append(self, index, kind):
        client = self.people[index].client
        if client is not None and ROOM.id in client.session.places:
            request = ask.Append(
                id=0, conversation=ROOM.id, message_id=fresh_id(), kind=EntryKind(kind)
            )
            client.say(request)

    @rule(index=st.integers(0, 2))
    def join(self, index):
        member = self.people[index]
        client = member.client
        if client is not None and ROOM.id not in client.session.places:
            client.room("lobby", member.cursor)
            # Whoever leaves gives up what they have not read; only what follows the join is due.
            member.cursor = max(member.cursor, self.since(member))

    @precondition(lambda self: self.world.journal.unwritten)
    @rule()
    def write(self):
        self.world.journal.write()

    @precondition(lambda self: self.world.journal.unanswered)
    @rule()
    def answer(self):
        self.world.journal.answer()

    @rule()
    def finish_pass(self):
        self.world.timers.finish_pass()

    @rule(index=st.integers(0, 2), congested=st.booleans())
    def congest(self, index, congested):
        if self.people[index].client is not None:
            self.people[index].client.congested = congested

    @rule(index=st.integers(0, 2))
    def read_a_page(self, index):
        client = self.people[index].client
        if client is not None:
            self.world.service.catch_up(client.session)

    def take(self, member):
        """Let the member's client handle what came, and check it."""
        if member.client is None:
            return
        for message, _ in member.client.received:
            if isinstance(message, EntryEvent):
                assert message.seq > member.cursor
                assert self.missed(member, message.seq) <= self.own(member)
                member.cursor = message.seq
        member.client.received = [
            (message, payload)
            for message, payload in member.client.received
            if isinstance(message, Appended)
        ]

    def since(self, member):
        (membership,) = self.world.store.memberships(account(member.nick).id)
        return membership.since

    def entitled(self, member):
        entries, after = [], 0
        while page := self.world.store.entries(ROOM.id, account(member.nick).id, after):
            entries += page
            after = page[-1].seq
        return entries

    def missed(self, member, seq):
        """What the member is entitled to between its cursor and ``seq``."""
        numbers = {entry.seq for entry in self.entitled(member)}
        return {number for number in numbers if member.cursor < number < seq}

    def own(self, member):
        """What this session of the member was told to be in the log as its own."""
        return {
            message.seq for message, _ in member.client.received if isinstance(message, Appended)
        }

    @invariant()
    def everything_so_far_was_due(self):
        for member in self.people:
            self.take(member)

    def teardown(self):
        if not hasattr(self, "people"):
            return
        journal = self.world.journal
        while journal.unwritten:
            journal.write()
        while journal.unanswered:
            journal.answer()
        self.world.timers.finish_pass()
        for member in self.people:
            client = member.client
            if client is None:
                continue
            client.congested = False
            client.read()
            own = self.own(member)
            self.take(member)
            place = client.session.places.get(ROOM.id)
            if place is not None:
                assert place.pace is Pace.LIVE
                assert self.missed(member, 2**53) <= own


@pytest.fixture(autouse=True)
def small_pages(monkeypatch):
    monkeypatch.setattr(limits, "PAGE_ENTRIES", 2)


def test_delivery(rounds):
    run_state_machine_as_test(
        Delivery,
        settings=settings(max_examples=rounds(500), stateful_step_count=40, deadline=None),
    )
