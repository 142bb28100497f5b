import pytest
from msgspec import UNSET

from geventim.client import wishes
from geventim.client.answers import Said
from geventim.client.events import Deleted, Edited, Message, Reacted, Sent, TimerSet
from geventim.client.history.pages import PAGE_LINES
from geventim.client.history.reading import Query
from geventim.client.said.aside import Count, Quote
from geventim.client.sealing.content import EXCERPT


@pytest.fixture
def wish(world):
    """Wishes for something, and gives what comes of it."""
    count = 0

    def grant(person, kind, **fields):
        nonlocal count
        count += 1
        person.wish(kind(id=count, **fields))
        world.advance()
        return person.answers()[count]

    return grant


@pytest.fixture
def carol(world, alice, bob):
    (carol,) = world.enter("carol")
    return carol


@pytest.fixture
def team(wish, alice, bob, carol):
    """A group that alice has made."""
    wish(alice, wishes.CreateGroup, name="team", members=("bob", "carol"))
    return "team"


def history(person):
    """What somebody has: ids, texts, and who has deleted what, by the numbers of entries."""
    found = []
    reading = person.agent.context.user.history.read_backwards(Query(), 1000)
    while not reading.over:
        found += reading.step()
    return [
        (each.event().message_id, each.utterance.text, each.event().deleted)
        for each in sorted(found, key=lambda each: each.utterance.seq)
    ]


def test_an_edit_is_seen_by_everybody_and_is_what_there_is_then(wish, alice, bob, carol):
    said = wish(alice, wishes.Say, to="lobby", text="helo")
    assert isinstance(wish(alice, wishes.Edit, message_id=said.message_id, text="hello"), Said)
    for person in (alice, bob, carol):
        (edited,) = person.seen(Edited)
        assert (edited.nick, edited.message) == ("alice", "hello")
        assert edited.message_id == said.message_id
        assert history(person) == [(said.message_id, "hello", UNSET)]
    assert [event.message for event in alice.seen(Sent)] == ["helo"]
    assert len(bob.seen(Message)) == 1


def test_nobody_edits_or_deletes_what_others_wrote(wish, alice, bob):
    said = wish(alice, wishes.Say, to="lobby", text="hello")
    refusal = wish(bob, wishes.Edit, message_id=said.message_id, text="bye")
    assert refusal.code == "not_yours"
    assert wish(bob, wishes.DeleteMessage, message_id=said.message_id).code == "not_yours"


def test_what_is_deleted_is_gone_everywhere(wish, world, alice, bob):
    said = wish(alice, wishes.Say, to="lobby", text="planted words")
    wish(bob, wishes.React, message_id=said.message_id, reaction="+1")
    assert any(b"planted words" in value for value in bob.kept.values())
    wish(alice, wishes.DeleteMessage, message_id=said.message_id)
    for person in (alice, bob):
        (deleted,) = person.seen(Deleted)
        assert (deleted.nick, deleted.message_id) == ("alice", said.message_id)
        assert history(person) == [(said.message_id, "", "alice")]
        assert not any(b"planted words" in value for value in person.kept.values())
    for kind in (wishes.DeleteMessage, wishes.React):
        assert wish(alice, kind, message_id=said.message_id).code == "no_message"
    again = wish(alice, wishes.Edit, message_id=said.message_id, text="back")
    assert again.code == "no_message"


def test_who_has_made_a_group_deletes_what_is_said_there(wish, team, alice, bob, carol):
    said = wish(bob, wishes.Say, to=team, text="rude")
    assert wish(carol, wishes.DeleteMessage, message_id=said.message_id).code == "not_yours"
    assert isinstance(wish(alice, wishes.DeleteMessage, message_id=said.message_id), Said)
    for person in (alice, bob, carol):
        assert person.seen(Deleted)[0].nick == "alice"
        assert history(person)[-1] == (said.message_id, "", "alice")


