"""FEATURES B: the two-party messenger."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


def test_b1_the_server_prints_its_address(server: Any) -> None:
    host, _, port = server.address.rpartition(":")
    assert host == "127.0.0.1"
    assert 0 < int(port) < 65536
    assert server.link == f"eim://{server.address}/#{server.key}"


def test_b2_joins_and_leaves_are_announced_to_everyone_else(
    alice: Any, bob: Any, carol: Any
) -> None:
    carol.say("@quit")
    assert carol.wait() == 0
    alice.expect("left", nick="carol", reason="quit")
    bob.expect("left", nick="carol", reason="quit")
    assert not [event for event in bob.events if event == {"event": "joined", "nick": "bob"}]


def test_b4_a_message_to_one_reaches_that_one_alone(alice: Any, bob: Any, carol: Any) -> None:
    alice.say("@bob for your eyes only")
    event = bob.expect("message", nick="alice", message="for your eyes only")
    assert event["kind"] == "private"
    assert event["conversation"] == "alice"
    alice.expect("sent", conversation="bob", message="for your eyes only")
    alice.say("for everyone")
    carol.expect("message", message="for everyone")
    assert carol.texts() == ["for everyone"]


def test_b5_the_list_of_connected_follows_who_is_there(alice: Any, bob: Any) -> None:
    alice.say("@names")
    assert alice.expect("names")["names"] == ["alice", "bob"]
    bob.say("@quit")
    assert bob.wait() == 0
    alice.expect("left", nick="bob")
    alice.say("@names")
    assert alice.expect("names")["names"] == ["alice"]


def test_b6_an_operator_announces_to_everyone(alice: Any, bob: Any, server: Any) -> None:
    done = server.command("announce", "back at noon")
    assert done.returncode == 0
    alice.expect("announcement", text="back at noon")
    bob.expect("announcement", text="back at noon")


def test_b8_ctrl_c_leaves_cleanly_on_both_sides(alice: Any, bob: Any, server: Any) -> None:
    assert bob.interrupt() == 0
    alice.expect("left", nick="bob", reason="quit")
    assert server.stop() == 0


def test_b8_a_lost_connection_is_told_apart(alice: Any, bob: Any) -> None:
    bob.kill()
    assert alice.expect("left", nick="bob")["reason"] == "lost"


def test_administration_without_a_server_says_so(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "bin" / "eim-server"), "users", "--data", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 3
    assert "No server is running" in done.stderr or "no server" in done.stderr.lower()


@pytest.mark.parametrize("words", [["--port", "x"], ["--access", "all"], ["--nonsense"]])
def test_bad_usage_exits_2(words: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "bin" / "eim-server"), *words],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr


def test_users_are_listed(alice: Any, server: Any, start_client: Callable[..., Any]) -> None:
    dave = start_client(server.link, "dave")
    dave.say("@quit")
    assert dave.wait() == 0
    assert server.command("operator", "alice").returncode == 0
    rows = [line.split("\t") for line in server.command("users").stdout.splitlines()]
    assert [row[:4] for row in rows] == [
        ["alice", "operator", "normal", "connected"],
        ["dave", "member", "normal", "offline"],
    ]
