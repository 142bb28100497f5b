"""Who somebody is: numbers that people compare, keys that change, members that come."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any


def verify(person: Any, nick: str) -> str:
    """Compare the number with ``nick``, who is trusted then; the number."""
    person.say(f"@verify {nick}")
    number: str = person.expect("safety-number", nick=nick)["number"]
    person.say(f"@verify {nick} ok")
    person.expect("trusted", nick=nick, standing="verified")
    return number


def test_two_people_compare_their_number(
    server: Any, alice: Any, bob: Any, start_client: Callable[..., Any]
) -> None:
    joined = alice.sees("members", added=["bob"])
    assert (joined["conversation"], joined["by"], joined["verified"]) == ("lobby", "bob", [])
    bob.say("before")
    assert alice.expect("message", message="before")["verified"] is False
    number = verify(alice, "bob")
    assert len(number) == 60
    bob.say("@verify alice")
    assert bob.expect("safety-number", nick="alice")["number"] == number
    bob.say("after")
    assert alice.expect("message", message="after")["verified"] is True
    bob.say("@alice alone")
    assert alice.expect("message", message="alone", kind="private")["verified"] is True
    alice.say("hello")
    assert bob.expect("message", message="hello")["verified"] is False

    # It is remembered, and says so when somebody comes again.
    assert alice.leave() == 0
    again = start_client(server.link, "alice")
    again.say("@whois bob")
    known = again.expect("whois", nick="bob")
    assert known["standing"] == "verified"
    assert known["conversations"] == ["lobby"]
    assert len(known["identity"]) == 52


def test_all_members_see_the_same_code(alice: Any, bob: Any, carol: Any) -> None:
    people = (alice, bob, carol)
    for person in people:
        person.settle()
        person.say("@verify room")
    codes = [person.expect("room-code", conversation="lobby") for person in people]
    assert len({(code["epoch"], code["code"]) for code in codes}) == 1
    assert codes[0]["members"] == 3
    assert len(codes[0]["code"]) == 30


def test_another_key_stops_what_is_private_until_it_is_trusted(
    server: Any,
    alice: Any,
    bob: Any,
    start_server: Callable[..., Any],
    start_client: Callable[..., Any],
    tmp_path: Path,
) -> None:
    verify(alice, "bob")
    for person in (alice, bob):
        assert person.leave() == 0
    # The operator forgets everybody, keeps the server's key, and lets somebody else be bob.
    server.stop()
    data = tmp_path / "another"
    (data / "server").mkdir(parents=True)
    shutil.copy(server.data / "server" / "key", data / "server" / "key")
    other = start_server("--port", str(server.port), data=data)
    assert other.key == server.key
    # The lobby is not gone on with unless alice says so; another room may well be new.
    alice = start_client(other.link, "alice", connected=False)
    alice.expect("error", code="lost")
    assert alice.leave() == 0
    alice = start_client(other.link, "alice", "--room", "den")
    own = ("--data", str(tmp_path / "impostor"))
    impostor = start_client(other.link, "bob", "--room", "den", *own)
    changed = alice.expect("key-changed", nick="bob", why="other-key", known="bob")
    impostor.say("it is me, bob")
    assert alice.expect("message", message="it is me, bob")["verified"] is False
    alice.say("@bob our secret")
    assert "'@trust bob'" in alice.expect("error", code="untrusted")["text"]
    alice.say("@whois bob")
    known = alice.expect("whois", nick="bob")
    assert (known["standing"], known["identity"]) == ("changed", changed["identity"])
    alice.say("to the room")
    impostor.expect("message", message="to the room")
    alice.say("@trust bob", "@bob hello again")
    assert alice.expect("trusted", nick="bob")["standing"] == "unverified"
    impostor.expect("message", message="hello again")
    assert "our secret" not in impostor.texts()