def test_reactions_are_counted(wish, alice, bob, carol):
    said = wish(alice, wishes.Say, to="lobby", text="hello")
    for person, reaction in ((bob, "👍"), (carol, "tada"), (alice, ":+1:"), (bob, "")):
        assert isinstance(
            wish(person, wishes.React, message_id=said.message_id, reaction=reaction), Said
        )
    told = [(event.nick, event.reaction) for event in carol.seen(Reacted)]
    assert told == [("bob", "👍"), ("carol", "🎉"), ("alice", "👍"), ("bob", "")]
    assert carol.seen(Reacted)[2].reactions == (
        Count("👍", ("bob", "alice")),
        Count("🎉", ("carol",)),
    )
    assert carol.seen(Reacted)[3].reactions == (Count("🎉", ("carol",)), Count("👍", ("alice",)))
    assert bob.seen(Sent) == []


@pytest.mark.parametrize("reaction", ["qq", "no such emoji", "👍👍", "\u202e"])
def test_a_reaction_is_an_emoji(wish, alice, reaction):
    said = wish(alice, wishes.Say, to="lobby", text="hello")
    refusal = wish(alice, wishes.React, message_id=said.message_id, reaction=reaction)
    assert refusal.code == "no_emoji"


def test_an_answer_says_what_it_answers(wish, alice, bob):
    said = wish(alice, wishes.Say, to="lobby", text="who is there?" + "!" * EXCERPT)
    wish(bob, wishes.Say, to="lobby", text="me", reply_to=said.message_id)
    answer = alice.seen(Message)[-1]
    excerpt = ("who is there?" + "!" * EXCERPT)[:EXCERPT]
    assert answer.reply == Quote(said.message_id, "alice", excerpt)


def test_who_has_no_copy_hears_what_the_author_says(wish, world, alice, bob):
    said = wish(alice, wishes.Say, to="lobby", text="before your time")
    (dave,) = world.enter("dave")
    world.advance()
    wish(bob, wishes.Say, to="lobby", text="indeed", reply_to=said.message_id)
    answer = dave.seen(Message)[-1]
    assert answer.reply == Quote(said.message_id, "alice", "before your time", "bob")
    wish(alice, wishes.DeleteMessage, message_id=said.message_id)
    assert not any(b"before your time" in value for value in dave.kept.values())


def test_only_what_is_there_is_answered(wish, alice, bob, team):
    said = wish(alice, wishes.Say, to="lobby", text="hello")
    elsewhere = wish(alice, wishes.Say, to=team, text="x", reply_to=said.message_id)
    assert elsewhere.code == "elsewhere"
    for unknown in ("ab" * 16, "zz", "ab"):
        assert wish(bob, wishes.Say, to=team, text="x", reply_to=unknown).code == "no_message"
        assert wish(bob, wishes.React, message_id=unknown, reaction="👍").code == "no_message"


def test_a_timer_holds_for_what_comes(wish, alice, bob):
    assert isinstance(wish(alice, wishes.SetTimer, conversation="lobby", seconds=60), Said)
    for person in (alice, bob):
        (timer,) = person.seen(TimerSet)
        assert (timer.nick, timer.seconds, timer.conversation) == ("alice", 60, "lobby")
    said = wish(bob, wishes.Say, to="lobby", text="soon gone")
    assert alice.seen(Message)[-1].expires == 60
    wish(alice, wishes.Say, to="lobby", text="yes", reply_to=said.message_id)
    wish(alice, wishes.SetTimer, conversation="lobby", seconds=0)
    wish(bob, wishes.Say, to="lobby", text="to stay")
    assert alice.seen(Message)[-1].expires is UNSET


@pytest.mark.parametrize("seconds", [1, 29, 365 * 86_400 + 1, 10**9])
def test_a_timer_has_bounds(wish, alice, seconds):
    assert wish(alice, wishes.SetTimer, conversation="lobby", seconds=seconds).code == "bad_timer"


def test_words_that_are_to_go_do_not_stay_with_an_answer(wish, world, alice, bob):
    wish(alice, wishes.SetTimer, conversation="lobby", seconds=60)
    said = wish(alice, wishes.Say, to="lobby", text="soon gone")
    (dave,) = world.enter("dave")
    world.advance()
    wish(bob, wishes.Say, to="lobby", text="indeed", reply_to=said.message_id)
    assert dave.seen(Message)[-1].reply == Quote(said.message_id, "alice", "", "bob")


