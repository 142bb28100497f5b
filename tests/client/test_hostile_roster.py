"""A server that lies about who somebody is, and who is in a conversation."""

import pytest

from geventim.chat.replies import LoggedIn, Opened
from geventim.chat.replies import Person as Introduction
from geventim.chat.values import EntryKind, Kind
from geventim.client.events import Error, Members
from geventim.client.people import roster
from geventim.client.sealing.charter import psk_name
from geventim.errors import PeerError
from geventim.lines.causes import explain
from tests.client.hostile import (
    Stranger,
    altering,
    can_read,
    count_in,
    giving,
    introduce,
    key_of,
    lose_seat,
    on_commits,
    on_messages,
    replace,
    say,
    setting,
)

# Who is in it.


@pytest.mark.parametrize("lie", ["invented", "moved", "removed"])
def test_false_membership_changes(world, alice, bob, lie):
    """What counts is what was signed; the lie is told."""
    ghost = Introduction("ghost", b"g" * 16, b"g" * 32)
    dora = world.person("dora")
    fields = {
        "invented": {"added": (introduce(world.person("carol")), ghost)},
        "moved": {"author": "bob", "account": bob.agent.context.user.account},
        "removed": {"removed": (introduce(bob),)},
    }[lie]
    alice.tamper = on_commits(setting(**fields))
    world.enter("carol")
    (error,) = alice.seen(Error)
    people = "added carol, removed nobody"
    assert error.text == explain(
        "other_change", {"author": "carol", "name": "lobby", "people": people}, 1
    )
    assert Members("lobby", ("carol",), (), "carol", (), alice.place("lobby")) in alice.events
    assert dora.errors() == []
    world.check_agreement()


def test_who_comes_is_shown_whatever_the_server_says_of_it(world, alice, bob):
    """For it they may be a member already, by a commit that did not count."""
    alice.tamper = on_commits(setting(added=()))
    world.enter("carol")
    assert alice.errors() == []
    assert Members("lobby", ("carol",), (), "carol", (), alice.place("lobby")) in alice.events
    world.check_agreement()


def test_a_ghost_in_an_open_room(world, alice, bob):
    """It is allowed, and everybody sees it."""
    stranger = Stranger(world)
    stranger.join(alice.room().id)
    for person in (alice, bob):
        assert (
            Members("lobby", ("mallory",), (), "mallory", (), alice.place("lobby")) in person.events
        )


def test_a_ghost_in_an_open_room_that_is_passed_off_as_a_repair(world, alice, bob):
    """A forged group in which somebody joins anew: who is in it is said, and the others object."""
    stranger = Stranger(world)
    lobby = world.store.conversation(alice.room().id)
    alice.tamper = giving(stranger.forge(lobby, alice, bob).group_info)
    lose_seat(world, alice, alice.room())
    world.advance(20)
    assert "You are in 'lobby'. In it are: alice, bob, mallory." in alice.notices()
    alice.tamper = None
    world.advance(60)
    say(world, alice, "back among friends")
    assert bob.texts() == ["back among friends"]
    world.check_agreement()


def test_a_ghost_between_two(world, alice, bob):
    """Nobody but the two after whom it is named gets in, by whatever way."""
    say(world, alice, "@bob one")
    pair = alice.conversation(Kind.DM, "bob")
    stranger = Stranger(world)
    group = stranger.join(pair.id)
    world.advance()
    assert "void" in alice.errors()
    say(world, alice, "@bob two")
    assert bob.texts() == ["one", "two"]
    assert not can_read(world, pair.id, group)


@pytest.mark.parametrize("inviter", ["alice", "mallory"])
def test_a_forged_pair(world, alice, bob, inviter):
    """Neither a forged state nor a forged Welcome lets a third person between two."""
    say(world, alice, "@bob one")
    pair = alice.conversation(Kind.DM, "bob")
    stranger = Stranger(world)
    forgery = stranger.forge(world.store.conversation(pair.id), alice, bob)
    alice.tamper = giving(forgery.group_info)
    lose_seat(world, alice, pair)
    world.advance(30)
    assert alice.errors() == ["bad_welcome", "bad_group"]
    other = bob.conversation(Kind.DM, "alice")
    bob.tamper = giving(forgery.group_info)
    lose_seat(world, bob, other)
    author = {"alice": introduce(alice), "mallory": stranger.introduction}[inviter]
    bob.tell(*forgery.invite(other.record.position.seq + 1, author, bob))
    world.advance(30)
    assert set(bob.errors()) == {"bad_welcome", "bad_group"}
    assert not can_read(world, pair.id, forgery.group)


def test_a_ghost_in_a_group(world, alice, bob):
    """A group is not joined from outside: the members say so, and go on without."""
    say(world, alice, "@group set team bob")
    team = alice.conversation(Kind.GROUP, "team")
    stranger = Stranger(world)
    group = stranger.join(team.id)
    world.advance()
    assert alice.errors() == bob.errors() == ["void"]
    say(world, bob, "@group send team for alice alone")
    say(world, alice, "@group send team for bob alone")
    assert (alice.texts(), bob.texts()) == (["for alice alone"], ["for bob alone"])
    assert stranger.account not in roster.members(team.seat_of().tree)
    assert not can_read(world, team.id, group)


