"""A server that lies, to people who notice or whom it cannot harm.

``docs/threats.md`` has a line for each of these attacks, which names its test.
"""

import random
import re
from pathlib import Path

import pytest

from geventim.chat.replies import (
    Appended,
    EntryEvent,
    Found,
    KeyPackage,
    LoggedIn,
    Opened,
    Subscribed,
)
from geventim.chat.replies import (
    Person as Introduction,
)
from geventim.chat.requests import Commit
from geventim.chat.values import EntryKind, Kind, dm_id
from geventim.client import gates
from geventim.client.agent import Phase
from geventim.client.causes import Cause
from geventim.client.charter import psk_name
from geventim.client.events import Error, KeyChanged, Members, Notice, SafetyNumber, Sent
from geventim.client.stages import Stage
from geventim.errors import PeerError
from geventim.mls.message import encode_message
from tests.client.hostile import (
    ForkingWorld,
    Stranger,
    altering,
    damaged,
    event_of,
    giving,
    introduce,
    on_commits,
    on_messages,
    replace,
    setting,
)

THREATS = Path(__file__).resolve().parents[2] / "docs" / "threats.md"
DAY = 86_400.0


@pytest.fixture(autouse=True)
def cheap_keys(monkeypatch):
    """Stretching a key is meant to take its time."""
    monkeypatch.setattr(gates, "COST", 2)


def say(world, person, *lines):
    """Let somebody type lines; the codes of what went wrong for them."""
    before = len(person.errors())
    person.say(*lines)
    world.advance()
    return person.errors()[before:]


def key_of(person):
    """The key of a room that was shown to ``person`` last."""
    shown = [notice.text for notice in person.seen(Notice) if notice.code == "new_key"]
    return shown[-1].split(": ")[-1]


def strand(world, person, conversation):
    """Have a person's client get in anew, as any server can, by damaging commits."""
    conversation.strand(Cause.BEHIND)
    person.tick()
    world.advance()


def test_every_line_of_the_table_names_its_test():
    """And every test here has its line."""
    named = set(re.findall(r"`(test_\w+)`", THREATS.read_text(encoding="utf-8")))
    here = {name for name in globals() if name.startswith("test_")}
    assert here - {"test_every_line_of_the_table_names_its_test"} == named


# Entries on their way.


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
    assert alice.events[-1].text == Cause.GAP.text(author="bob", name="lobby", count=1)


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
    lie = {"author": "carol", "account": carol.agent.context.account}
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


def event_at(world, conversation, seq):
    """An entry as the server tells it."""
    entry = world.store._logs[conversation.id].entries[seq]
    return event_of(world.store, entry), entry.payload


@pytest.mark.parametrize("name", ["[Server]", "a b", "", "\x1b[2J", "\u0430lice"])
def test_names_that_are_none(world, alice, bob, name):
    alice.tamper = on_messages(setting(author=name))
    say(world, bob, "hi")
    say(world, bob, "and on")
    assert alice.errors() == ["no_name"]
    assert alice.texts() == ["and on"]


def test_forged_leaves(world, alice, bob):
    """Leaving is not signed. Who is said to have left is removed, sees it, and can come back."""
    event = EntryEvent(
        conversation=alice.room().id,
        seq=alice.room().record.position.seq + 1,
        time=0,
        author="bob",
        account=bob.agent.context.account,
        message_id=b"x" * 16,
        kind=EntryKind.LEAVE,
    )
    alice.tell(event)
    assert alice.events[-1] == Members("lobby", (), ("bob",), "bob")
    assert alice.room().record.departed == [bob.agent.context.account]
    bob.tell(replace(event, seq=bob.room().record.position.seq + 1))
    assert bob.events[-1] == Members("lobby", (), ("bob",), "bob")
    assert say(world, bob, "hello?") == ["not_a_member"]


def test_forged_deletes(world, alice, bob):
    """The operator can delete what is on the server; everybody is told."""
    say(world, alice, "@group set team bob")
    team = alice.conversation(Kind.GROUP, "team")
    alice.tell(
        EntryEvent(
            conversation=team.id,
            seq=team.record.position.seq + 1,
            time=0,
            author="bob",
            account=bob.agent.context.account,
            message_id=b"x" * 16,
            kind=EntryKind.DELETE,
        )
    )
    assert alice.notices()[-1] == "Group team has been deleted."
    assert team.group is None


# The log as a whole.


