"""What was written, shown again."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pexpect

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 20 * float(os.environ.get("EIM_PATIENCE", "1"))


def test_history_and_search_outlive_the_program(
    server: Any, alice: Any, bob: Any, start_client: Callable[..., Any]
) -> None:
    alice.say("the cat sat", "the dog ran")
    bob.expect("message", message="the dog ran")
    bob.say("@alice a cat in private")
    alice.expect("message", message="a cat in private")
    bob.say("@secret alice opensesame the cat is a secret")
    number = alice.expect("secret")["id"]
    alice.say(f"@open {number} opensesame")
    alice.expect("message", kind="secret")
    assert alice.leave() == 0

    again = start_client(server.link, "alice")
    again.settle()
    assert again.texts() == []
    again.say("@history", "@names")
    again.expect("names")
    told = [event for event in again.events if event["event"] == "message"]
    assert all(event["history"] for event in told)
    assert [(event["conversation"], event["nick"], event["message"]) for event in told] == [
        ("lobby", "alice", "the cat sat"),
        ("lobby", "alice", "the dog ran"),
        ("bob", "bob", "a cat in private"),
    ]
    again.say("@search CAT")
    again.expect("message", message="the cat sat", history=True)
    again.expect("message", message="a cat in private", history=True)
    again.say("@history 1 lobby")
    again.expect("message", message="the dog ran", history=True)
    again.say("@history 5 nowhere")
    again.expect("notice", code="no_history")
    again.say("@search mouse")
    again.expect("notice", code="not_found")


def test_the_last_lines_are_shown_again_on_a_terminal(
    server: Any, alice: Any, open_terminal: Callable[..., Any]
) -> None:
    bob = open_terminal(server.link, "--nick", "bob")
    bob.expect("connected")
    alice.expect("joined", nick="bob")
    alice.say("remember this")
    bob.expect("alice: remember this")
    bob.sendline("@alice and this")
    alice.expect("message", message="and this")
    bob.sendline("@verify alice")
    bob.expect(r"Safety number with alice: (\d{5} ){12}Compare")
    bob.expect("▄▄▄▄▄")
    bob.sendline("@verify alice ok")
    bob.expect("alice is verified")
    alice.say("with a mark")
    bob.expect("alice✓: with a mark")
    bob.sendline("@quit")
    bob.expect(pexpect.EOF)

    again = open_terminal(server.link, "--nick", "bob")
    again.expect("alice: remember this")
    again.expect(r"\[Private to alice\]: and this")
    again.expect("alice✓: with a mark")
    again.expect("connected")
    again.sendline("@quit")
    again.expect(pexpect.EOF)

    plain = open_terminal(server.link, "--nick", "bob", "--plain")
    plain.expect("connected")
    assert "remember" not in plain.before
