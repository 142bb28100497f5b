from geventim.client.events import Error, Message
from geventim.lines.commands.history import USUAL


def type_in(world, person, *lines):
    """Type lines, and let them take effect; what came of them."""
    person.news()
    person.say(*lines)
    world.run()
    return person.news()


def test_what_was_written_is_told_again(world, alice, bob):
    type_in(world, bob, "one", "two")
    for line, count in (("@history", 2), ("@history 1", 1), ("@history 5 #lobby", 2)):
        told = type_in(world, alice, line)
        assert [(type(each), each.history) for each in told] == [(Message, True)] * count
    told = type_in(world, alice, "@search TWO")
    (found,) = [each for each in told if isinstance(each, Message)]
    assert (found.conversation, found.nick, found.message) == ("lobby", "bob", "two")


def test_nobody_who_says_no_number_gets_everything(world, alice):
    type_in(world, alice, *map(str, range(USUAL + 5)))
    world.advance()
    assert len(type_in(world, alice, "@history")) == USUAL


def test_nothing_to_tell_is_said(world, alice, bob):
    (none,) = type_in(world, alice, "@history bob")
    assert (none.code, none.text) == ("no_history", "There is no history of 'bob' here.")
    assert [each.code for each in type_in(world, alice, "@search needle")] == ["not_found"]


def test_what_does_not_fit(world, alice):
    for line in ("@history a b c", "@history a b", "@search"):
        (error,) = type_in(world, alice, line)
        assert (type(error), error.code) == (Error, "usage"), line