@pytest.fixture
def forking():
    """A world that can fork, with three in its lobby."""
    made = ForkingWorld(3)
    made.enter("alice", "bob", "carol")
    return made


def test_a_fork_that_is_joined_again(forking):
    """Two histories cannot become one: the client stops, and a person decides."""
    alice, bob, _ = forking.people.values()
    branch = forking.fork(bob)
    forking.advance()
    say(forking, alice, "on one side")
    say(forking, bob, "on the other")
    assert (alice.texts(), bob.texts()) == ([], [])
    alice.drop()
    forking.connect(alice, branch)
    forking.advance()
    assert alice.errors() == ["replaced_history"]
    assert say(forking, alice, "to whom?") == ["replaced_history"]
    assert bob.texts() == []


def test_a_fork_that_is_hidden(forking):
    """What is carried over from the other side says that it has seen another history."""
    alice, bob, carol = forking.people.values()
    say(forking, bob, "before")
    branch = forking.fork(bob)
    forking.advance()
    say(forking, carol, "on one side")
    say(forking, bob, "on the other")
    say(forking, bob, "still there")
    seq = alice.room().record.position.seq + 1
    event, payload = branch.event(alice.room().id, seq)
    alice.tell(event, payload)
    assert alice.texts() == ["before", "on one side", "still there"]
    assert set(alice.errors()) == {"other_history", "gap"}
    assert alice.seen(Error)[0].text == Cause.OTHER_HISTORY.text(author="bob", name="lobby")


def test_a_fork_of_the_group(forking):
    """Once the members differ on both sides, nothing that is carried over can be read."""
    alice, bob, _ = forking.people.values()
    branch = forking.fork(bob)
    forking.advance()
    forking.enter("dora")
    erin = forking.person("erin")
    forking.connect(erin, branch)
    forking.advance()
    say(forking, erin, "on the other side")
    seq = alice.room().record.position.seq + 1
    event, payload = branch.event(alice.room().id, seq)
    alice.tell(event, payload)
    assert alice.texts() == []
    assert alice.errors() == ["unreadable"]


def test_another_incarnation(world, alice, bob):
    def renew(message, payload):
        infos = tuple(replace(each, incarnation=b"x" * 16) for each in message.conversations)
        return [(replace(message, conversations=infos), payload)]

    alice.drop()
    alice.tamper = altering(LoggedIn, renew)
    alice.connect()
    world.advance()
    assert alice.room().stage is Stage.STOPPED
    assert alice.errors()[0] == "replaced_history"
    assert say(world, alice, "hello?") == ["replaced_history"]


def test_a_false_running_hash(world, alice, bob):
    """Where we know better it stops us; where we do not, the next author contradicts it."""
    alice.drop()
    say(world, bob, "one")
    alice.tamper = altering(Subscribed, setting(hash=b"x" * 32))
    alice.connect()
    world.advance()
    assert alice.errors() == ["replaced_history"]
    carol = world.person("carol")
    by_entry = altering(EntryEvent, setting(previous=b"x" * 32))
    by_reply = altering(Subscribed, setting(hash=b"x" * 32))
    carol.tamper = lambda message, payload: by_reply(*by_entry(message, payload)[0])
    carol.connect()
    world.advance()
    say(world, bob, "two")
    say(world, bob, "three")
    assert carol.errors() == ["other_history"]


def test_an_old_group_info_after_a_removal(world, alice, bob):
    """Who got further does not go back to a group in which somebody else still is."""
    (carol,) = world.enter("carol")
    lobby = alice.room()
    old = world.store.head(lobby.id).group_info
    say(world, carol, "@leave lobby")
    say(world, bob, "carol is out")
    alice.tamper = giving(old)
    strand(world, alice, lobby)
    assert alice.errors() == ["behind", "backwards"]
    assert say(world, alice, "secret") == ["backwards"]
    assert carol.texts() == []


def test_no_group_info_at_all(world, alice, bob):
    """Who has been in a group does not begin another one in its place."""
    alice.tamper = giving(b"")
    strand(world, alice, alice.room())
    assert alice.errors() == ["behind", "backwards"]
    say(world, bob, "@join den")
    say(world, bob, "@leave den")
    bob.tamper = giving(b"")
    assert set(say(world, bob, "@join den")) == {"backwards"}


