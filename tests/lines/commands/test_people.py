from geventim.client.events import (
    Acquaintance,
    Error,
    Names,
    Notice,
    SafetyNumber,
    Speaker,
    Trusted,
)


def type_in(world, person, *lines):
    """Type lines, and let them take effect; what came of them."""
    person.news()
    person.say(*lines)
    world.run()
    return person.news()


def test_who_is_connected_is_told_to_programs_and_to_people(world, alice, bob):
    assert type_in(world, alice, "@names") == [
        Names(("alice", "bob")),
        Notice("Connected users: alice, bob"),
    ]


def test_who_is_in_a_room_is_told_with_what_is_held_of_them(world, alice, bob):
    assert type_in(world, alice, "@names #LOBBY") == [
        Names(("alice", "bob"), "lobby", (), alice.room().hex),
        Notice("In 'lobby' are: alice, bob (not verified)", speaker=Speaker.CLIENT),
    ]
    type_in(world, alice, "@verify bob", "@verify bob ok")
    names, notice = type_in(world, alice, "@names lobby")
    assert names.verified == ("bob",)
    assert "bob (verified)" in notice.text


def test_a_status_is_said_changed_or_none(world, alice, bob):
    assert type_in(world, alice, "@status DND", "@status", "@status asleep") == [
        Notice("Your status has been changed to 'dnd'."),
        Notice("Your current status is 'dnd'."),
        Notice(
            "Invalid status. Use '@status normal', '@status dnd', or '@status away'.",
            "invalid_status",
        ),
    ]


def test_why_somebody_is_away_is_said_and_listed(world, alice, bob):
    assert type_in(world, bob, "@status away back at five", "@status") == [
        Notice("Your status has been changed to 'away'. Who writes to you is told: back at five"),
        Notice("Your current status is 'away'. Who writes to you is told: back at five"),
    ]
    (refused,) = type_in(world, bob, f"@status away {'x' * 201}")
    assert refused.text == "Say why in 200 characters at most."
    (refused,) = type_in(world, bob, "@status dnd because")
    assert refused.text.startswith("Only somebody who is away can say why.")
    alice.say("@bob hello")
    world.advance(10)
    type_in(world, bob, "@status away back), carol (verified")
    alice.say("@bob hello")
    world.advance(10)
    _, listed, away = type_in(world, alice, "@names lobby")
    assert listed.text == "In 'lobby' are: alice, bob (not verified)"
    assert away.text == "bob is away: back), carol (verified"


def test_a_number_is_shown_and_confirmed(world, alice, bob):
    number, trusted = type_in(world, alice, "@verify @bob", "@verify bob ok")
    assert isinstance(number, SafetyNumber)
    assert isinstance(trusted, Trusted)
    (known,) = type_in(world, alice, "@whois bob")
    assert (type(known), known.standing) == (Acquaintance, "verified")


def test_who_is_ignored(world, alice, bob):
    texts = [each.text for each in type_in(world, alice, "@ignore", "@ignore bob", "@ignore")]
    assert texts == [
        "Ignored: nobody",
        "You hear nothing of bob any more. '@unignore bob' ends that.",
        "Ignored: bob",
    ]
    assert [each.text for each in type_in(world, alice, "@unignore bob")] == [
        "You hear of bob again."
    ]


def test_what_does_not_fit(world, alice):
    for line in ("@whois", "@trust a b", "@verify", "@unignore", "@ignore a b"):
        (error,) = type_in(world, alice, line)
        assert (type(error), error.code) == (Error, "usage"), line
