"""Newcomers who are lured into a history that insiders have made up, while nobody else is there."""

import msgspec
import pytest

from geventim.chat.replies import Turn
from geventim.client.events import Message
from geventim.client.following.arrival import NEWNESS, settle_in
from tests.client.insiders import commit, fool, part, silence

BACK = 60.0
"""Seconds after which whoever was lured is where the others are."""


def follow(world, nick, leader):
    """Bring somebody in by the state of ``leader``, which is the first that the server gives."""
    person, given = world.person(nick), [leader.room().group.group_info()]
    account = leader.agent.context.user.account

    def tamper(message, payload):
        if isinstance(message, Turn) and given:
            return [(msgspec.structs.replace(message, at=message.head, giver=account), given.pop())]
        return [(message, payload)]

    person.tamper = tamper
    person.connect()
    world.run()
    return person


def be_certain(world, *people):
    """Accomplices write there, until it is certain for ``people`` that they are in."""
    world.timers.time += NEWNESS + 1
    for person in people:
        settle_in(person.room(), b"accomplice of it")
        assert not person.room().record.entered


@pytest.fixture
def lured(world, alice, bob):
    """Two who agree with each other, on what bob has made up; alice is away."""
    alice.drop()
    silence(bob)
    carol = fool(world, "carol", bob)
    silence(bob)
    be_certain(world, carol)
    dave = follow(world, "dave", carol)
    be_certain(world, dave)
    assert carol.room().group.epoch_authenticator == dave.room().group.epoch_authenticator
    return carol, dave


def test_one_honest_member_that_comes_back_gets_out_whoever_was_lured(world, alice, bob, lured):
    alice.connect()
    world.advance(BACK)
    world.check_agreement()
    here = {each.nick: each.room().group.epoch_authenticator for each in (alice, *lured)}
    assert set(here.values()) == {alice.room().group.epoch_authenticator}
    alice.say("welcome")
    world.advance()
    for person in lured:
        assert [message.message for message in person.seen(Message)] == ["welcome"]


def test_whoever_objects_gives_the_state_by_which_one_comes(world, alice, bob):
    """Else many insiders could keep one busy with theirs: the server gives those in turn."""
    carol = fool(world, "carol", bob)
    room = carol.room()
    given = []

    def tamper(message, payload):
        if isinstance(message, Turn) and message.payload:
            given.append(message.giver)
            return [(msgspec.structs.replace(message, giver=b"i" * 16), b"one more that is none")]
        return [(message, payload)]

    carol.tamper = tamper
    world.advance(1)
    carol.say("is anybody here?")
    world.advance(3)
    assert room.record.giver in {each.agent.context.user.account for each in (alice, bob)}
    assert alice.texts() == ["is anybody here?"]
    assert len(given) == 1
    world.check_agreement()


def test_two_halves_of_which_one_is_in_both_histories_come_together(world):
    """Who is seen with the leaf of before goes there all the same, each at once."""
    first = world.enter(*(f"first{number}" for number in range(6)))
    insider = first[0]
    silence(*first)
    given, account = [part(insider).group_info()], insider.agent.context.user.account

    def tamper(message, payload):
        if isinstance(message, Turn) and given:
            return [(msgspec.structs.replace(message, at=message.head, giver=account), given.pop())]
        return [(message, payload)]

    late = [world.person("late0")]
    late[0].tamper = tamper
    late[0].connect()
    world.run()
    for number in range(1, 8):
        late.append(follow(world, f"late{number}", late[-1]))
    be_certain(world, *late)
    insider.drop()
    for person in first:
        person.forge = None
    commit(world, late[-1], "is anybody there?")
    world.advance(BACK)
    world.check_agreement()
