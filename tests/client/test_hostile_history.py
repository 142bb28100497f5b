"""A server that lies about a log as a whole: forks, other states, other histories."""

import pytest

from geventim.chat.replies import (
    EntryEvent,
    LoggedIn,
    Subscribed,
)
from geventim.client.causes import Cause
from geventim.client.events import Error
from geventim.client.stages import Stage
from tests.client.hostile import (
    ForkingWorld,
    altering,
    giving,
    on_messages,
    replace,
    say,
    setting,
    strand,
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
    say(world, bob, "@create room den")
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
    assert alice.errors() == bob.errors() == ["invalid_commit"]
    say(world, alice, "who is here?")
    assert bob.texts() == ["who is here?"]
    assert dora.texts() == []
    assert dora.errors() == ["behind", "backwards"]
    dora.tamper = None
    say(world, dora, "@rejoin lobby", "I am")
    assert alice.texts() == bob.texts()[1:] == ["I am"]
    world.check_agreement()


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
