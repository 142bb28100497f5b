import pytest

from geventim.client.events import ConversationChanged
from geventim.client.operations.overview import LAG, PAUSE
from geventim.client.phases import Phase


@pytest.fixture(autouse=True)
def calm(world, alice, bob):
    world.advance()
    for person in (alice, bob):
        person.events.clear()


def told(person):
    """What was told since the last call."""
    found = person.seen(ConversationChanged)
    person.events.clear()
    return found


def test_many_changes_are_told_as_one_and_then_after_a_pause(world, alice, bob):
    for number in range(5):
        alice.room().bookmark.note(mention=number == 0)
    alice.tick()
    assert told(alice) == []
    world.advance(LAG)
    (event,) = told(alice)
    assert (event.conversation, event.conversation_id) == ("lobby", alice.room().hex)
    assert (event.unread, event.mentions, event.gone) == (5, 1, False)
    alice.room().bookmark.note(mention=False)
    alice.tick()
    world.advance(PAUSE / 2)
    assert told(alice) == []
    world.advance(PAUSE / 2)
    assert [event.unread for event in told(alice)] == [6]


def test_a_thousand_messages_in_a_second_are_a_few_events(world, alice, bob):
    for _ in range(100):
        for _ in range(10):
            alice.room().bookmark.note(mention=False)
        alice.tick()
        world.advance(0.01)
    world.advance(PAUSE)
    events = told(alice)
    assert len(events) <= 1 + 1 / PAUSE + 1
    assert events[-1].unread == 1000


def test_what_is_the_same_in_the_end_is_not_told(world, alice, bob):
    alice.room().bookmark.write("x")
    alice.room().bookmark.write("")
    alice.room().keep()
    alice.tick()
    world.advance()
    assert told(alice) == []


def test_a_new_conversation_is_told_and_one_that_is_gone(world, alice, bob):
    alice.say("@create room games")
    world.advance()
    event = told(alice)[-1]
    assert (event.conversation, event.members, event.gone) == ("games", 1, False)
    alice.say("@leave games")
    world.advance()
    assert [(each.conversation, each.gone) for each in told(alice)] == [("games", True)]


def test_what_is_kept_is_no_news_when_the_process_begins(world, alice, bob):
    bob.say("one")
    world.run()
    alice.start()
    world.advance()
    assert [event for event in told(alice) if event.unread != 1] == []
    alice.start()
    world.advance()
    assert told(alice) == []


def test_who_comes_and_whom_one_verifies_is_told(world, alice, bob):
    world.enter("carol")
    world.advance()
    assert told(alice)[-1].members == 3
    alice.say("@verify bob", "@verify bob ok", "@verify carol", "@verify carol ok")
    world.advance()
    assert told(alice)[-1].trust == "verified"


def test_nothing_is_told_while_one_comes_in(world, alice, bob):
    (carol,) = world.enter("carol")
    world.advance()
    kinds = [type(event).__name__ for event in carol.events]
    assert kinds.index("Connected") < kinds.index("ConversationChanged")
    carol.drop()
    carol.connect()
    carol.room().bookmark.note(mention=False)
    carol.tick()
    assert carol.agent.context.phase is Phase.ENTERING
    before = len(carol.seen(ConversationChanged))
    world.timers.time += PAUSE + LAG
    carol.tick()
    assert len(carol.seen(ConversationChanged)) == before
    world.advance()
    assert carol.seen(ConversationChanged)[-1].unread == 1
