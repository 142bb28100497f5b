"""Whoever is ignored writes, adds and changes their status unseen."""

import pytest

from geventim.chat.values import Kind
from geventim.client.conversation.posting import post
from geventim.client.events import Group, Message, Secret, StatusChanged
from geventim.client.sealing.content import Content, ContentKind


@pytest.fixture
def eve(world, alice):
    (person,) = world.enter("eve")
    alice.say("@ignore eve")
    world.run()
    alice.news()
    return person


def notices(person):
    return [event.text for event in person.news() if hasattr(event, "text")]


class TestCommands:
    def test_one_ignores_lists_and_hears_again(self, world, alice, eve):
        alice.say("@ignore")
        alice.say("@unignore @EVE")
        alice.say("@ignore")
        alice.say("@unignore eve")
        world.run()
        texts = notices(alice)
        assert texts[0] == "Ignored: eve"
        assert texts[1:3] == ["You hear of eve again.", "Ignored: nobody"]
        assert texts[3].startswith("You do not ignore 'eve'.")

    @pytest.mark.parametrize(
        "line", ["@ignore alice", "@ignore nobody", "@ignore a b", "@unignore"]
    )
    def test_what_makes_no_sense_is_refused(self, world, alice, line):
        alice.say(line)
        world.run()
        assert alice.refused == 1
        assert alice.agent.context.user.ignored.nicks == []


class TestSilence:
    def test_what_they_write_is_not_shown_and_not_kept(self, world, alice, bob, eve):
        eve.say("spam")
        eve.say("@alice spam")
        eve.say("@secret alice key spam")
        bob.say("hello")
        world.advance()
        news = alice.news()
        assert [event.message for event in news if isinstance(event, Message)] == ["hello"]
        assert not [event for event in news if isinstance(event, Secret)]
        assert bob.texts().count("spam") == 1
        alice.say("@history")
        alice.say("@search spam")
        world.run()
        assert "spam" not in str([getattr(each, "message", "") for each in alice.news()])
        world.check_agreement()

    @pytest.mark.parametrize("remark", [{"retracts": bytes(16)}, {"timer": 0}])
    def test_nor_is_a_secret_that_says_to_be_a_remark(self, world, alice, eve, remark):
        alice.say("@unignore eve")
        eve.say("@alice hello")
        world.advance()
        alice.say("@ignore eve")
        world.run()
        alice.news()
        dm = eve.conversation(Kind.DM, "alice")
        post(dm, Content("eve", "", 0.0, ContentKind.SECRET, bytes(64), **remark))
        eve.stir()
        world.advance()
        assert not [event for event in alice.news() if isinstance(event, Secret)]
        assert alice.conversation(Kind.DM, "eve").bookmark.unread == 1

    def test_they_are_heard_again_when_the_user_wants(self, world, alice, eve):
        alice.say("@unignore eve")
        world.run()
        eve.say("sorry")
        world.run()
        assert alice.texts()[-1] == "sorry"

    def test_their_status_and_their_coming_are_not_told(self, world, alice, bob, eve):
        eve.say("@status away")
        bob.say("@status dnd")
        world.advance()
        eve.say("@quit")
        world.advance()
        news = alice.news()
        assert [event.nick for event in news if isinstance(event, StatusChanged)] == ["bob"]
        assert not [event for event in news if getattr(event, "nick", "") == "eve"]
        assert "eve" not in " ".join(getattr(event, "text", "") for event in news)

    def test_what_they_add_somebody_to_is_left_unseen(self, world, alice, bob, eve):
        asked = len(alice.asked)
        eve.say("@group set trap alice,bob")
        world.advance()
        eve.say("@group send trap spam")
        bob.say("@group send trap who are you")
        bob.say("@group leave trap")
        world.advance()
        assert alice.news() == []
        alice.start()
        world.advance()
        assert not [event for event in alice.news() if isinstance(event, Group | Message)]
        sent = [type(request).__name__ for request, _ in alice.asked[asked:]]
        assert not {"Commit", "TakeTurn", "Append"} & set(sent)
        assert bob.texts("trap") == ["spam"]

    def test_somebody_else_can_add_one_all_the_same(self, world, alice, bob, eve):
        bob.say("@group set crew alice,eve")
        world.advance()
        bob.say("@group send crew welcome")
        eve.say("@group send crew spam")
        world.advance()
        assert alice.texts("crew") == ["welcome"]
