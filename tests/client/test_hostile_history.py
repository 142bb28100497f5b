"""A server that lies about a log as a whole: forks, other states, other histories."""

import pytest

from geventim.chat.replies import (
    EntryEvent,
    LoggedIn,
    Subscribed,
    Turn,
)
from geventim.chat.requests import CreateRoom
from geventim.client.events import Error
from geventim.client.kept.stages import Stage
from geventim.lines.causes import explain
from tests.client.hostile import (
    ForkingWorld,
    altering,
    giving,
    lose_seat,
    on_messages,
    replace,
    say,
    setting,
)


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
    facts = {"author": "bob", "name": "lobby"}
    assert alice.seen(Error)[0].text == explain("other_history", facts, 1)


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


def test_a_log_that_is_said_to_be_lost(world, alice, bob):
    """What the server does not list is told, and nobody is in another room unasked."""
    say(world, alice, "hello")
    alice.drop()
    alice.tamper = altering(LoggedIn, setting(conversations=()))
    alice.connect()
    world.advance()
    assert alice.errors() == ["lost"]
    requests = alice.requests(CreateRoom)
    assert say(world, alice, "hello?") == ["lost"]
    assert bob.texts() == ["hello"]
    assert alice.requests(CreateRoom) == requests
    say(world, alice, "@rejoin all", "here")
    assert bob.texts() == ["hello", "here"]
    world.check_agreement()


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
    old = lobby.group.group_info()
    say(world, carol, "@leave lobby")
    say(world, bob, "carol is out")
    alice.tamper = giving(old)
    lose_seat(world, alice, lobby)
    alice.say("secret")
    world.advance(60)
    assert alice.errors() == ["bad_welcome", "backwards"]
    assert carol.texts() == []
    assert bob.texts() == []


def test_no_group_info_at_all(world, alice, bob):
    """Who has been in a group does not begin another one in its place."""
    alice.tamper = giving(b"")
    lose_seat(world, alice, alice.room())
    world.advance(30)
    assert alice.errors() == ["bad_welcome", "no_state"]
    say(world, bob, "@create room den")
    world.advance(20)
    say(world, bob, "@leave den")
    bob.tamper = altering(Turn, setting(head=0))
    assert set(say(world, bob, "@join den")) == {"backwards"}


def test_an_old_group_info_for_a_newcomer(world, alice, bob):
    """The members do not follow, and say so; the newcomer comes by the state of who says so."""
    old = alice.room().group.group_info()
    world.enter("carol")
    dora = world.person("dora")
    dora.tamper = giving(old)
    dora.connect()
    world.advance(20)
    assert alice.errors() == bob.errors() == ["other_state"]
    say(world, alice, "who is here?")
    assert bob.texts() == ["who is here?"]
    assert dora.texts() == ["who is here?"]
    dora.tamper = None
    world.advance(60)
    say(world, dora, "I am")
    assert alice.texts() == bob.texts()[1:] == ["I am"]
    world.check_agreement()


def test_false_heads(world, alice, bob):
    """The server pretends that others build on an older commit: that changes nothing."""
    for _ in range(3):
        alice.tamper = on_messages(setting(head=1))
        say(world, bob, "hi")
    assert alice.texts() == ["hi"] * 3
    assert alice.errors() == []
    world.check_agreement()
