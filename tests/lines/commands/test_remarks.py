import pytest

from geventim.client.events import Deleted, Edited, Error, Message, Reacted, TimerSet


def type_in(world, person, *lines):
    """Type lines, and let them take effect; what came of them."""
    person.news()
    person.say(*lines)
    world.advance()
    return person.news()


def test_what_one_does(world, alice, bob):
    type_in(world, alice, "@me waves")
    assert bob.texts() == ["/me waves"]


@pytest.mark.parametrize("which", ["bob", "@Bob", "2"])
def test_an_answer_to_a_message(world, alice, bob, which):
    type_in(world, bob, "who is there?")
    type_in(world, alice, "hm")
    type_in(world, alice, f"@reply {which} me, of course")
    answer = bob.seen(Message)[-1]
    assert (answer.message, answer.reply.excerpt) == ("me, of course", "who is there?")


def test_ones_last_message_is_edited_and_deleted(world, alice, bob):
    type_in(world, alice, "one", "two")
    type_in(world, bob, "three")
    type_in(world, alice, "@edit 2")
    (edited,) = bob.seen(Edited)
    assert edited.message == "2"
    type_in(world, alice, "@delete")
    type_in(world, alice, "@delete")
    assert [each.message_id == edited.message_id for each in bob.seen(Deleted)] == [True, False]
    assert type_in(world, alice, "@delete")[0].code == "no_message"


def test_nobody_deletes_for_others(world, alice, bob):
    type_in(world, bob, "mine")
    codes = [getattr(each, "code", "") for each in type_in(world, alice, "@delete bob")]
    assert "not_yours" in codes
    assert bob.seen(Deleted) == []


def test_reactions(world, alice, bob):
    type_in(world, bob, "one", "two")
    type_in(world, alice, "@react +1", "@react tada 2", "@react none")
    assert [each.reaction for each in bob.seen(Reacted)] == ["👍", "🎉", ""]


@pytest.mark.parametrize(
    ("time", "seconds"), [("30", 30), ("5m", 300), ("1D", 86_400), ("off", 0), ("0", 0)]
)
def test_a_timer(world, alice, bob, time, seconds):
    type_in(world, alice, f"@timer {time}")
    (timer,) = alice.seen(TimerSet)
    assert timer.seconds == seconds
    assert [each.seconds for each in bob.seen(TimerSet)] == ([seconds] if seconds else [])


@pytest.mark.parametrize(
    "line",
    [
        *("@me", "@reply bob", "@reply", "@edit", "@delete a b", "@react", "@react a b c"),
        *("@timer", "@timer soon", "@timer -5", "@timer 5y"),
    ],
)
def test_what_does_not_fit(world, alice, line):
    (error,) = type_in(world, alice, line)
    assert (type(error), error.code) == (Error, "usage")


@pytest.mark.parametrize("line", ["@edit x", "@react +1", "@reply 0 x", "@reply 99999999999 x"])
def test_where_nothing_was_said(world, alice, line):
    assert type_in(world, alice, line)[0].code == "no_message"
