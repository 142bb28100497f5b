"""People who must agree, though somebody spoils what is sent."""

from collections.abc import Callable

import msgspec
import pytest

from geventim.chat import codec
from geventim.chat.requests import Commit, TakeTurn
from geventim.chat.values import Purpose
from geventim.client.events import Notice
from tests.client.hostile import Stranger, damaged
from tests.client.surroundings import Line
from tests.client.world import World


class MeddlingWorld(World):
    """A world in which something happens to the commits of some on their way to the server."""

    def __init__(self, seed: int = 0) -> None:
        super().__init__(seed)
        self.meddle: dict[str, Callable[[Commit, bytes], tuple[Commit, bytes]]] = {}

    def _carry_up(self, line: Line) -> None:
        nick = next(nick for nick, person in self.people.items() if person.line is line)
        if nick in self.meddle:
            (message, payload), *_ = codec.requests.decode(line.up[0])
            if isinstance(message, Commit):
                line.up[0] = codec.encode(*self.meddle[nick](message, payload))
                if self.meddle[nick] is make_invalid:
                    del self.meddle[nick]
        super()._carry_up(line)


def make_stale(commit: Commit, payload: bytes) -> tuple[Commit, bytes]:
    """A commit that the server refuses."""
    return msgspec.structs.replace(commit, head=2**40), payload


def make_invalid(commit: Commit, payload: bytes) -> tuple[Commit, bytes]:
    """A commit that the server takes, and nobody can apply; nor can its GroupInfo be joined."""
    return commit, damaged(payload[: commit.message]) + damaged(payload[commit.message :])


def test_whose_joining_is_always_refused_holds_nobody_up() -> None:
    world = MeddlingWorld()
    alice, bob = world.enter("alice", "bob")
    world.meddle["carol"] = make_stale
    carol = world.person("carol")
    carol.connect()
    for number in range(5):
        alice.say(f"alice {number}")
        bob.say(f"bob {number}")
        world.enter(f"guest{number}")
    world.advance(30)
    assert len(carol.requests(Commit)) > 3
    assert bob.texts() == [f"alice {number}" for number in range(5)]
    assert alice.texts() == [f"bob {number}" for number in range(5)]
    assert alice.errors() == bob.errors() == []
    world.meddle.clear()
    world.advance(120)
    carol.say("at last")
    world.advance()
    assert alice.texts()[-1] == bob.texts()[-1] == "at last"
    world.check_agreement()


def test_whose_changes_are_always_refused_holds_nobody_up() -> None:
    """What they write waits for a change that others make, whether these have something to say."""
    world = MeddlingWorld()
    alice, bob, carol = world.enter("alice", "bob", "carol")
    world.meddle["bob"] = make_stale
    carol.say("@leave lobby")
    world.advance()
    bob.say("without carol")
    world.run()
    assert alice.texts() == []
    assert bob.requests(Commit)
    world.advance(120)
    assert alice.texts() == ["without carol"]
    alice.say("indeed")
    world.advance()
    assert bob.texts() == ["indeed"]
    assert alice.errors() == bob.errors() == []
    world.check_agreement()


@pytest.mark.parametrize("seed", range(3))
def test_whose_commit_is_damaged_on_its_way_is_alone_with_it(seed: int) -> None:
    """It does not count for the others, who lose nothing.

    What bob has sent is not what is in the log: only a person can decide to go on with that.
    """
    world = MeddlingWorld(seed)
    alice, bob, carol, dora = world.enter("alice", "bob", "carol", "dora")
    for person in (alice, bob, carol, dora):
        person.say(f"{person.nick} is here")
    world.advance(20)
    world.meddle["bob"] = make_invalid
    bob.room().record.renewed = 0
    bob.say("on a commit of my own")
    for _ in range(1000):
        world.step()
    assert "bob" not in world.meddle
    alice.say("alice goes on")
    carol.say("carol goes on")
    (erin,) = world.enter("erin")
    world.advance(60)
    assert "carol goes on" in alice.texts()
    assert "alice goes on" in carol.texts()
    for person in (alice, carol):
        assert set(person.errors()) <= {
            "void",
            "missed",
            "another_epoch",
            "unreadable",
            "other_history",
            "other_state",
            "other_change",
        }
    bob.drop()
    bob.connect()
    world.advance()
    assert bob.errors()[-1] == "replaced_history"
    bob.say("@rejoin lobby", "back again")
    world.advance(20)
    for person in (alice, carol, erin):
        assert person.texts()[-1] == "back again"
        assert not any(notice.code == "members" for notice in person.seen(Notice))
    assert set(erin.errors()) <= {"other_history", "missed", "other_state"}, "as bob has seen it"
    world.check_agreement()


def test_who_posts_rubbish_disturbs_nobody() -> None:
    """Neither commit nor GroupInfo is one; the members and all who come go on without."""
    world = World()
    alice, bob = world.enter("alice", "bob")
    stranger = Stranger(world)
    request = TakeTurn(id=2, conversation=alice.room().id, purpose=Purpose.JOIN)
    turn, _ = stranger.ask(request)
    stranger.commit(alice.room().id, turn.head, b"rubbish", b"rubbish", added=(stranger.account,))
    (carol,) = world.enter("carol")
    alice.say("one")
    world.advance()
    bob.say("two")
    carol.say("three")
    world.advance(30)
    assert sorted(alice.texts()) == ["three", "two"]
    assert sorted(bob.texts()) == ["one", "three"]
    assert alice.errors() == bob.errors() == ["void"]
    assert carol.errors() == []
    world.check_agreement()