def test_a_forged_group(world, alice, bob):
    """A state that nobody vouches for who was in the group stops the client."""
    say(world, alice, "@group set team bob")
    team = alice.conversation(Kind.GROUP, "team")
    stranger = Stranger(world)
    forgery = stranger.forge(world.store.conversation(team.id), alice, bob)
    alice.tamper = giving(forgery.group_info)
    lose_seat(world, alice, team)
    world.advance(30)
    assert alice.errors() == ["bad_welcome", "bad_group"]
    say(world, alice, "@group send team secret")
    assert bob.texts() == []
    assert not can_read(world, team.id, forgery.group)


def test_a_forged_invitation_back_into_a_group(world, alice, bob):
    say(world, alice, "@group set team bob")
    team = alice.conversation(Kind.GROUP, "team")
    stranger = Stranger(world)
    forgery = stranger.forge(world.store.conversation(team.id), alice, bob)
    lose_seat(world, alice, team)
    alice.tell(*forgery.invite(team.record.position.seq + 1, stranger.introduction, alice))
    assert alice.errors() == ["bad_welcome", "bad_welcome"]
    assert team.seat is None or stranger.account not in roster.members(team.seat.tree)


@pytest.mark.parametrize("inviter", ["bob", "mallory"])
def test_a_forged_invitation_in_somebodys_name(world, alice, bob, inviter):
    """Who invites is who signed the Welcome, and the founder; all who are in it are named."""
    world.enter("carol")
    say(world, bob, "@group set team carol")
    stranger = Stranger(world)
    team = bob.conversation(Kind.GROUP, "team")
    forgery = stranger.forge(world.store.conversation(team.id), alice, bob)
    count_in(world.store, team.id, alice.agent.context.user.account, 1)
    alice.start()
    world.run()
    record = alice.conversation(Kind.GROUP, "team").record
    position = record.position
    if inviter == "mallory":
        record.founder = stranger.account
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


@pytest.mark.parametrize("guess", [b"", b"a guess" * 4])
def test_a_ghost_in_a_keyed_room(world, alice, bob, vault, guess):
    """Without the key there is no way in, though the server opens every door."""
    stranger = Stranger(world)
    name = psk_name(vault.record.gate) if guess else None
    group = stranger.join(vault.id, name, lambda _: guess)
    world.advance()
    assert alice.errors() == bob.errors() == ["void"]
    say(world, bob, "secret")
    say(world, alice, "secret")
    for person in (alice, bob):
        assert person.texts() == ["secret"]
        assert stranger.account not in roster.members(person.room("vault").seat_of().tree)
    assert not can_read(world, vault.id, group)


def test_a_forged_keyed_room(world, alice, bob, vault):
    """Who joins mixes in the key: a forged group around it gives nothing away."""
    stranger = Stranger(world)
    forgery = stranger.forge(world.store.conversation(vault.id), alice, bob)
    alice.tamper = giving(forgery.group_info)
    lose_seat(world, alice, vault)
    world.advance(20)
    assert any("mallory" in notice for notice in alice.notices())
    commits = [
        entry
        for entry in world.store._logs[vault.id].entries.values()
        if entry.kind is EntryKind.COMMIT
    ]
    join = commits[-1]
    with pytest.raises(PeerError):
        forgery.group.receive(join.payload)
    say(world, alice, "secret")
    assert not can_read(world, vault.id, forgery.group)


def test_an_invitation_to_a_keyed_room(world, alice, bob, vault):
    """Nobody is invited to a room; they join it, with its key."""
    stranger = Stranger(world)
    forgery = stranger.forge(world.store.conversation(vault.id), alice, bob)
    lose_seat(world, alice, vault)
    alice.tamper = on_messages(
        lambda entry, _: [forgery.invite(entry.seq, stranger.introduction, alice)]
    )
    bob.say("@join vault", "hello")
    world.run()
    world.advance(20)
    world.check_agreement("vault")
    assert not can_read(world, vault.id, forgery.group)


def test_a_keyed_room_that_is_said_to_be_open(world, alice, bob, vault):
    def open_up(message, payload):
        infos = tuple(replace(each, keyed=False, gate=None) for each in message.conversations)
        return [(replace(message, conversations=infos), payload)]

    alice.drop()
    alice.tamper = altering(LoggedIn, open_up)
    alice.connect()
    world.run()
    assert [nick for nick, _ in world.faults] == ["alice"]


# Keys of people.


def test_another_room_under_a_known_name(world, alice, bob, vault):
    """A server that shows another room where somebody has been, keyed or not."""
    say(world, bob, "@create room den")
    den = bob.room("den")
    for name in ("vault", "lobby"):
        info = replace(den.latest, name=name, id=b"z" * 16, member=False)
        alice.tamper = altering(Opened, setting(conversation=info))
        assert say(world, alice, f"@join {name}") == ["other_room"]
    say(world, alice, "@leave vault")
    info = replace(info, name="vault")
    alice.tamper = altering(Opened, setting(conversation=info))
    assert say(world, alice, "@join vault") == ["other_room"]
