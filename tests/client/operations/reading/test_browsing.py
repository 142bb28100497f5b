import pytest

from geventim.client import wishes
from geventim.client.events import Found, Message


@pytest.fixture
def said(world, alice, bob):
    """Twelve messages of two people in two conversations."""
    for number in range(10):
        (alice if number % 2 else bob).say(f"number {number}")
        world.run()
    bob.say("@alice a private number", "@alice 10")
    world.advance()


def ask(world, person, kind, **fields):
    """The texts that a wish is done with, or the code of its refusal."""
    number = len(person.answers()) + 1
    person.wish(kind(id=number, **fields))
    world.run()
    answer = person.answers()[number]
    return getattr(answer, "code", None) or [each.message for each in answer.messages]


def numbers(*found):
    return [f"number {number}" for number in found]


@pytest.mark.usefixtures("said")
class TestTimeline:
    def test_the_last_of_all_or_of_one(self, world, alice):
        assert ask(world, alice, wishes.Timeline, limit=3) == [
            "number 9",
            "a private number",
            "10",
        ]
        assert ask(world, alice, wishes.Timeline, conversation="lobby", limit=2) == numbers(8, 9)
        assert ask(world, alice, wishes.Timeline, conversation="@bob")[-1] == "10"

    @pytest.mark.parametrize("by", ["order", "message_id"])
    def test_a_page_by_order_and_by_id(self, world, alice, by):
        middle = getattr(
            next(each for each in alice.seen(Message) if each.message == "number 4"), by
        )
        for where, expected in (
            ({"before": middle}, numbers(2, 3)),
            ({"after": middle}, numbers(5, 6)),
            ({"around": middle, "limit": 3}, numbers(3, 4, 5)),
        ):
            fields = {"conversation": "lobby", "limit": 2, **where}
            assert ask(world, alice, wishes.Timeline, **fields) == expected

    def test_pages_meet_at_their_ends(self, world, alice):
        found, before = [], None
        while True:
            number = len(alice.answers()) + 1
            alice.wish(wishes.Timeline(id=number, limit=5, before=before))
            world.run()
            page = alice.answers()[number].messages
            if not page:
                break
            found[:0] = page
            before = page[0].order
        assert [each.order for each in found] == list(range(1, 13))
        assert [each.own for each in found] == [False, True] * 5 + [False] * 2

    def test_what_is_not_there(self, world, alice):
        assert ask(world, alice, wishes.Timeline, around="0f" * 16) == "unknown_message"
        assert ask(world, alice, wishes.Timeline, conversation="#nowhere") == []
        assert ask(world, alice, wishes.Timeline, before=3, after=3) == "several_places"
        assert ask(world, alice, wishes.Timeline, after=12) == []

    def test_one_that_is_past_is_read_by_its_id(self, world, alice):
        room = alice.room()
        alice.say("@leave lobby")
        world.advance()
        assert len(ask(world, alice, wishes.Timeline, conversation=room.hex)) == 10


@pytest.mark.usefixtures("said")
class TestSearch:
    def test_newest_first(self, world, alice):
        assert ask(world, alice, wishes.Search, words=["NUMBER"], limit=3) == [
            "a private number",
            *numbers(9, 8),
        ]

    @pytest.mark.parametrize(
        ("fields", "expected"),
        [
            ({"words": ["private number"]}, ["a private number"]),
            ({"words": ["number private"]}, []),
            ({"words": ["number", "private", " "]}, ["a private number"]),
            ({"words": ["number"], "author": "Bob", "conversation": "lobby"}, [8, 6, 4, 2, 0]),
            ({"author": "alice"}, [9, 7, 5, 3, 1]),
            ({"words": ["number"], "before": 3}, [1, 0]),
            ({"until": 0}, []),
        ],
    )
    def test_by_words_phrase_author_place_and_time(self, world, alice, fields, expected):
        texts = [each if isinstance(each, str) else f"number {each}" for each in expected]
        assert ask(world, alice, wishes.Search, **fields) == texts

    def test_what_is_found_is_told_as_it_is_found(self, world, alice):
        alice.wish(wishes.Search(id="mine", words=("private",)))
        world.run()
        (event,) = alice.seen(Found)
        assert event.messages == alice.answers()["mine"].messages

    def test_others_are_answered_meanwhile(self, world, alice):
        alice.agent.grant(wishes.Search(id=1, words=("number",)))
        alice.agent.grant(wishes.Conversations(id=2))
        assert [each.answer for each in alice.agent.take_events()] == [2]


def test_until_a_date(world, alice, bob):
    bob.say("one")
    world.advance(10)
    bob.say("two")
    world.run()
    (_, second) = alice.seen(Message)
    assert ask(world, alice, wishes.Search, until=second.date) == ["one"]
