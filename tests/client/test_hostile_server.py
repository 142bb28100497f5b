"""A server that lies about entries and receipts, or sends what is none.

``docs/threats.md`` has a line for each of these attacks, which names its test; those about a log as
a whole are in ``test_hostile_history.py``, those about who is in it in ``test_hostile_roster.py``.
"""

import random
import re
from pathlib import Path

import pytest

from geventim.chat.departures import DELETE, Deletion
from geventim.chat.replies import (
    Appended,
    EntryEvent,
)
from geventim.chat.replies import Error as Refusal
from geventim.chat.values import EntryKind, Kind
from geventim.client.events import Error, Group, GroupAction, Members
from geventim.client.kept.stages import Stage
from geventim.client.people import roster
from geventim.client.phases import Phase
from geventim.client.sealing.departures import sign_deletion
from geventim.lines.causes import explain
from tests.client.hostile import (
    altering,
    damaged,
    event_of,
    on_messages,
    replace,
    say,
    setting,
)

THREATS = Path(__file__).resolve().parents[2] / "docs" / "threats.md"


def listed_under(title):
    """The tests that the table below a heading of ``docs/threats.md`` names."""
    _, _, below = THREATS.read_text(encoding="utf-8").partition(f"\n## {title}\n")
    return set(re.findall(r"`(test_\w+)`", below.partition("\n## ")[0]))


def found_in(paths):
    texts = [each.read_text(encoding="utf-8") for each in paths]
    return set(re.findall(r"^ *def (test_\w+)", "".join(texts), re.MULTILINE))


HERE = Path(__file__)
BY_MEMBERS = HERE.parent / "test_hostile_members.py"
OWN = {"test_every_line_of_the_table_names_its_test", "test_what_members_do_has_its_tests"}


def test_every_line_of_the_table_names_its_test():
    """And every such test has its line."""
    hostile = set(HERE.parent.glob("test_hostile_*.py")) - {BY_MEMBERS}
    named = listed_under("A server that lies")
    assert found_in(hostile) - OWN <= named <= found_in(HERE.parents[1].rglob("test_*.py"))


def test_what_members_do_has_its_tests():
    named = listed_under("A member who misbehaves")
    assert found_in([BY_MEMBERS]) <= named <= found_in(HERE.parents[1].rglob("test_*.py"))


def test_replayed_entries(world, alice, bob):
    """The same entry again is dropped; what it held under a new number opens nothing."""
    alice.tamper = on_messages(lambda entry, payload: [(entry, payload)] * 3)
    say(world, bob, "pay carol", "thank you")
    assert alice.texts() == ["pay carol", "thank you"]
    assert alice.errors() == []
    old = []

    def replay(entry, payload):
        old.append(payload)
        return [(entry, old[0])]

    alice.tamper = on_messages(replay, 2)
    say(world, bob, "pay dora")
    say(world, bob, "pay erin")
    assert alice.texts()[2:] == ["pay dora"]
    assert "unreadable" in alice.errors()
    say(world, bob, "never mind")
    assert "other_history" in alice.errors()


def test_reordered_entries(world, alice, bob):
    """An entry before its turn ends the connection; under another number it is noticed."""
    held = []

    def swap(entry, payload):
        held.append((entry, payload))
        return [] if len(held) == 1 else [held[1], held[0]]

    alice.tamper = on_messages(swap, 2)
    say(world, bob, "one", "two")
    assert [nick for nick, _ in world.faults] == ["alice"]
    alice.connect()
    world.advance()
    assert alice.texts() == ["one", "two"]
    held.clear()

    def renumber(entry, payload):
        held.append((entry, payload))
        if len(held) == 1:
            return []
        (first, its), (second, other) = held
        return [
            (replace(second, seq=first.seq), other),
            (replace(first, seq=second.seq), its),
        ]

    alice.tamper = on_messages(renumber, 2)
    bob.say("three")
    world.run()
    say(world, bob, "four")
    say(world, bob, "five")
    assert alice.errors() == ["other_history", "gap"]


def test_withheld_entries(world, alice, bob):
    """A hole in the numbers ends the connection; if the rest is moved up, others notice."""
    alice.tamper = on_messages(lambda entry, payload: [])
    say(world, bob, "one", "two")
    assert [nick for nick, _ in world.faults] == ["alice"]
    alice.connect()
    world.advance()
    assert alice.texts() == ["one", "two"]
    moved = []

    def hide(entry, payload):
        moved.append(entry)
        return [] if len(moved) == 1 else [(replace(entry, seq=entry.seq - 1), payload)]

    alice.tamper = on_messages(hide, 100)
    say(world, bob, "three")
    say(world, bob, "four")
    assert alice.texts()[2:] == ["four"]
    assert alice.errors() == ["other_history", "gap"]


