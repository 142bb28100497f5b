"""States and invitations that somebody has made up, and who is led there."""

import msgspec
import pytest

from geventim.chat.replies import KeyPackage, Turn
from geventim.chat.requests import Commit
from geventim.chat.values import Kind
from geventim.client.causes import Cause
from geventim.client.following.foundation import found_charter
from geventim.client.sealing import gates
from geventim.client.sealing.charter import Charter
from geventim.client.sealing.declaration import Declaration
from geventim.mls.groups.commit_creation import CommitRequest
from geventim.mls.groups.group import Group
from geventim.mls.messages.proposals import Add
from tests.client.hostile import altering, key_of, say, take_key_package
from tests.client.insiders import refuse_help


@pytest.mark.parametrize("key", ["another one", "the one before"])
def test_a_state_with_another_gate_stops_nobody_who_has_the_key(world, alice, bob, key):
    say(world, alice, "@newkey vault")
    say(world, bob, f"@join vault {key_of(alice)}")
    vault, insider = bob.room("vault"), bob.agent.context.user
    state = vault.group.group_info()
    if key == "another one":
        charter = Charter.read(vault.group.extensions).with_gate(gates.gate(bytes(64)).public)
        made_up = insider.engine.found(vault.id, charter, world.timers.time)
        state = made_up.group_info()
    else:
        say(world, alice, "@newkey vault")

    def give(turn, _):
        return [(msgspec.structs.replace(turn, at=turn.head, giver=insider.account), state)]

    (erin,) = world.enter("erin")
    erin.tamper = altering(Turn, give)
    assert say(world, erin, f"@join vault {key_of(alice)}") == []
    world.advance(20)
    world.check_agreement("vault")


@pytest.mark.parametrize("times", [1, 4])
def test_a_state_without_somebody_keeps_nobody_out_who_was_added(world, alice, bob, times):
    """What they write meanwhile waits; the state of another member is looked at."""
    (erin,) = world.enter("erin")
    say(world, alice, "@group set crew bob")
    insider = bob.agent.context.user.account
    state = bob.conversation(Kind.GROUP, "crew").group.group_info()

    def give(turn, payload):
        if not payload:
            return [(turn, payload)]
        return [(msgspec.structs.replace(turn, at=turn.head, giver=insider), state)]

    def tamper(message, payload):
        if getattr(message, "welcome", 0):
            payload = payload[: -message.welcome] + bytes(message.welcome)
        return lie(message, payload)

    lie = altering(Turn, give, times=times)
    erin.tamper = tamper
    alice.say("@group add crew erin")
    while not erin.agent.context.conversations.named(Kind.GROUP, "crew"):
        world.step()
    erin.say("@group send crew hello")
    world.advance(40)
    assert erin.errors() == [Cause.BAD_WELCOME.code]
    assert alice.texts("crew") == ["hello"]


def test_who_keeps_its_leaf_in_a_state_that_was_made_up_goes_where_the_others_are(
    world, alice, bob
):
    """Who was added has its leaf in every state that goes on from there, right or wrong."""
    (erin,) = world.enter("erin")
    say(world, alice, "@group set crew bob")
    insider = bob.agent.context.user
    group = bob.conversation(Kind.GROUP, "crew")
    refuse_help(bob)

    def give(turn, payload):
        if not payload:
            return [(turn, payload)]
        copy = Group(group.group.state.fork(), insider.random, insider.engine.policy)
        declared = Declaration(copy.vantage.public.interim_transcript_hash).encode()
        request = CommitRequest((), now=int(world.timers.time), authenticated_data=declared)
        copy.merge(copy.commit(request, public=True))
        given = msgspec.structs.replace(turn, at=turn.head, giver=insider.account)
        return [(given, copy.group_info())]

    lie = altering(Turn, give, times=3)

    def tamper(message, payload):
        if getattr(message, "welcome", 0):
            payload = payload[: -message.welcome] + bytes(message.welcome)
        return lie(message, payload)

    erin.tamper = tamper
    alice.say("@group add crew erin")
    world.advance()
    erin.tamper = None
    say(world, alice, "@group send crew hello")
    say(world, erin, "@group send crew here I am")
    world.advance(60)
    world.check_group(group.id)
    assert alice.texts("crew") == ["here I am"]


def test_who_is_put_out_while_it_adds_somebody_is_told_so(world, alice, bob):
    (erin,) = world.enter("erin")
    say(world, alice, "@group set crew bob")
    held = []

    def hold(message, payload):
        if isinstance(message, KeyPackage):
            held.append((message, payload))
            return []
        return [(message, payload)]

    bob.tamper = hold
    bob.say("@group add crew erin")
    world.run()
    say(world, alice, "@group remove crew bob")
    bob.tamper = None
    bob.tell(*held.pop())
    world.advance()
    assert bob.errors() == ["not_a_member"]
    assert erin.texts() == []


@pytest.mark.parametrize("founder", ["the one there is", "the insider"])
def test_who_was_invited_into_a_group_that_was_made_up_gets_into_the_right_one(
    world, alice, bob, founder
):
    """What the others write there does not open, and who has founded it can let them in."""
    _, erin = world.enter("carol", "erin")
    say(world, alice, "@group set crew bob,carol")
    insider, crew = bob.agent.context.user, bob.conversation(Kind.GROUP, "crew")
    now = int(world.timers.time)

    def commit(group, *proposals):
        declared = Declaration(group.vantage.public.interim_transcript_hash).encode()
        request = CommitRequest(proposals, now=now, authenticated_data=declared)
        staged = group.commit(request, public=True)
        group.merge(staged)
        return staged

    def forge(request, payload):
        if not isinstance(request, Commit) or not request.welcome:
            return [(request, payload)]
        copy = Group(crew.group.state.fork(), insider.random, insider.engine.policy)
        if founder == "the insider":
            copy = insider.engine.found(crew.id, found_charter(crew), now)
        commit(copy)
        staged = commit(copy, Add(take_key_package(world, erin.agent.context.user.account)))
        sizes = {"message": len(staged.message), "welcome": len(staged.welcome)}
        fields = msgspec.structs.asdict(request) | sizes
        return [(Commit(**fields), staged.message + staged.welcome + copy.group_info())]

    bob.forge = forge
    bob.say("@group add crew erin")
    world.advance()
    bob.drop()
    say(world, alice, "@group send crew hello")
    say(world, erin, "@group send crew is anybody there?")
    world.advance(60)
    say(world, alice, "@group add crew erin", "@group send crew hello erin")
    world.advance(30)
    world.check_group(crew.id)
    assert erin.texts("crew")[-1] == "hello erin"
