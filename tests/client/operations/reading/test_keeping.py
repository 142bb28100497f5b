"""What is kept for the user of a conversation: by wishes, and across restarts."""

import pytest

from geventim.chat.values import Kind
from geventim.client import wishes
from geventim.client.events import ConversationChanged, Message, Sent
from geventim.client.following.courier import WINDOW


def ask(world, person, kind, **fields):
    """What came of a wish."""
    number = len(person.answers()) + 1
    person.wish(kind(id=number, **fields))
    world.run()
    return person.answers()[number]


def counts(person, name="lobby"):
    bookmark = person.room(name).bookmark
    return bookmark.unread, bookmark.mentions


def orders(person):
    return [message.order for message in person.seen(Message)]


class TestUnread:
    def test_messages_and_mentions_are_counted_across_restarts(self, world, alice, bob):
        bob.say("one", "hello @Alice", "@@alice three")
        world.run()
        assert counts(alice) == (3, 2)
        assert [each.mention for each in alice.seen(Message)] == [False, True, True]
        assert counts(bob) == (0, 0)
        alice.start()
        world.advance()
        assert counts(alice) == (3, 2)
        bob.say("four")
        world.run()
        assert counts(alice) == (4, 2)

    def test_who_writes_has_read_what_is_there(self, world, alice, bob):
        bob.say("one")
        world.run()
        alice.say("two")
        assert counts(alice) == (0, 0)
        world.run()
        assert alice.room().bookmark.read == 1

    def test_what_comes_while_something_is_queued_is_not_read(self, world, alice, bob):
        alice.drop()
        alice.say("one")
        bob.say("two")
        world.run()
        alice.connect()
        world.advance()
        assert counts(alice) == (1, 0)

    def test_all_of_it_is_read_or_up_to_a_message(self, world, alice, bob):
        bob.say("one", "two @alice", "three", "four @alice")
        world.run()
        alice.say("@bob five")
        world.advance()
        first, second, *_ = orders(alice)
        ask(world, alice, wishes.MarkRead, conversation="lobby", order=first)
        assert counts(alice) == (3, 2)
        ask(world, alice, wishes.MarkRead, conversation="lobby", order=second)
        assert counts(alice) == (2, 1)
        ask(world, alice, wishes.MarkRead, conversation="lobby", order=first)
        assert counts(alice) == (2, 1), "it never goes back"
        alice.start()
        world.advance()
        assert counts(alice) == (2, 1)
        ask(world, alice, wishes.MarkRead, conversation="lobby")
        assert counts(alice) == (0, 0)
        assert alice.room().bookmark.read == 4

    def test_what_comes_while_it_is_counted_is_not_lost(self, world, alice, bob):
        bob.say("one", "two")
        world.run()
        alice.agent.grant(wishes.MarkRead(id=1, conversation="lobby", order=orders(alice)[0]))
        alice.room().bookmark.note(mention=True)
        alice.tick()
        world.run()
        assert counts(alice) == (2, 1)

    def test_a_secret_is_unread_and_what_is_ignored_is_not(self, world, alice, bob):
        bob.say("@secret alice key hello")
        world.advance()
        dm = alice.conversation(Kind.DM, "bob")
        assert dm.bookmark.unread == 1
        alice.say("@ignore bob")
        world.run()
        bob.say("@alice hi")
        world.advance()
        assert dm.bookmark.unread == 1

    def test_highlights_count_as_mentions(self, world, alice, bob):
        done = ask(world, alice, wishes.ChangeSetting, name="highlights", value=["lunch"])
        assert done.highlights == ("lunch",)
        bob.say("lunch?")
        world.run()
        assert counts(alice) == (1, 1)
        alice.start()
        world.advance()
        assert ask(world, alice, wishes.Settings).highlights == ("lunch",)
        refused = ask(world, alice, wishes.ChangeSetting, name="colour", value=1)
        assert refused.code == "unknown_setting"


