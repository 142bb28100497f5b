"""Every reason why something cannot be read: how it comes about, what is said, how it goes on.

A cause without a scene in ``causing.py`` fails the tests.
"""

import pytest

from geventim.chat.values import EntryKind, Kind
from geventim.client.causes import Cause
from geventim.client.events import Error
from geventim.mls.groups import archive
from geventim.mls.messages.proposals import Remove
from tests.client.causing import SCENES, key_of, say
from tests.client.hostile import (
    on_messages,
)


def test_no_two_causes_share_a_word():
    assert len({cause.code for cause in Cause}) == len(Cause)


def test_every_cause_has_its_scene():
    assert set(SCENES) == set(Cause)


@pytest.mark.parametrize("cause", SCENES)
def test_what_is_said_and_how_it_goes_on(world, alice, bob, cause):
    found = SCENES[cause]
    found.play(world, alice, bob)
    assert Error(cause.code, found.line) in alice.events
    assert set(bob.errors()) <= {cause.code}
    alice.tamper = None
    for line in found.remedy:
        say(world, alice, line.replace("KEY", key_of(bob) if "KEY" in line else ""))
    world.advance(60)
    heard = len(alice.texts())
    word = "@group send team {}" if found.place == "team" else "{}"
    if found.place == "vault":
        say(world, bob, "@join vault")
    say(world, bob, word.format("do you hear me?"))
    say(world, alice, word.format("I do"))
    assert alice.texts(found.place)[-1] == "do you hear me?"
    assert len(alice.texts()) == heard + 1
    assert bob.texts(found.place)[-1] == "I do"
    kind = Kind.GROUP if found.place == "team" else Kind.ROOM
    world.check_agreement(found.place, kind)


def test_what_was_written_before_we_were_in_is_counted_as_missed(world, alice, bob):
    alice.kept = {k: v for k, v in alice.kept.items() if not k.startswith("package/")}
    alice.drop()
    say(world, bob, "@group set team alice", "@group send team early")
    alice.start()
    world.advance()
    assert alice.errors() == ["lost_welcome", "missed"]
    assert alice.texts() == []


def test_a_proposal_in_the_place_of_a_message_does_not_stay(world, alice, bob):
    """Nobody proposes here; one that stayed would keep us from sending."""
    group = bob.room().group
    copy = bob.agent.context.user.engine.restore(
        archive.save_fixed(group.state), archive.save_moving(group.state)
    )
    proposal = copy.propose(Remove(group.own_index), now=int(world.timers.time))
    alice.tamper = on_messages(lambda entry, _: [(entry, proposal)])
    say(world, bob, "lost")
    assert alice.errors() == ["no_content"]
    say(world, alice, "still here")
    assert bob.texts()[-1] == "still here"


def test_there_are_no_other_kinds_of_entries():
    """Messages and commits have their causes; the others hold nothing to be read."""
    assert set(EntryKind) == {"commit", "message", "leave", "kick", "delete"}
