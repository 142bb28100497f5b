"""Rooms, keyed and open, through real processes."""

from typing import Any


def key_of(person: Any) -> str:
    """The key that is shown next."""
    text: str = person.expect("notice", code="new_key")["text"]
    return text.partition(": ")[2]


def test_rooms_are_joined_listed_and_left(alice: Any, bob: Any) -> None:
    alice.say("@create room den")
    alice.expect_notice("You are in room 'den'.")
    bob.say("@join den", "hello den")
    alice.expect("members", conversation="den", added=["bob"])
    alice.expect("message", conversation="den", message="hello den")
    alice.say("@rooms")
    alice.expect_notice("Rooms: den (here), lobby")
    alice.say("@leave den", "@join lobby", "back in the lobby")
    alice.sees("notice", text="You left room 'den'.")
    bob.expect("message", conversation="lobby", message="back in the lobby")
    bob.say("alone in the den")
    bob.expect("sent", message="alone in the den")
    alice.settle()
    assert "alone in the den" not in alice.texts()


def test_a_keyed_room_lets_in_who_has_its_key(alice: Any, bob: Any, server: Any) -> None:
    alice.say("@newkey vault")
    key = key_of(alice)
    bob.say("@join vault")
    bob.expect("error", code="no_key")
    bob.say("@join vault a wrong key")
    bob.expect("error", code="wrong_key")
    bob.say(f"@join vault {key}", "hello vault")
    alice.expect("message", conversation="vault", message="hello vault")
    alice.say("@newkey")
    new = key_of(alice)
    assert key_of(bob) == new
    alice.say("under the new key")
    bob.expect("message", conversation="vault", message="under the new key")
    server.stop()
    stored = b"".join(path.read_bytes() for path in server.data.rglob("*") if path.is_file())
    for text in (key, new, key.replace(" ", ""), "hello vault"):
        assert text.encode() not in stored


def test_what_is_not_stopped_needs_no_rejoin(alice: Any) -> None:
    alice.say("@rejoin lobby")
    alice.expect("error", code="in_order")