def test_an_old_group_info_for_a_newcomer(world, alice, bob):
    """The members do not follow, and the newcomer is told that nobody can read along."""
    old = world.store.head(alice.room().id).group_info
    world.enter("carol")
    dora = world.person("dora")
    dora.tamper = giving(old)
    dora.connect()
    world.advance()
    assert "invalid_commit" in alice.errors()
    say(world, alice, "who is here?")
    assert dora.texts() == []
    assert dora.errors() != []


def test_false_quarrels(world, alice, bob):
    """The server pretends that others build on an older commit: at most one repair in 10 min."""
    for _ in range(3):
        alice.tamper = on_messages(setting(head=1))
        say(world, bob, "hi")
    assert alice.errors().count("behind") == 1 + alice.errors()[1:].count("behind")
    assert alice.room().record.resynced > 0
    strands = alice.errors().count("behind")
    assert strands <= 2
    alice.tamper = None
    world.advance(700)
    say(world, bob, "all is well")
    assert alice.texts()[-1] == "all is well"
    world.check_agreement()


# Who is in it.


@pytest.mark.parametrize("lie", ["hidden", "invented", "moved", "removed"])
def test_false_membership_changes(world, alice, bob, lie):
    """What counts is what was signed; the lie is told."""
    ghost = Introduction("ghost", b"g" * 16, b"g" * 32)
    dora = world.person("dora")
    fields = {
        "hidden": {"added": ()},
        "invented": {"added": (introduce(world.person("carol")), ghost)},
        "moved": {"author": "bob", "account": bob.agent.context.account},
        "removed": {"removed": (introduce(bob),)},
    }[lie]
    alice.tamper = on_commits(setting(**fields))
    world.enter("carol")
    (error,) = alice.seen(Error)
    people = "added carol, removed nobody"
    assert error.text == Cause.OTHER_CHANGE.text(author="carol", name="lobby", people=people)
    assert Members("lobby", ("carol",), (), "carol") in alice.events
    assert dora.errors() == []
    world.check_agreement()


def test_a_ghost_in_an_open_room(world, alice, bob):
    """It is allowed, and everybody sees it."""
    stranger = Stranger(world)
    stranger.join(alice.room().id)
    for person in (alice, bob):
        assert Members("lobby", ("mallory",), (), "mallory") in person.events


def test_a_ghost_in_an_open_room_that_is_passed_off_as_a_repair(world, alice, bob):
    """A forged group in which somebody joins anew: who is in it is said."""
    stranger = Stranger(world)
    lobby = world.store.conversation(alice.room().id)
    alice.tamper = giving(stranger.forge(lobby, alice, bob).group_info)
    strand(world, alice, alice.room())
    assert (
        "You are in 'lobby'. In it are: alice, bob, mallory. New since your client left off:"
        " mallory; gone: nobody." in alice.notices()
    )


def test_a_ghost_between_two(world, alice, bob):
    """Nobody but the two after whom it is named gets in, by whatever way."""
    say(world, alice, "@bob one")
    pair = alice.conversation(Kind.DM, "bob")
    stranger = Stranger(world)
    group = stranger.join(pair.id)
    world.advance()
    assert "behind" in alice.errors()
    assert pair.stage is not Stage.ACTIVE
    assert say(world, alice, "@bob two") != []
    assert not can_read(world, pair.id, group)


def test_a_forged_pair(world, alice, bob):
    """Neither a forged state nor a forged Welcome lets a third person between two."""
    say(world, alice, "@bob one")
    pair = alice.conversation(Kind.DM, "bob")
    stranger = Stranger(world)
    forgery = stranger.forge(world.store.conversation(pair.id), alice, bob)
    alice.tamper = giving(forgery.group_info)
    strand(world, alice, pair)
    assert alice.errors() == ["behind", "bad_group"]
    other = bob.conversation(Kind.DM, "alice")
    bob.tamper = giving(forgery.group_info)
    other.strand(Cause.BEHIND)
    bob.tell(*forgery.invite(other.record.position.seq + 1, introduce(alice), bob))
    assert bob.errors() == ["behind", "bad_welcome"]
    world.advance()
    assert bob.errors() == ["behind", "bad_welcome", "bad_group"]


def test_a_ghost_in_a_group(world, alice, bob):
    """A group is not joined from outside: the members say so, and go on without."""
    say(world, alice, "@group set team bob")
    team = alice.conversation(Kind.GROUP, "team")
    stranger = Stranger(world)
    group = stranger.join(team.id)
    world.advance()
    assert "invalid_commit" in alice.errors() + bob.errors()
    alice.say("@group send team for bob alone")
    world.advance(60)
    assert not can_read(world, team.id, group)


