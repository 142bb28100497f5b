"""Commits that arrive: applied, invalid, or not what the server says they are."""

import msgspec
import pytest

from geventim.chat import requests
from geventim.chat.replies import EntryEvent, Person
from geventim.chat.values import EntryKind, Kind
from geventim.client.causes import Cause
from geventim.client.events import Error
from geventim.client.stages import Stage
from tests.client.world import World

replace = msgspec.structs.replace


def on_commits(change, times=1):
    """A server that changes so many commits on their way."""
    left = [times]

    def tamper(message, payload):
        if isinstance(message, EntryEvent) and message.kind is EntryKind.COMMIT and left[0]:
            left[0] -= 1
            yield from change(message, payload)
        else:
            yield message, payload

    return tamper


def damage(entry, payload):
    yield entry, payload[:-1] + bytes([payload[-1] ^ 1])


def say(world, person, *lines):
    person.say(*lines)
    world.advance()


def test_one_that_was_damaged_on_its_way_is_fetched_once_more(world, alice, bob):
    alice.tamper = on_commits(damage)
    world.enter("carol")
    assert alice.errors() == []
    assert alice.requests(requests.Contest) == []
    world.check_agreement()


def test_who_cannot_apply_what_others_can_joins_anew(world, alice, bob):
    alice.tamper = on_commits(damage, times=2)
    (carol,) = world.enter("carol")
    assert alice.errors() == [Cause.INVALID_COMMIT.code]
    assert len(alice.requests(requests.Contest)) == 1
    say(world, bob, "we others go on")
    assert alice.errors() == [Cause.INVALID_COMMIT.code, Cause.BEHIND.code, Cause.MISSED.code]
    say(world, carol, "welcome back")
    assert alice.texts() == ["welcome back"]
    assert bob.errors() == carol.errors() == []
    world.check_agreement()


def test_between_two_a_commit_stands(world, alice, bob):
    say(world, alice, "@bob one")
    world.timers.time += 25 * 3600
    bob.tamper = on_commits(damage, times=2)
    say(world, alice, "@bob two")
    assert bob.requests(requests.Contest) == []
    assert bob.errors() == [Cause.BEHIND.code, Cause.MISSED.code]
    say(world, alice, "@bob three")
    assert bob.texts() == ["one", "three"]


def post_garbage(person):
    """Let the next commit of ``person`` be nonsense."""
    done = []

    def forge(request, payload):
        if isinstance(request, requests.Commit) and not done:
            done.append(request)
            payload = bytes(request.message) + payload[request.message :]
        yield request, payload

    person.forge = forge


def test_members_who_agree_that_a_commit_is_invalid_go_on_without_it():
    world = World()
    alice, bob, carol, mallory = world.enter("alice", "bob", "carol", "mallory")
    post_garbage(mallory)
    world.timers.time += 25 * 3600
    say(world, mallory, "a message after an invalid commit")
    honest = [alice, bob, carol]
    assert all(Cause.INVALID_COMMIT.code in person.errors() for person in honest)
    say(world, alice, "shall we go on?")
    say(world, bob, "we shall")
    for person in honest:
        texts = [text for text in person.texts() if "invalid" not in text]
        assert texts == [
            text for text in ("shall we go on?", "we shall") if text not in _own(person)
        ]
    assert mallory.errors()[-1] == Cause.BACKWARDS.code, "what it believed in was overruled"
    say(world, mallory, "@rejoin")
    world.check_agreement()
    say(world, mallory, "I am back in order")
    assert all(person.texts()[-1] == "I am back in order" for person in honest)


def _own(person):
    return {"alice": ["shall we go on?"], "bob": ["we shall"]}.get(person.nick, [])


@pytest.mark.parametrize(
    "lie",
    [
        {"added": ()},
        {"removed": (Person("bob", b"b" * 16, b"k" * 32),)},
        {"added": (Person("dave", b"d" * 16, b"k" * 32),)},
        {"author": "dave"},
    ],
)
def test_a_server_that_lies_about_who_comes_is_found_out(world, alice, bob, lie):
    alice.tamper = on_commits(lambda entry, payload: [(replace(entry, **lie), payload)])
    world.enter("carol")
    (error,) = alice.seen(Error)
    assert error.code == Cause.OTHER_CHANGE.code
    assert "added carol, removed nobody" in error.text
    world.check_agreement()


def test_who_is_removed_is_told_and_keeps_nothing(world, alice, bob):
    say(world, alice, "@group set team bob")
    group = alice.conversation(Kind.GROUP, "team")
    group.record.departed.append(bob.agent.context.account)
    say(world, alice, "@group send team without bob")
    assert "alice has removed you from 'team'." in bob.notices()
    held = bob.agent.context.conversations.get(group.id)
    assert (held.stage, held.group) == (Stage.ABSENT, None)
    assert not [name for name in bob.kept if group.id.hex() in name and name[:4] != "talk"]


class TestWelcomes:
    def test_one_without_our_keys_is_answered_by_joining_anew(self, world, alice, bob):
        packages = bob.agent.context.packages
        for name in [name for name in bob.kept if name.startswith("package/")]:
            packages._memory.drop(name)
        say(world, alice, "@group set team bob", "@group send team hello")
        assert bob.errors()[:1] == [Cause.LOST_WELCOME.code]
        say(world, alice, "@group send team again")
        assert bob.texts()[-1] == "again"
        world.check_agreement("team", Kind.GROUP)

    def test_one_that_was_damaged_is_answered_by_joining_anew(self, world, alice, bob):
        def cut(entry, payload):
            yield replace(entry, welcome=entry.welcome - 1), payload[:-1]

        bob.tamper = on_commits(cut)
        say(world, alice, "@group set team bob")
        assert bob.errors()[:1] == [Cause.BAD_WELCOME.code]
        say(world, alice, "@group send team again")
        assert bob.texts() == ["again"]