class TestDrafts:
    def test_they_are_kept_for_each_conversation(self, world, alice, bob):
        ask(world, alice, wishes.Draft, conversation="lobby", text="hello ther")
        ask(world, alice, wishes.Mute, conversation="lobby")
        alice.start()
        world.advance()
        (listed,) = ask(world, alice, wishes.Conversations).conversations
        assert (listed.draft, listed.muted) == ("hello ther", True)
        ask(world, alice, wishes.Draft, conversation="lobby", text="")
        ask(world, alice, wishes.Mute, conversation="lobby", muted=False)
        assert (alice.room().bookmark.draft, alice.room().bookmark.is_muted) == ("", False)

    def test_what_was_queued_and_is_refused_later_becomes_one(self, world, alice, bob):
        alice.say("@create room games")
        world.run()
        alice.drop()
        alice.say("one")
        games = alice.room("games")
        alice.start()
        world.advance()
        assert alice.seen(Sent)[-1].message == "one"
        alice.drop()
        alice.say("#games two")
        alice._begin()
        games = alice.room("games")
        games.exclude()
        assert games.bookmark.draft == "two"
        assert games.parcels.waiting() == []


class TestWithoutAServer:
    """An earlier process has been in; this one has not, yet."""

    @pytest.fixture
    def alone(self, world, alice, bob):
        alice.say("@bob before")
        world.advance()
        alice.drop()
        alice._begin()
        return alice

    def test_what_is_said_is_queued_and_sent_once_in_order(self, world, alone, bob):
        for number, text in enumerate(["one", "two", "three"]):
            alone.wish(wishes.Say(id=number, to="lobby", text=text))
        alone.wish(wishes.Say(id=5, to="@bob", text="five"))
        alone.say("four")
        assert [text for text, _ in alone.deliveries()[2:]] == [
            "one",
            "two",
            "three",
            "five",
            "four",
        ]
        assert alone.answers() == {}
        ids = [each.message_id for each in alone.own_messages()[2:]]
        alone.start()
        world.advance()
        assert sorted(each.message_id for each in alone.seen(Sent)[-5:]) == sorted(ids)
        assert bob.texts("lobby") == ["one", "two", "three", "four"]
        assert bob.texts("alice") == ["before", "five"]
        alone.start()
        world.advance()
        assert len(bob.texts()) == 6

    def test_what_is_said_goes_ahead_of_what_needs_the_server(self, world, alone, bob):
        alone.wish(wishes.People(id=1), wishes.Say(id=2, to="lobby", text="one"))
        alone.wish(wishes.Say(id=3, to="#nowhere", text="two"))
        assert [text for text, _ in alone.deliveries()[2:]] == ["one"]
        alone.connect()
        world.advance()
        answers = alone.answers()
        assert "alice" in answers[1].names
        assert (answers[2].seq > 0, answers[3].code) == (True, "unknown_name")

    def test_it_is_sealed_for_who_is_there_when_it_is_sent(self, world, alone, bob):
        alone.say("one")
        (carol,) = world.enter("carol")
        alone.start()
        world.advance()
        assert carol.texts() == ["one"]
        assert bob.texts("lobby") == ["one"]

    def test_more_is_queued_than_is_on_its_way_at_once(self, world, alone, bob):
        texts = [str(number) for number in range(100)]
        alone.say(*texts)
        assert alone.room().parcels.undelivered == 100
        alone.start()
        most = 0
        while world.step():
            most = max(most, len(alone.room().parcels.sent()))
        assert most == WINDOW
        world.advance(30)
        assert bob.texts("lobby") == texts

    def test_the_history_is_there(self, world, alone):
        alone.events.clear()
        alone.say("@history", "@search before")
        world.run()
        assert [message.message for message in alone.seen(Message)] == ["before"] * 2

    def test_the_list_is_there(self, world, alone):
        listed = ask(world, alone, wishes.Conversations).conversations
        assert [each.name for each in listed] == ["bob", "lobby"]


def test_changes_of_a_conversation_are_gathered(world, alice, bob):
    world.advance()
    alice.events.clear()
    for number in range(50):
        bob.say(str(number))
    world.run()
    world.advance()
    (event,) = [each for each in alice.seen(ConversationChanged) if each.unread]
    assert (event.conversation, event.unread) == ("lobby", 50)
