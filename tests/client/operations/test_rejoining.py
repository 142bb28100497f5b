"""Going on with what the server has, when a person wants to.

What many conversations are gone back with is in ``tests/client/test_setback.py``.
"""

import pytest

from geventim.chat.values import Kind
from geventim.client.causes import Cause
from geventim.client.events import Connected
from geventim.client.kept.stages import Stage


def run(world, person, *lines):
    person.news()
    person.say(*lines)
    world.advance()
    return person.news()


class TestRejoin:
    def test_it_goes_on_and_says_what_has_changed(self, world, alice, bob):
        alice.room().stop(Cause.BACKWARDS)
        alice.tick()
        (carol,) = world.enter("carol")
        assert [event.code for event in run(world, alice, "hello?")] == ["backwards"]
        shown = run(world, alice, "@rejoin lobby", "here again")
        (rejoined,) = [event for event in shown if getattr(event, "code", "") == "rejoined"]
        assert "In it are: alice, bob, carol." in rejoined.text
        assert "New since your client left off: carol." in rejoined.text
        assert carol.texts() == bob.texts() == ["here again"]
        world.check_agreement()

    def test_it_outlives_the_process_that_something_was_stopped(self, world, alice, bob):
        alice.room().stop(Cause.REPLACED_HISTORY)
        alice.tick()
        alice.start()
        world.advance()
        assert [event.code for event in run(world, alice, "hello?")] == ["replaced_history"]
        run(world, alice, "@rejoin", "here again")
        assert bob.texts() == ["here again"]

    @pytest.mark.parametrize("kind", [Kind.GROUP, Kind.DM])
    def test_groups_and_pairs_are_rejoined_as_well(self, world, alice, bob, kind):
        run(world, alice, "@group set team bob", "@bob hi")
        name = {Kind.GROUP: "team", Kind.DM: "bob"}[kind]
        conversation = alice.conversation(kind, name)
        conversation.stop(Cause.BACKWARDS)
        alice.tick()
        run(world, alice, f"@rejoin {name}", "@group send team again", "@bob again")
        assert conversation.stage is Stage.ACTIVE
        assert bob.texts("team") == ["again"]
        assert bob.texts("alice") == ["hi", "again"]

    def test_what_is_in_order_stays(self, world, alice):
        assert [event.code for event in run(world, alice, "@rejoin")] == ["in_order"]

    def test_what_nobody_knows(self, world, alice):
        assert [event.code for event in run(world, alice, "@rejoin den")] == ["no_conversation"]

    def test_who_was_stopped_on_the_way_in_comes_in_all_the_same(self, world, alice, bob):
        alice.drop()
        run(world, bob, "one")
        alice.agent.context.conversations.get(alice.room().id).stop(Cause.REPLACED_HISTORY)
        alice.connect()
        world.advance()
        assert alice.seen(Connected)
        assert [event.code for event in run(world, alice, "hello?")] == ["replaced_history"]