def test_a_false_gap(world, alice, bob):
    """The server passes a message off as expired: its author's count tells."""

    def skip(entry, payload):
        skipped.append(entry)
        if len(skipped) == 1:
            return []
        known = world.store._logs[entry.conversation].entries[entry.seq]
        return [(replace(entry, previous=known.previous), payload)]

    skipped = []
    say(world, bob, "one")
    alice.tamper = on_messages(skip, 2)
    say(world, bob, "two")
    say(world, bob, "three")
    assert alice.texts() == ["one", "three"]
    assert alice.errors() == ["gap"]
    facts = {"author": "bob", "name": "lobby", "count": 1}
    assert alice.seen(Error)[-1].text == explain("gap", facts, 1)


def test_altered_messages(world, alice, bob):
    """Changed, or taken from another conversation: it does not open."""
    alice.tamper = on_messages(lambda entry, payload: [(entry, damaged(payload))])
    say(world, bob, "one")
    assert alice.errors() == ["unreadable"]
    taken = []

    def move(entry, payload):
        taken.append(payload)
        return [(entry, taken[0])]

    alice.tamper = on_messages(move, 2)
    say(world, bob, "@alice in private")
    say(world, bob, "in the lobby")
    assert alice.texts() == ["in private"]
    assert alice.errors()[1] == "unreadable"


@pytest.mark.parametrize("field", ["author", "account", "both"])
def test_renamed_authors(world, alice, bob, field):
    (carol,) = world.enter("carol")
    lie = {"author": "carol", "account": carol.agent.context.user.account}
    fields = lie if field == "both" else {field: lie[field]}
    alice.tamper = on_messages(setting(**fields))
    say(world, bob, "hi")
    assert alice.errors() == ["impostor"]
    assert alice.texts() == []
    assert say(world, bob, "once more") == []
    assert alice.texts() == ["once more"]


def test_other_message_ids(world, alice, bob):
    """The id of others means nothing; under our own name it is nothing that we sent."""
    alice.tamper = on_messages(setting(message_id=b"x" * 16))
    say(world, bob, "one")
    assert alice.texts() == ["one"]
    assert alice.errors() == []
    alice.tamper = altering(Appended, lambda reply, payload: [])
    alice.say("two")
    world.run()
    event, payload = event_at(world, alice.room(), alice.room().record.position.seq + 1)
    alice.tell(replace(event, message_id=b"x" * 16), payload)
    world.advance()
    assert alice.errors() == ["own_copy"]
    alice.drop()
    alice.connect()
    world.advance()
    assert set(alice.errors()) == {"own_copy", "replaced_history"}
    say(world, alice, "@rejoin", "three")
    assert bob.texts() == ["two", "three"]
    world.check_agreement()


@pytest.mark.parametrize("name", ["[Server]", "a b", "", "\x1b[2J", "\u0430lice"])
def test_names_that_are_none(world, alice, bob, name):
    alice.tamper = on_messages(setting(author=name))
    say(world, bob, "hi")
    say(world, bob, "and on")
    assert alice.errors() == ["no_name"]
    assert alice.texts() == ["and on"]


def test_forged_leaves(world, alice, bob):
    """A leave is signed by who leaves: without that nobody is taken out of the group."""
    event = EntryEvent(
        conversation=alice.room().id,
        seq=alice.room().record.position.seq + 1,
        time=0,
        author="bob",
        account=bob.agent.context.user.account,
        message_id=b"x" * 16,
        kind=EntryKind.LEAVE,
    )
    alice.tell(event)
    assert alice.events[-1] == Members("lobby", (), ("bob",), "bob", (), alice.place("lobby"))
    world.advance(20)
    assert alice.room().record.departed == {}
    assert bob.agent.context.user.account in roster.members(alice.room().seat_of().tree)
    bob.tell(replace(event, seq=bob.room().record.position.seq + 1))
    assert bob.events[-1] == Members("lobby", (), ("bob",), "bob", (), alice.place("lobby"))
    assert say(world, bob, "hello?") == ["not_a_member"]


