"""What an operator does about people, with real programs: they are told, and it lasts."""

from collections.abc import Callable
from typing import Any


def run(server: Any, *words: str, code: int = 0) -> str:
    """What a command prints."""
    done = server.command(*words)
    assert done.returncode == code, done
    return str(done.stdout if code == 0 else done.stderr).strip()


def test_who_is_banned_is_told_why_and_leaves_and_does_not_come_back(
    server: Any, alice: Any, bob: Any, start_client: Callable[..., Any]
) -> None:
    assert run(server, "ban", "bob") == "bob is banned"
    assert bob.wait() == 5
    assert b"The operator of this server has banned you." in bob.errors
    assert "reconnecting" not in {event["event"] for event in bob.events}
    server.kill()
    server.restart()
    again = start_client(server.link, "bob", connected=False)
    assert again.wait() == 5
    assert b"has banned you" in again.errors
    run(server, "unban", "bob")
    start_client(server.link, "bob")


def test_who_is_muted_reads_on(server: Any, alice: Any, bob: Any) -> None:
    run(server, "mute", "bob")
    bob.expect("announcement")
    bob.say("let me speak")
    bob.expect_notice("The operator of this server has muted you: you can read, but not write.")
    alice.say("can you read this?")
    bob.expect("message", message="can you read this?")
    run(server, "unmute", "bob")
    bob.expect("announcement")
    bob.say("at last")
    alice.expect("message", message="at last")
    assert alice.texts() == ["at last"]


def test_nick_that_was_released_is_somebody_elses(
    server: Any, alice: Any, bob: Any, start_client: Callable[..., Any], tmp_path: Any
) -> None:
    bob.say("@alice it is me")
    alice.expect("message", message="it is me")
    alice.say("@bob hello")
    bob.expect("message", message="hello")
    run(server, "release", "bob")
    assert bob.wait() == 5
    alice.expect_notice("bob (old) is not on this server any more.")
    heir = start_client(server.link, "bob", "--data", str(tmp_path / "heir"))
    alice.expect("key-changed", nick="bob", why="other-key")
    alice.say("@bob is it you?")
    alice.expect("error", code="untrusted")
    assert "it is me" not in heir.texts()
    old = start_client(server.link, "bob", connected=False)
    assert old.wait() == 5
    assert b"has ended this account" in old.errors


def test_rooms_and_quotas(server: Any, alice: Any, bob: Any) -> None:
    assert run(server, "kick", "bob", "lobby") == "bob is out of 'lobby'"
    bob.expect_notice("The server has put you out of 'lobby'.")
    assert run(server, "kick", "bob", "lobby", code=1).endswith("bob is not in 'lobby'.")
    run(server, "quota", "alice", "--created", "0")
    alice.say("@create room den")
    alice.expect("notice", code="quota_created")
    assert run(server, "delete", "lobby") == "'lobby' is deleted"
    alice.expect_notice("The operator of the server has deleted 'lobby'.")
    assert "There is no room 'lobby'" in run(server, "delete", "lobby", code=1)


def test_invites_are_shown_when_asked_for_and_can_be_revoked(
    start_server: Callable[..., Any], start_client: Callable[..., Any]
) -> None:
    server = start_server("--access", "invite")
    first = server.link
    link, uses, end = run(server, "invites").split("\t")
    assert (link, uses, end[-1]) == (first, "100", "Z")
    start_client(first, "alice")
    server.stop()
    server.restart()
    assert server.link == first.rpartition(".")[0]
    assert run(server, "revoke", first) == "revoked"
    assert run(server, "invites") == ""
    late = start_client(first, "bob", connected=False)
    assert late.wait() == 5
    assert run(server, "revoke", first, code=1)
    (row,) = run(server, "users").splitlines()
    assert row.split("\t")[:4] == ["alice", "member", "normal", "connected"]
    log = server.stderr_text()
    assert "a command of the operator command='revoke' done=True" in log
    assert first.rpartition(".")[2] not in log
