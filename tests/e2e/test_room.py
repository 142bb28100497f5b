"""FEATURES C: the chat room."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent


def test_c1_the_default_address_is_port_5555_of_this_machine() -> None:
    for program in ("eim-server", "eim-client"):
        done = subprocess.run(
            [sys.executable, str(ROOT / "bin" / program), "--help"],
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        )
        assert "5555" in done.stdout


def test_c1_without_a_terminal_a_nick_must_be_given(environment: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "bin" / "eim-client")],
        input=b"",
        capture_output=True,
        timeout=30,
        env=environment,
        check=False,
    )
    assert done.returncode == 2
    assert b"--nick" in done.stderr


def test_c2_many_clients_at_once(server: Any, start_client: Callable[..., Any]) -> None:
    people = [start_client(server.link, f"user{number}x") for number in range(8)]
    for person in people:
        person.settle()
    people[0].say("to you all")
    for person in people[1:]:
        person.expect("message", message="to you all")
    assert people[0].texts() == []


def test_c3_every_server_and_client_makes_its_own_keys(
    start_server: Callable[..., Any], start_client: Callable[..., Any], environment: dict[str, str]
) -> None:
    servers = [start_server(), start_server()]
    assert servers[0].key != servers[1].key
    for server in servers:
        start_client(server.link, "alice").leave()
    vaults = [path for path in Path(environment["EIM_DATA"]).rglob("*") if path.is_file()]
    contents = [path.read_bytes() for path in vaults if "key" in path.name]
    assert len(contents) == len(set(contents)) > 1
    assert all(path.stat().st_mode & 0o077 == 0 for path in vaults)


def test_c3_no_key_stands_in_the_source() -> None:
    key_text = re.compile(r"[\"'][a-z2-7]{52}[\"']|[\"'][0-9a-f]{64}[\"']")
    for path in [*ROOT.glob("geventim/**/*.py"), *ROOT.glob("bin/*")]:
        assert not key_text.search(path.read_text(encoding="utf-8")), path


def test_c4_a_message_waits_for_somebody_who_is_away(
    alice: Any, bob: Any, server: Any, start_client: Callable[..., Any]
) -> None:
    bob.say("@quit")
    assert bob.wait() == 0
    alice.expect("left", nick="bob")
    alice.say("@bob for when you are back", "and this for the room")
    assert "bob is not connected" in alice.expect("notice")["text"]
    alice.expect("sent", message="and this for the room")
    again = start_client(server.link, "bob")
    again.sees("message", kind="private", nick="alice", message="for when you are back")
    again.sees("message", kind="room", message="and this for the room")
    again.settle()
    assert again.leave() == 0
    third = start_client(server.link, "bob")
    third.settle()
    assert third.texts() == []


def test_c4_a_newcomer_sees_what_follows_its_join(
    alice: Any, server: Any, start_client: Callable[..., Any]
) -> None:
    alice.say("before your time")
    alice.expect("sent", message="before your time")
    bob = start_client(server.link, "bob")
    alice.say("welcome")
    bob.expect("message", message="welcome")
    assert bob.texts() == ["welcome"]


def test_c4_accounts_are_kept_by_key(
    alice: Any, server: Any, start_client: Callable[..., Any], tmp_path: Path
) -> None:
    """Nobody takes a departed user's name (F13), and its owner comes back without a password."""
    assert alice.leave() == 0
    thief = start_client(server.link, "alice", "--data", str(tmp_path / "thief"), connected=False)
    assert thief.wait() == 5
    assert start_client(server.link, "alice").leave() == 0


def test_rooms_are_apart(server: Any, start_client: Callable[..., Any]) -> None:
    alice = start_client(server.link, "alice", "--room", "den")
    bob = start_client(server.link, "bob", "--room", "den")
    carol = start_client(server.link, "carol")
    alice.say("in the den")
    assert bob.expect("message", message="in the den")["conversation"] == "den"
    carol.settle()
    assert carol.texts() == []


def test_the_environment_moves_all_state(environment: dict[str, str]) -> None:
    assert not Path(environment["EIM_DATA"]).exists()
    done = subprocess.run(
        [sys.executable, str(ROOT / "bin" / "eim-client"), "127.0.0.1:1", "--nick", "alice"],
        input=b"",
        capture_output=True,
        timeout=30,
        env={**environment, "HOME": os.devnull},
        check=False,
    )
    assert done.returncode == 3
    assert b"127.0.0.1:1" in done.stderr