@pytest.mark.parametrize("payload", [b"", b"noise", b"\x03" + bytes(80)])
def test_forged_deletes(world, alice, bob, payload):
    """The operator can delete what is on the server; nobody believes that the founder did it."""
    say(world, alice, "@group set team bob")
    team = alice.conversation(Kind.GROUP, "team")
    alice.tell(
        EntryEvent(
            conversation=team.id,
            seq=team.record.position.seq + 1,
            time=0,
            author="bob",
            account=bob.agent.context.user.account,
            message_id=b"x" * 16,
            kind=EntryKind.DELETE,
            payload=len(payload),
        ),
        payload,
    )
    assert alice.notices()[-1] == "The operator of the server has deleted 'team'."
    assert alice.seen(Group)[-1] == Group(GroupAction.DELETED, "team", "", alice.place("team"))
    assert team.seat is None


@pytest.mark.parametrize("is_alices", [False, True])
@pytest.mark.parametrize("is_member", [False, True])
def test_deletes_that_their_author_has_not_signed(world, alice, bob, is_alices, is_member):
    """Neither under bob's name without his signature, nor under his name with that of alice.

    She has founded the group, and whoever has no leaf in it is judged by her key.
    """
    say(world, alice, "@group set team bob")
    team = alice.conversation(Kind.GROUP, "team")
    account = bob.agent.context.user.account if is_member else b"m" * 16
    deletion = Deletion(DELETE, account, bytes(64))
    if is_alices:
        identity = alice.profile.keys.identity
        deletion = sign_deletion(identity, team.id, team.record.incarnation)
    payload = deletion.encode()
    entry = EntryEvent(
        conversation=team.id,
        seq=team.record.position.seq + 1,
        time=0.0,
        author="bob",
        account=account,
        message_id=b"x" * 16,
        kind=EntryKind.DELETE,
        payload=len(payload),
    )
    alice.tell(entry, payload)
    assert alice.seen(Group)[-1] == Group(GroupAction.DELETED, "team", "", alice.place("team"))


def event_at(world, conversation, seq):
    """An entry as the server tells it."""
    entry = world.store._logs[conversation.id].entries[seq]
    return event_of(world.store, entry), entry.payload


# What becomes of our own messages.


# What is no message of ours.


def test_malformed_events(world, alice, bob, rounds):
    """Whatever arrives, it is the server's fault or it is skipped; afterwards all goes on."""
    dice = random.Random(6)
    for number in range(rounds(400)):
        alice.tamper = mutating(dice)
        say(world, bob, f"hi {number}")
        if number % 5 == 0:
            say(world, alice, "@bob hello", "hello all")
        alice.tamper = None
        if not alice.is_connected:
            alice.connect()
        world.advance()
        if alice.is_dead or any(
            conversation.stage is Stage.STOPPED
            for conversation in alice.agent.context.conversations
        ):
            alice.start({})
            world.advance()
    world.advance(700)
    say(world, bob, "the end")
    assert alice.texts()[-1] == "the end"
    assert bob.agent.phase is Phase.READY


@pytest.mark.parametrize("frame", [b"", b"\0\0\0\2{}", b"\xff\xff\xff\xff", b"\0\0\0\1x"])
def test_noise(world, alice, frame):
    alice.receive(frame)
    assert len(world.faults) == (frame[-1:] not in {b"", b"}"})
    if not alice.is_connected:
        alice.connect()
    world.advance()
    assert say(world, alice, "still here") == []


@pytest.mark.parametrize("empty", ["code", "text"])
def test_refused_without_a_word(world, alice, empty):
    """There is nothing to look a sentence up by, nor one that could be shown."""
    refused = Refusal(id=1, code="not_here", text="That is not here.")
    alice.tamper = lambda message, payload: [
        (replace(refused, id=message.id, **{empty: ""}), b"")
        if isinstance(message, Appended)
        else (message, payload)
    ]
    alice.say("hello")
    world.advance()
    alice.tamper = None
    assert world.faults
    alice.connect()
    world.advance()
    assert say(world, alice, "still here") == []


def mutating(dice):
    """A server that changes one thing in what it says, now and then."""

    def tamper(message, payload):
        if dice.random() < 0.6:
            return [(message, payload)]
        name = dice.choice(message.__struct_fields__)
        value = getattr(message, name)
        odd = [None, 0, 2**53 - 1, "", "x", b"", b"x" * 16, b"y" * 32, (), [], True, 1.5, value]
        other = damaged(payload) if payload and dice.random() < 0.4 else payload
        cut = other[: dice.randrange(len(other))] if other and dice.random() < 0.2 else other
        return [(replace(message, **{name: dice.choice(odd)}), cut)]

    return tamper
