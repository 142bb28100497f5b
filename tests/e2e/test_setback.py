"""A server that was put back to an older backup, or has lost everything but its key."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def server(start_server: Callable[..., Any]) -> Any:
    return start_server("--access", "invite")


def invite(server: Any) -> str:
    return str(server.command("invite", "--uses", "5").stdout.split()[0])


def test_everybody_goes_on_after_an_older_backup(
    server: Any, start_client: Callable[..., Any], tmp_path: Path
) -> None:
    link = invite(server)
    alice = start_client(link, "alice")
    bob = start_client(link, "bob")
    alice.expect("joined", nick="bob")
    alice.say("@group set team bob", "#team before", "@bob before", "before")
    bob.expect("message", message="before", conversation="lobby")
    older = tmp_path / "older"
    assert server.command("backup", str(older)).returncode == 0
    carol = start_client(link, "carol")
    alice.expect("joined", nick="carol")
    alice.say("#team since", "@bob since", "since")
    bob.expect("message", message="since", conversation="lobby")
    carol.expect("message", message="since")

    server.kill()
    server.data.rename(tmp_path / "broken")
    assert server.command("restore", str(older)).returncode == 0
    server.restart()
    for person in (alice, bob):
        told = person.expect("error")
        assert (told["code"], "'@rejoin all'" in told["text"]) == ("gone_back", True)
        person.expect("connected")
    carol.expect("connected")
    for person in (alice, bob, carol):
        person.say("@rejoin all")
    for person in (alice, bob):
        for _ in ("lobby", "team", "the other"):
            person.expect("notice", code="rejoined")
    carol.expect("notice", code="rejoined")
    alice.say("#team again", "@bob again", "again")
    for name in ("team", "alice", "lobby"):
        bob.sees("message", message="again", conversation=name)
    carol.expect("message", message="again")
    carol.say("here I am")
    alice.expect("message", message="here I am")
    bob.expect("message", message="here I am")


def test_a_server_that_has_lost_everything_but_its_key_is_begun_anew(
    server: Any, start_client: Callable[..., Any]
) -> None:
    link = invite(server)
    alice = start_client(link, "alice")
    bob = start_client(link, "bob")
    alice.expect("joined", nick="bob")
    alice.say("@bob before", "before")
    bob.expect("message", message="before", conversation="lobby")
    assert server.stop() == 0
    for path in (server.data / "server").glob("log.sqlite*"):
        path.unlink()
    server.restart()
    for person in (alice, bob):
        assert "Ask its operator for an invite link" in person.expect("error")["text"]
        assert person.wait() == 5

    link = invite(server)
    people = [start_client(link, nick, connected=False) for nick in ("alice", "bob")]
    for person in people:
        person.expect("error", code="gone_back")
        person.expect("connected")
    for person in people:
        person.say("@rejoin all")
    for person in people:
        for _ in ("lobby", "the other"):
            person.expect("notice", code="rejoined")
    alice, bob = people
    alice.say("@bob again", "again")
    for name in ("alice", "lobby"):
        bob.sees("message", message="again", conversation=name)