def test_a_forged_group(world, alice, bob):
    """A state that nobody vouches for who was in the group stops the client."""
    say(world, alice, "@group set team bob")
    team = alice.conversation(Kind.GROUP, "team")
    stranger = Stranger(world)
    forgery = stranger.forge(world.store.conversation(team.id), alice, bob)
    alice.tamper = giving(forgery.group_info)
    strand(world, alice, team)
    assert alice.errors() == ["behind", "unvouched"]
    assert say(world, alice, "@group send team secret") == ["unvouched"]
    assert not can_read(world, team.id, forgery.group)


def test_a_forged_invitation_back_into_a_group(world, alice, bob):
    say(world, alice, "@group set team bob")
    team = alice.conversation(Kind.GROUP, "team")
    stranger = Stranger(world)
    forgery = stranger.forge(world.store.conversation(team.id), alice, bob)
    team.strand(Cause.BEHIND)
    alice.tell(*forgery.invite(team.record.position.seq + 1, stranger.introduction, alice))
    assert alice.errors() == ["behind", "unvouched"]
    assert team.stage is Stage.STOPPED


@pytest.mark.parametrize("inviter", ["bob", "mallory"])
def test_a_forged_invitation_in_somebodys_name(world, alice, bob, inviter):
    """Who invites is who signed the Welcome; everybody who is in it is named."""
    world.enter("carol")
    say(world, bob, "@group set team carol")
    stranger = Stranger(world)
    team = bob.conversation(Kind.GROUP, "team")
    forgery = stranger.forge(world.store.conversation(team.id), alice, bob)
    world.store._logs[team.id].begin(alice.agent.context.account, 1)
    alice.start()
    world.run()
    position = alice.conversation(Kind.GROUP, "team").record.position
    author = {"bob": introduce(bob), "mallory": stranger.introduction}[inviter]
    alice.tell(*forgery.invite(position.seq + 1, author, alice))
    if inviter == "bob":
        assert alice.errors() == ["bad_welcome"]
    else:
        assert "You are in 'team'. In it are: alice, bob, mallory." in alice.notices()
        assert "You have been added to group 'team' by mallory." in alice.notices()


@pytest.fixture
def vault(world, alice, bob):
    """A keyed room with alice and bob in it."""
    say(world, alice, "@newkey vault")
    say(world, bob, f"@join vault {key_of(alice)}")
    assert alice.errors() == bob.errors() == []
    return alice.room("vault")


def test_a_ghost_in_a_keyed_room(world, alice, bob, vault):
    """Without the key there is no way in, though the server opens every door."""
    stranger = Stranger(world)
    name = psk_name(vault.record.gate)
    groups = [stranger.join(vault.id)]
    world.advance()
    assert alice.errors() + bob.errors() != []
    other = Stranger(world, "ghost")
    groups.append(other.join(vault.id, name, lambda _: b"a guess" * 4))
    world.advance(60)
    alice.say("secret")
    world.advance(60)
    for group in groups:
        assert not can_read(world, vault.id, group)


def test_a_forged_keyed_room(world, alice, bob, vault):
    """Who joins mixes in the key: a forged group around it gives nothing away."""
    stranger = Stranger(world)
    forgery = stranger.forge(world.store.conversation(vault.id), alice, bob)
    alice.tamper = giving(forgery.group_info)
    strand(world, alice, vault)
    assert "mallory" in alice.notices()[-1]
    join = list(world.store._logs[vault.id].entries.values())[-1]
    assert join.kind is EntryKind.COMMIT
    with pytest.raises(PeerError):
        forgery.group.receive(join.payload)
    say(world, alice, "secret")
    assert not can_read(world, vault.id, forgery.group)


def test_an_invitation_to_a_keyed_room(world, alice, bob, vault):
    """Nobody is invited to a room; they join it, with its key."""
    stranger = Stranger(world)
    forgery = stranger.forge(world.store.conversation(vault.id), alice, bob)
    vault.strand(Cause.BEHIND)
    alice.tamper = on_messages(
        lambda entry, _: [forgery.invite(entry.seq, stranger.introduction, alice)]
    )
    bob.say("@join vault", "hello")
    world.run()
    assert alice.errors() == ["behind", "bad_welcome"]
    world.advance()
    world.check_agreement("vault")
    assert not can_read(world, vault.id, forgery.group)


