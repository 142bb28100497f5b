"""FEATURES E, and access: what travels, how it is shown, and who gets in."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.e2e.relay import Relay

TRACE = re.compile(rb"^(in|out) +(preamble|handshake|frames|close) +\d+ [0-9a-f]{2,64}(\.\.\.)?$")


def test_a2_nothing_of_a_session_can_be_read_on_the_wire(
    server: Any, relay: Relay, start_client: Callable[..., Any]
) -> None:
    link = server.link.replace(server.address, relay.address)
    alexandra = start_client(link, "alexandra")
    benjamin = start_client(link, "benjamin")
    alexandra.say(
        "the quick brown fox",
        "@benjamin jumps over",
        "@secret benjamin opensesame the lazy dog",
        "@group set conspirators benjamin",
        "@group send conspirators at midnight",
        "@status away",
    )
    secret = benjamin.sees("secret")
    benjamin.say(f"@open {secret['id']} opensesame")
    benjamin.sees("message", message="the quick brown fox")
    benjamin.sees("message", message="jumps over")
    benjamin.sees("message", message="the lazy dog")
    benjamin.sees("message", message="at midnight")
    alexandra.leave()
    benjamin.leave()
    captured = b"".join(relay.flows)
    assert len(captured) > 4000
    for text in (
        "alexandra",
        "benjamin",
        "the quick brown fox",
        "jumps over",
        "the lazy dog",
        "at midnight",
        "opensesame",
        "conspirators",
        '"nick":',
        "lobby",
    ):
        assert text.encode() not in captured


def test_e2_the_trace_shows_records_and_nothing_else(
    start_server: Callable[..., Any], start_client: Callable[..., Any]
) -> None:
    server = start_server("--trace", "--log-level", "error")
    alice = start_client(server.link, "alice", "--trace")
    alice.say("a text that nobody traces")
    alice.expect("sent")
    assert alice.leave() == 0
    server.stop()
    for trace in (bytes(alice.errors), server.stderr_text().encode()):
        lines = trace.splitlines()
        assert len(lines) > 8
        assert all(TRACE.match(line) for line in lines), lines
        assert b"nobody traces" not in trace
    kinds = {line.split()[1] for line in bytes(alice.errors).splitlines()}
    assert kinds == {b"preamble", b"handshake", b"frames", b"close"}


def test_e5_ipv6(start_server: Callable[..., Any], start_client: Callable[..., Any]) -> None:
    server = start_server("--host", "::1")
    assert server.address.startswith("[::1]:")
    alice = start_client(server.link, "alice")
    bob = start_client(server.address, "bob")
    alice.say("over six")
    bob.expect("message", message="over six")


def test_links_name_the_public_address(start_server: Callable[..., Any]) -> None:
    server = start_server("--host", "0.0.0.0", "--public", "chat.example.org:7000")
    assert server.link.startswith("eim://chat.example.org:7000/#")
    assert "." in server.link.partition("#")[2], "a server that others reach asks for an invite"


def test_an_invite_lets_in_as_many_as_it_says(
    start_server: Callable[..., Any], start_client: Callable[..., Any]
) -> None:
    server = start_server("--access", "invite")
    key, _, code = server.link.partition("#")[2].partition(".")
    assert key == server.key
    assert code
    alice = start_client(server.link, "alice")
    stranger = start_client(f"eim://{server.address}/#{server.key}", "bob", connected=False)
    assert stranger.wait() == 5
    link = server.command("invite", "--uses", "1").stdout.strip()
    assert start_client(link, "bob").leave() == 0
    late = start_client(link, "carol", connected=False)
    assert late.wait() == 5
    assert b"invite" in late.errors
    assert alice.leave() == 0
    assert start_client(server.address, "alice").leave() == 0, "a known account needs no code"


def test_an_allowlist_lets_in_who_is_on_it(
    start_server: Callable[..., Any], start_client: Callable[..., Any]
) -> None:
    server = start_server("--access", "allowlist")
    assert start_client(server.link, "alice", connected=False).wait() == 5
    assert server.command("allow", "alice").returncode == 0
    assert start_client(server.link, "alice").leave() == 0


def test_an_access_key_keeps_out_who_does_not_hold_it(
    start_server: Callable[..., Any], start_client: Callable[..., Any], tmp_path: Path
) -> None:
    key_file = tmp_path / "access"
    server = start_server("--access-key-file", str(key_file))
    assert key_file.stat().st_mode & 0o777 == 0o600
    holder = start_client(server.link, "alice", "--access-key-file", str(key_file))
    assert holder.leave() == 0
    without = start_client(server.link, "bob", connected=False)
    assert without.wait() == 5
    assert b"access key" in without.errors
    wrong = tmp_path / "wrong"
    wrong.write_text("a" * 26 + "\n")
    other = start_client(server.link, "bob", "--access-key-file", str(wrong), connected=False)
    assert other.wait() == 5
    assert b"access key" in other.errors


def test_a_changed_server_key_stops_the_client(
    start_server: Callable[..., Any], start_client: Callable[..., Any]
) -> None:
    first = start_server()
    assert start_client(first.address, "alice").leave() == 0
    first.stop()
    second = start_server("--port", str(first.port))
    stopped = start_client(second.address, "alice", connected=False)
    assert stopped.wait() == 4
    assert b"key" in stopped.errors
    mistaken = start_client(f"eim://{second.address}/#{first.key}", "alice", connected=False)
    assert mistaken.wait() == 4
