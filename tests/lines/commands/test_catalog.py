import pytest

from geventim.chat import names
from geventim.client.events import Error
from geventim.lines.commands.catalog import COMMANDS, GROUP_COMMANDS, SECTIONS
from geventim.lines.line_mode import LineMode


def type_in(world, person, *lines):
    """Type lines, and let them take effect; what came of them."""
    person.news()
    person.say(*lines)
    world.run()
    return person.news()


@pytest.mark.parametrize(
    ("line", "usage"),
    [
        ("@secret", COMMANDS["secret"].usage),
        ("@secret bob", COMMANDS["secret"].usage),
        ("@secret bob key", COMMANDS["secret"].usage),
        ("@open", COMMANDS["open"].usage),
        ("@open three", COMMANDS["open"].usage),
        ("@open ³ key", COMMANDS["open"].usage),
        ("@open -1 key", COMMANDS["open"].usage),
        ("@open " + "9" * 5000, COMMANDS["open"].usage),
        ("@join", COMMANDS["join"].usage),
    ],
)
def test_a_line_that_does_not_fit_says_how_it_would(world, alice, line, usage):
    before = len(alice.asked)
    assert type_in(world, alice, line) == [Error("usage", f"Usage: {usage}")]
    assert len(alice.asked) == before


def test_help_names_everything(world, alice):
    shown = [event.text for event in type_in(world, alice, "@help")]
    for command in (*COMMANDS.values(), *GROUP_COMMANDS.values()):
        if command.name != "group":
            assert any(text.startswith(f"{command.usage}: {command.help}") for text in shown)
    assert any(text.startswith("@@TEXT") for text in shown)
    assert any(text.startswith("@NICK TEXT") for text in shown)


@pytest.mark.parametrize("line", ["@help status", "/help @status", "@help /STATUS"])
def test_help_on_one_command(world, alice, line):
    (event,) = type_in(world, alice, line)
    assert event.text.startswith("@status")


def test_help_on_groups_is_about_all_they_do(world, alice):
    assert len(type_in(world, alice, "@help group")) == len(GROUP_COMMANDS)


def test_help_on_nothing(world, alice):
    assert [event.code for event in type_in(world, alice, "@help dance")] == ["usage"]


def test_every_command_is_a_reserved_word():
    assert set(COMMANDS) <= names.COMMANDS


def test_every_command_has_its_place_in_one_section():
    placed = " ".join(SECTIONS.values()).split()
    assert sorted(placed) == sorted(COMMANDS)


def test_a_browser_is_led_here():
    here = LineMode("alice", "lobby")
    turn = here.type("@web")
    assert (turn.browses, turn.wishes, turn.told) == (True, (), ())
    assert not here.type("hello").browses
    turn = LineMode("alice", "lobby").type("/web now")
    assert not turn.browses
    assert [event.text for event in turn.told] == ["Usage: @web"]


def texts_of(world, person, *lines):
    """What is said of typed lines."""
    return [each.text for each in type_in(world, person, *lines)]


def test_settings_are_shown_and_changed(world, alice):
    assert texts_of(world, alice, "@settings") == [
        "receipts: on (others are told how far you have read)",
        "pictures: on (small pictures are fetched by themselves)",
        "highlights: none",
    ]
    texts = texts_of(
        world, alice, "@settings receipts off", "@settings highlights lunch, good coffee"
    )
    assert texts == [
        "receipts: off (others are told how far you have read)",
        "highlights: lunch, good coffee",
    ]
    values = alice.agent.context.user.preferences.values
    assert (values.receipts, values.pictures) == (False, True)
    assert values.highlights == ("lunch", "good coffee")
    assert texts_of(world, alice, "@settings highlights")[-1] == "highlights: none"


@pytest.mark.parametrize("line", ["receipts", "receipts maybe", "colour red", "place #lobby"])
def test_what_makes_no_sense_changes_nothing(world, alice, line):
    (text,) = texts_of(world, alice, f"@settings {line}")
    assert text.startswith("Usage: @settings")