def test_a_keyed_room_that_is_said_to_be_open(world, alice, bob, vault):
    def open_up(message, payload):
        infos = tuple(replace(each, gate=None) for each in message.conversations)
        return [(replace(message, conversations=infos), payload)]

    alice.drop()
    alice.tamper = altering(LoggedIn, open_up)
    alice.connect()
    world.run()
    assert [nick for nick, _ in world.faults] == ["alice"]


def test_another_room_under_a_known_name(world, alice, bob, vault):
    """A server that shows another room where somebody has been, keyed or not."""
    say(world, bob, "@join den")
    den = bob.room("den")
    for name in ("vault", "lobby"):
        info = replace(den.latest, name=name, id=b"z" * 16, gate=None, member=False)
        alice.tamper = altering(Opened, setting(conversation=info))
        assert say(world, alice, f"@join {name}") == ["other_room"]
    say(world, alice, "@leave vault")
    info = replace(info, name="vault")
    alice.tamper = altering(Opened, setting(conversation=info))
    assert say(world, alice, "@join vault") == ["other_room"]


def test_another_group_under_a_known_name(world, alice, bob):
    say(world, alice, "@group set team bob", "@group set family bob")
    family = alice.conversation(Kind.GROUP, "family")
    info = replace(family.latest, name="team", id=b"z" * 16)
    alice.tamper = altering(Opened, setting(conversation=info))
    assert say(world, alice, "@group send team secret") == ["other_group"]
    assert bob.texts("family") == bob.texts("team") == []


def test_names_that_change_places(world, alice, bob):
    """Conversations keep their names: the server cannot send a message to other people by that."""
    say(world, alice, "@group set team bob", "@group set family bob")

    def swap(message, payload):
        other = {"team": "family", "family": "team"}
        infos = tuple(
            replace(each, name=other.get(each.name, each.name)) for each in message.conversations
        )
        return [(replace(message, conversations=infos), payload)]

    alice.drop()
    alice.tamper = altering(LoggedIn, swap)
    alice.connect()
    world.run()
    assert [nick for nick, _ in world.faults] == ["alice"]


# Keys of people.


@pytest.mark.parametrize("lie", ["package", "person", "both", "damaged", "expired", "noise"])
def test_swapped_key_packages(world, alice, bob, lie):
    """A key package is used only if it is of whom it was asked for, and good."""
    stranger = Stranger(world)

    def swap(message, payload):
        other = encode_message(stranger.take_key_package())
        if lie == "package":
            return [(message, other)]
        if lie == "person":
            return [(replace(message, person=stranger.introduction), payload)]
        if lie == "both":
            person = replace(stranger.introduction, nick="bob")
            return [(replace(message, person=person), other)]
        if lie == "damaged":
            return [(message, damaged(payload))]
        if lie == "expired":
            world.timers.time += 100 * DAY
            return [(message, payload)]
        return [(message, b"noise")]

    alice.tamper = altering(KeyPackage, swap)
    assert say(world, alice, "@bob secret") == ["bad_key_package"]
    assert bob.texts() == []
    assert len(bob.agent.context.conversations.named(Kind.DM, "alice").record.transcript) == 0


def test_a_key_package_that_is_given_out_twice(world, alice, bob):
    """The second invitation cannot be opened: who is invited joins by themselves."""
    (carol,) = world.enter("carol")
    given = []

    def keep(message, payload):
        given.append((message.person, payload))
        return [(message, payload)]

    alice.tamper = altering(KeyPackage, keep)
    say(world, alice, "@bob one")
    carol.tamper = altering(KeyPackage, lambda message, _: [(message, given[0][1])])
    say(world, carol, "@bob two")
    assert bob.errors()[0] == "lost_welcome"
    say(world, carol, "@bob three")
    assert "three" in bob.texts()
    world.check_group(carol.conversation(Kind.DM, "bob").id)


@pytest.mark.parametrize("lie", ["key", "account", "nick", "pair", "own"])
def test_somebody_elses_key(world, alice, bob, lie):
    """An answer about bob that is about another key: it contradicts itself, or what we know."""
    stranger = Stranger(world)
    other, account = introduce(bob), alice.agent.context.account

    def answer(message, payload):
        person = {
            "key": replace(other, identity=stranger.introduction.identity),
            "account": replace(other, account=stranger.account),
            "nick": replace(other, nick="robert"),
            "pair": replace(stranger.introduction, nick="bob"),
            "own": replace(introduce(alice), nick="bob"),
        }[lie]
        conversation = replace(
            message.conversation,
            id=dm_id(account, person.account),
            peer=person,
            name=person.nick,
        )
        return [(replace(message, conversation=conversation), payload)]

    alice.tamper = altering(Opened, answer)
    codes = say(world, alice, "@bob secret")
    assert codes == ["untrusted" if lie in {"pair", "own"} else "bad_server"]
    assert not alice.seen(Sent)
    if lie == "pair":
        assert [event.nick for event in alice.seen(KeyChanged)] == ["bob"]