def counts(person, name="lobby"):
    bookmark = person.room(name).bookmark
    return bookmark.unread, bookmark.mentions


def test_what_was_deleted_unread_is_not_unread_any_more(wish, alice, bob, carol):
    said = [wish(alice, wishes.Say, to="lobby", text=text) for text in ("one", "@bob", "three")]
    assert counts(bob) == (3, 1)
    wish(alice, wishes.DeleteMessage, message_id=said[1].message_id)
    assert counts(bob) == (2, 0)
    wish(bob, wishes.MarkRead, conversation="lobby", order=bob.seen(Message)[0].order)
    assert counts(bob) == (1, 0)
    wish(alice, wishes.DeleteMessage, message_id=said[0].message_id)
    assert counts(bob) == (1, 0), "that one was read"
    wish(alice, wishes.Edit, message_id=said[2].message_id, text="three for @bob")
    assert counts(bob) == (1, 1)
    wish(alice, wishes.DeleteMessage, message_id=said[2].message_id)
    assert counts(bob) == (0, 0)
    assert counts(carol) == (0, 0)


def test_also_on_a_page_that_is_full(wish, alice, bob):
    texts = [f"@bob {number}" for number in range(PAGE_LINES + 1)]
    said = [wish(alice, wishes.Say, to="lobby", text=text) for text in texts]
    wish(alice, wishes.DeleteMessage, message_id=said[0].message_id)
    assert counts(bob) == (PAGE_LINES, PAGE_LINES)


def holds(person, text):
    return any(text.encode() in value for value in person.kept.values())


class TestDisappearing:
    """``alice`` says something that is to last for a minute."""

    @pytest.fixture
    def said(self, wish, alice, bob):
        wish(alice, wishes.SetTimer, conversation="lobby", seconds=60)
        return wish(alice, wishes.Say, to="lobby", text="planted words")

    def read(self, person):
        user = person.agent.context.user
        user.history.mark_read(person.room().id, 10**9, user.clock())
        person.tick()

    def test_it_goes_from_its_author_after_it_was_sent(self, world, said, alice, bob):
        assert holds(alice, "planted words")
        assert holds(bob, "planted words")
        world.advance(60)
        (deleted,) = alice.seen(Deleted)
        assert (deleted.nick, deleted.message_id) == ("", said.message_id)
        assert history(alice) == []
        assert not holds(alice, "planted words")

    def test_and_from_others_after_they_have_read_it(self, world, said, alice, bob):
        world.advance(1_000)
        assert holds(bob, "planted words")
        self.read(bob)
        world.advance(30)
        assert holds(bob, "planted words")
        world.advance(30)
        assert len(bob.seen(Deleted)) == 1
        assert not holds(bob, "planted words")

    def test_who_was_off_begins_without_it(self, world, said, alice, bob):
        self.read(bob)
        bob.drop()
        world.timers.time += 100
        bob.start()
        bob.agent.recall(100)
        world.advance()
        assert "planted words" not in [message.message for message in bob.seen(Message)[1:]]
        assert history(bob) == []
        assert not holds(bob, "planted words")

    def test_nothing_is_shown_of_it_before_that(self, world, said, alice, bob):
        alice.drop()
        world.timers.time += 100
        alice.news()
        alice._begin()
        alice.agent.recall(100)
        alice.tick()
        assert "planted words" not in [getattr(each, "message", "") for each in alice.news()]

    def test_also_without_the_server(self, world, said, alice, bob):
        alice.drop()
        world.advance(60)
        alice.tick()
        world.advance()
        assert not holds(alice, "planted words")

    def test_a_clock_that_is_set_back_gives_no_more_time(self, world, said, alice, bob):
        alice.ahead = -10_000
        alice.tick()
        world.advance(61)
        assert not holds(alice, "planted words")

    def test_an_edit_goes_with_it(self, wish, world, said, alice, bob):
        wish(alice, wishes.Edit, message_id=said.message_id, text="other planted words")
        self.read(bob)
        world.advance(60)
        for person in (alice, bob):
            assert not holds(person, "planted words")
