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
from msgspec.structs import replace

from geventim.chat import requests as ask
from geventim.chat.replies import Appended, EntryEvent
from geventim.chat.values import Conversation, EntryKind, Kind, Purpose
from geventim.log.changes import Create
from geventim.log.people import Register
from geventim.service.bounds import Bounds
from geventim.service.feed import Pace
from tests.service.doubles import Client, World, fresh_id
from tests.service.identities import account, channel_key, departure

NICKS = ("alice", "bob", "carol")
ROOM = Conversation(bytes(16), Kind.ROOM, "lobby", account("alice").id, bytes(16))


class Member:
    """A person across connections, with the cursor that their client keeps."""

    def __init__(self, nick):
        self.nick = nick
        self.client = None
        self.cursor = 0


class Delivery(RuleBasedStateMachine):
    kind = Kind.ROOM

    @initialize()
    def begin(self):
        self.world = World(bounds=Bounds(page_entries=2))
        self.world.store.commit([Register(account(nick)) for nick in NICKS])
        everyone = tuple(account(nick).id for nick in NICKS)
        self.world.store.commit([Create(replace(ROOM, kind=self.kind), everyone)])
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

    @rule(
        index=st.integers(0, 2),
        kind=st.sampled_from(2 * [EntryKind.MESSAGE] + ["leave"]),
        back=st.sampled_from([0, 0, 1]),
    )
    def append(self, index, kind, back):
        client = self.people[index].client
        if client is not None and ROOM.id in client.session.places:
            self.say(client, EntryKind(kind), back)

    def say(self, client, kind, back):
        payload = b"text"
        if kind is EntryKind.LEAVE:
            payload = departure(client.session.account, ROOM, kind)
        request = ask.Append(
            id=0,
            conversation=ROOM.id,
            message_id=fresh_id(),
            head=self.find_head(back),
            kind=kind,
            payload=len(payload),
        )
        client.say(request, payload)

    @rule(
        index=st.integers(0, 2),
        added=st.sets(st.sampled_from(NICKS), max_size=2),
        removed=st.sets(st.sampled_from(NICKS), max_size=1),
        back=st.integers(0, 1),
    )
    def commit(self, index, added, removed, back):
        client = self.people[index].client
        if client is not None:
            self.submit(client, added, removed, back)

    @rule(nick=st.sampled_from(NICKS))
    def kick(self, nick):
        self.world.service.kick(
            self.world.store.conversation(ROOM.id), account(nick).id, lambda _: None
        )

    def find_head(self, back):
        """The number of the last commit, or another one."""
        return max(self.world.head(ROOM.id) - back, 0)

    @rule(index=st.integers(0, 2))
    def join(self, index):
        client = self.people[index].client
        if client is not None and not client.session.is_member(ROOM.id):
            self.submit(client, {self.people[index].nick}, set(), 0)

    def submit(self, client, added, removed, back):
        is_join = added == {client.session.account.nick}
        purpose = Purpose.JOIN if is_join else Purpose.COMMIT
        client.say(ask.TakeTurn(id=0, conversation=ROOM.id, purpose=purpose))
        request = ask.Commit(
            id=0,
            conversation=ROOM.id,
            message_id=fresh_id(),
            head=self.find_head(back),
            payload=1,
            message=0,
            added=tuple(account(nick).id for nick in sorted(added)),
            removed=tuple(account(nick).id for nick in sorted(removed)),
        )
        client.say(request, b"i")

    @rule(seconds=st.sampled_from([0, 6]))
    def let_time_pass(self, seconds):
        self.world.timers.advance(seconds)

    @rule(index=st.integers(0, 2))
    def subscribe(self, index):
        member = self.people[index]
        if member.client is not None and ROOM.id in member.client.session.places:
            self.take(member)
            member.client.subscribe(ROOM.id, member.cursor)

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
        events = member.client.events(EntryEvent)
        entitled = self.entitled(member) if events else set()
        for event in events:
            assert event.seq > member.cursor
            missed = {seq for seq in entitled if member.cursor < seq < event.seq}
            assert missed <= self.own(member)
            self.check_hash(member, event)
            member.cursor = event.seq
        member.client.received = [
            (message, payload)
            for message, payload in member.client.received
            if isinstance(message, Appended)
        ]

    def check_hash(self, member, message):
        """Whoever has read everything before needs no hash, everybody else gets the right one."""
        if message.previous is None:
            assert set(range(member.cursor + 1, message.seq)) <= self.own(member)
        else:
            assert message.previous == self.world.store.position(ROOM.id, message.seq - 1).hash

    def entitled(self, member):
        """The numbers of everything that the member may read."""
        found, after = set(), 0
        while page := self.world.store.entries(ROOM.id, account(member.nick).id, after).entries:
            found.update(entry.seq for entry in page)
            after = page[-1].seq
        return found

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
            place = client.session.places.get(ROOM.id)
            if place is not None and place.pace is Pace.SILENT:
                self.take(member)
                client.subscribe(ROOM.id, member.cursor)
            client.read()
            own = self.own(member)
            self.take(member)
            place = client.session.places.get(ROOM.id)
            if self.world.store.memberships(account(member.nick).id):
                assert {seq for seq in self.entitled(member) if seq > member.cursor} <= own
                assert place is None or place.pace is Pace.LIVE
            else:  # it has left
                assert place is None


class GroupDelivery(Delivery):
    """The same where members add each other, and alice removes whom she likes."""

    kind = Kind.GROUP


@pytest.mark.parametrize("machine", [Delivery, GroupDelivery])
def test_delivery(rounds, machine):
    run_state_machine_as_test(
        machine,
        settings=settings(max_examples=rounds(250), stateful_step_count=40, deadline=None),
    )
