import pytest

from geventim.client.events import Error
from geventim.lines.commands.groups import GROUP_COMMANDS


def type_in(world, person, line):
    """Type a line, and let it take effect; what came of it."""
    person.news()
    person.say(line)
    world.run()
    return person.news()


@pytest.mark.parametrize(
    ("line", "usage"),
    [
        ("@group set", GROUP_COMMANDS["set"].usage),
        ("@group set g", GROUP_COMMANDS["set"].usage),
        ("@group set g ,,", GROUP_COMMANDS["set"].usage),
        ("@group send g", GROUP_COMMANDS["send"].usage),
        ("@group add g", GROUP_COMMANDS["add"].usage),
        ("@group remove g ,", GROUP_COMMANDS["remove"].usage),
        ("@group leave", GROUP_COMMANDS["leave"].usage),
        ("@group leave g now", GROUP_COMMANDS["leave"].usage),
        ("@group delete", GROUP_COMMANDS["delete"].usage),
        ("@group delete g now", GROUP_COMMANDS["delete"].usage),
    ],
)
def test_a_line_that_does_not_fit_says_how_it_would(world, alice, line, usage):
    before = len(alice.asked)
    assert type_in(world, alice, line) == [Error("usage", f"Usage: {usage}")]
    assert len(alice.asked) == before


@pytest.mark.parametrize(
    ("line", "meant"), [("@group", None), ("@group dance g", None), ("@group sned g hi", "send")]
)
def test_what_groups_do_not_do_names_what_they_do(world, alice, line, meant):
    (event,) = type_in(world, alice, line)
    assert (type(event), event.code) == (Error, "usage")
    assert all(f"'{action}'" in event.text for action in GROUP_COMMANDS)
    if meant:
        assert GROUP_COMMANDS[meant].usage in event.text


@pytest.mark.parametrize("line", ["@group set team bob", "/GROUP  Set team , bob bob,"])
def test_people_are_parted_by_commas_or_spaces(world, alice, bob, line):
    type_in(world, alice, line)
    world.advance()
    assert "Group team created with members alice, bob." in alice.notices()