@pytest.mark.parametrize("lie", ["key", "account", "nick"])
def test_a_false_answer_about_somebody_unknown(world, alice, bob, lie):
    carol = introduce(world.person("carol", "den"))
    person = {
        "key": replace(carol, identity=b"k" * 32),
        "account": replace(carol, account=b"a" * 16),
        "nick": replace(carol, nick="dora"),
    }[lie]
    world.enter("carol")
    alice.tamper = altering(Found, setting(person=person))
    assert say(world, alice, "@whois carol") == ["bad_server"]
    assert alice.agent.context.trust.pin("carol") is None


def test_somebody_in_between_from_the_beginning(world):
    """First contact trusts the server; the safety numbers of both sides show what it did."""
    (alice,) = world.enter("alice")
    (bob,) = world.enter("bob", room="den")
    stranger = Stranger(world)
    person = replace(stranger.introduction, nick="bob")
    alice.tamper = altering(Found, setting(person=person))
    say(world, alice, "@verify bob")
    say(world, bob, "@verify alice")
    numbers = [each.seen(SafetyNumber)[-1].number for each in (alice, bob)]
    assert numbers[0] != numbers[1]
    say(world, bob, "@join lobby")
    assert [event.nick for event in alice.seen(KeyChanged)] == ["bob"]
    say(world, alice, "@verify bob")
    assert alice.seen(SafetyNumber)[-1].number == numbers[1]


# What becomes of our own messages.


def test_swallowed_replies(world, alice, bob):
    """A message whose receipt is kept back counts as not sent, and comes once in the end."""
    alice.tamper = altering(Appended, lambda reply, payload: [])
    say(world, alice, "one")
    assert not alice.seen(Sent)
    alice.drop()
    alice.connect()
    world.advance()
    assert [event.message for event in alice.seen(Sent)] == ["one"]
    say(world, alice, "two")
    assert bob.texts() == ["one", "two"]
    assert alice.errors() == bob.errors() == []


def test_messages_that_are_accepted_and_not_delivered(world, alice, bob):
    """The receipt was a lie: the readers miss it at the next message, by its author's count."""
    say(world, alice, "one")
    seq = alice.room().record.position.seq
    alice.say("two")
    alice.line.up.clear()
    number = alice.agent.context.exchange._number
    alice.tell(Appended(id=number, seq=seq + 1, time=0))
    assert alice.seen(Sent)[-1].message == "two"
    say(world, alice, "three")
    assert bob.texts() == ["one", "three"]
    assert bob.errors() == ["other_history", "gap"]


def test_messages_that_are_accepted_in_anothers_place(world, alice, bob):
    """What is hidden by that is missed at its author's next message."""
    say(world, bob, "one")
    seq = alice.room().record.position.seq
    alice.say("two")
    alice.line.up.clear()
    alice.tell(Appended(id=alice.agent.context.exchange._number, seq=seq + 1, time=0))
    say(world, bob, "hidden")
    say(world, bob, "three")
    assert alice.texts() == ["one", "three"]
    assert set(alice.errors()) == {"gap", "other_history"}


def test_commits_that_are_accepted_and_not_delivered(world, alice, bob):
    """Who is let in by the server alone notices at the first entry of the others."""
    carol = world.person("carol")
    carol.connect()
    while not carol.requests(Commit):
        world.step()
    carol.line.up.clear()
    seq = alice.room().record.position.seq + 1
    carol.tell(Appended(id=carol.agent.context.exchange._number, seq=seq, time=0))
    world.run()
    say(world, alice, "for bob")
    assert carol.texts() == []
    assert carol.room().stage is not Stage.ACTIVE or carol.errors() != []
    assert bob.texts() == ["for bob"]
    assert alice.errors() == bob.errors() == []


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


def can_read(world, conversation, group):
    """Whether ``group`` opens any message in a log."""
    for entry in world.store._logs[conversation].entries.values():
        if entry.kind is EntryKind.MESSAGE:
            try:
                group.receive(entry.payload)
            except PeerError:
                continue
            return True
    return False
