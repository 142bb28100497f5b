"""FEATURES D: every command, with its replies."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


def test_d1_names_are_unique(
    alice: Any, server: Any, start_client: Callable[..., Any], tmp_path: Path
) -> None:
    elsewhere = str(tmp_path / "elsewhere")
    for nick in ("alice", "Alice", "aIice"):
        other = start_client(server.link, nick, "--data", elsewhere, connected=False)
        assert other.wait() == 5
        assert b"belongs to someone else" in other.errors


def test_d3_quit_is_told_apart_from_a_lost_connection(alice: Any, bob: Any, carol: Any) -> None:
    bob.say("/quit")
    assert bob.wait() == 0
    assert alice.expect("left", nick="bob")["reason"] == "quit"
    carol.kill()
    assert alice.expect("left", nick="carol")["reason"] == "lost"


@pytest.mark.parametrize("sign", ["@", "/"])
def test_d4_names(alice: Any, bob: Any, sign: str) -> None:
    alice.say(f"{sign}names")
    alice.sees("notice", text="Connected users: alice, bob")
    alice.sees("names", names=["alice", "bob"])


def test_d5_private_messages(alice: Any, bob: Any, carol: Any) -> None:
    alice.say("@bob hello", "/bob and again", "@nobody hello")
    bob.expect("message", kind="private", nick="alice", message="hello")
    bob.expect("message", kind="private", nick="alice", message="and again")
    alice.expect_notice("User 'nobody' not found.")
    carol.settle()
    assert carol.texts() == []


def test_d6_and_d7_status(alice: Any, bob: Any) -> None:
    alice.say("@status")
    alice.expect_notice("Your current status is 'normal'.")
    alice.say("@status dnd")
    alice.expect_notice("Your status has been changed to 'dnd'.")
    bob.sees("status", nick="alice", status="dnd")
    bob.sees("notice", text="alice is now 'dnd'.")
    alice.say("@status")
    alice.expect_notice("Your current status is 'dnd'.")
    alice.say("@status busy")
    alice.expect_notice("Invalid status. Use '@status normal', '@status dnd', or '@status away'.")


def test_d8_nothing_is_delivered_to_somebody_who_is_not_to_be_disturbed(
    alice: Any, bob: Any
) -> None:
    alice.say("@status dnd")
    bob.expect("status", nick="alice")
    refusal = "alice is in 'Do Not Disturb' mode and will not receive messages."
    bob.say("@alice are you there?")
    bob.expect_notice(refusal)
    bob.say("@secret alice key text")
    bob.expect_notice(refusal)
    alice.say("@status normal")
    bob.expect("status", nick="alice", status="normal")
    bob.say("@alice now?")
    alice.expect("message", message="now?")
    assert alice.texts() == ["now?"]
    assert not [event for event in alice.events if event["event"] == "secret"]


def test_d9_a_message_to_somebody_away_is_delivered(alice: Any, bob: Any) -> None:
    alice.say("@status away")
    bob.expect("status", nick="alice")
    bob.say("@alice later")
    bob.expect_notice("alice is 'Away' and may not respond.")
    alice.expect("message", message="later")


def test_d10_secrets(alice: Any, bob: Any) -> None:
    alice.say("@secret bob sesame the treasure is under the oak")
    secret = bob.expect("secret", nick="alice")
    number = secret["id"]
    bob.say(f"@open {number} wrong")
    bob.expect("error", code="wrong_key")
    bob.say(f"@open {number} sesame")
    opened = bob.expect("message", kind="secret", nick="alice")
    assert opened["message"] == "the treasure is under the oak"
    alice.say("@secret alice sesame talking to myself")
    assert alice.expect("error")["text"]


def test_d11_to_d14_groups(alice: Any, bob: Any, carol: Any) -> None:
    alice.say("@group set team bob")
    alice.sees("group", action="created", group="team", nick="alice")
    alice.sees("notice", text="Group team created with members alice, bob.")
    bob.sees("group", action="added", group="team", nick="alice")
    bob.sees("notice", text="You have been added to group 'team' by alice.")

    alice.say("@group set team carol")
    alice.expect_notice("Group name already exists.")
    alice.say("@group set other bob,nobody")
    assert "nobody" in alice.expect("notice")["text"]

    alice.say("@group send team lunch?")
    event = bob.expect("message", kind="group", message="lunch?")
    assert event["conversation"] == "team"
    carol.say("@group send team let me in")
    carol.expect_notice("You are not a member of group team.")
    carol.say("@group send nothing hello")
    carol.expect_notice("You are not a member of group nothing.")

    bob.say("@group delete team")
    assert "creator" in bob.expect("notice")["text"]
    bob.say("@group leave team")
    bob.expect_notice("You left group team.")
    alice.expect("group", action="left", group="team", nick="bob")
    alice.say("@group send team anyone?")
    alice.expect("sent", message="anyone?")
    alice.say("@group delete team")
    alice.expect_notice("Group team has been deleted.")
    alice.say("@group send team anyone?")
    alice.expect_notice("Group 'team' does not exist.")
    assert bob.texts() == ["lunch?"]
    assert "let me in" not in alice.texts()


def test_d14_members_are_told_that_their_group_was_deleted(alice: Any, bob: Any) -> None:
    alice.say("@group set team bob")
    bob.expect("group", action="added", group="team")
    alice.say("@group delete team")
    bob.sees("group", action="deleted", group="team")
    bob.sees("notice", text="Group team has been deleted.")


@pytest.mark.parametrize(
    ("line", "hint"),
    [("@nmaes", "names"), ("@statu dnd", "status"), ("/secrt bob k t", "secret")],
)
def test_d15_a_mistyped_command_is_never_sent(alice: Any, bob: Any, line: str, hint: str) -> None:
    alice.say(line)
    assert hint in alice.expect("error")["text"]
    alice.say("marker")
    bob.expect("message", message="marker")
    assert bob.texts() == ["marker"]


def test_d15_an_unknown_group_action_names_the_four(alice: Any) -> None:
    alice.say("@group rename team crew")
    text = alice.expect("error")["text"]
    assert all(action in text for action in ("set", "send", "leave", "delete"))
