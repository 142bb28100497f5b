import pytest


def type_in(world, person, *lines):
    """Type lines, and let them take effect; what is said of them."""
    person.news()
    person.say(*lines)
    world.run()
    return [each.text for each in person.news()]


def test_settings_are_shown_and_changed(world, alice):
    assert type_in(world, alice, "@settings") == [
        "receipts: on (others are told how far you have read)",
        "pictures: on (small pictures are fetched by themselves)",
        "highlights: none",
    ]
    texts = type_in(
        world, alice, "@settings receipts off", "@settings highlights lunch, good coffee"
    )
    assert texts == [
        "receipts: off (others are told how far you have read)",
        "highlights: lunch, good coffee",
    ]
    values = alice.agent.context.user.preferences.values
    assert (values.receipts, values.pictures) == (False, True)
    assert values.highlights == ("lunch", "good coffee")
    assert type_in(world, alice, "@settings highlights")[-1] == "highlights: none"


@pytest.mark.parametrize("line", ["receipts", "receipts maybe", "colour red", "place #lobby"])
def test_what_makes_no_sense_changes_nothing(world, alice, line):
    (text,) = type_in(world, alice, f"@settings {line}")
    assert text.startswith("Usage: @settings")


def test_a_conversation_is_muted_and_calls_again(world, alice):
    assert type_in(world, alice, "@mute") == [
        "What is written in 'lobby' does not call you any more."
    ]
    assert alice.room().bookmark.is_muted
    assert type_in(world, alice, "@unmute #lobby") == [
        "What is written in 'lobby' calls you again."
    ]
    assert not alice.room().bookmark.is_muted
    (text,) = type_in(world, alice, "@mute nowhere")
    assert text == "You are in no conversation called 'nowhere'."
