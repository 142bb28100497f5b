"""FEATURES F, as far as a client's user meets them; the server's part is in tests/faults."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.mark.parametrize(
    "nick", ["", "a b", "[Server]", "server", "names", "a\x1b[31mb", "\u0430lice", "x" * 33, "a\nb"]
)
def test_f6_what_is_no_name_is_not_accepted(
    server: Any, start_client: Callable[..., Any], nick: str
) -> None:
    refused = start_client(server.link, nick, connected=False)
    assert refused.wait() in {2, 5}
    assert refused.errors
    assert b"Traceback" not in refused.errors
    assert not refused.events or all(event["event"] != "connected" for event in refused.events)


def test_f10_three_pasted_lines_all_arrive(alice: Any, bob: Any) -> None:
    alice.type_bytes(b"one\ntwo\r\nthree\n")
    for text in ("one", "two", "three"):
        bob.expect("message", message=text)


def test_f10_a_last_line_without_an_end_counts(alice: Any, bob: Any) -> None:
    alice.type_bytes("no newline, non-ASCII: grüße".encode())
    alice.end_input()
    bob.expect("message", message="no newline, non-ASCII: grüße")


def test_a_line_that_is_not_utf8_is_refused_and_nothing_is_lost(alice: Any, bob: Any) -> None:
    alice.type_bytes(b"\xff\xfe\nafter\n")
    alice.expect("error")
    bob.expect("message", message="after")
    assert bob.texts() == ["after"]


def test_f11_keys_and_texts_stay_out_of_arguments_and_logs(
    start_server: Callable[..., Any], start_client: Callable[..., Any], tmp_path: Path
) -> None:
    key_file = tmp_path / "access"
    server = start_server("--log-level", "debug", "--access-key-file", str(key_file))
    alice, bob = (
        start_client(server.link, nick, "--access-key-file", str(key_file))
        for nick in ("alice", "bob")
    )
    alice.say("an ordinary sentence", "@secret bob opensesame hidden treasure")
    secret = bob.expect("secret")
    bob.say(f"@open {secret['id']} opensesame")
    bob.expect("message", message="hidden treasure")
    key = key_file.read_text().strip()
    for process in (server.process, alice.process, bob.process):
        arguments = Path(f"/proc/{process.pid}/cmdline").read_bytes()
        assert key.encode() not in arguments
        assert b"opensesame" not in arguments
    alice.leave()
    bob.leave()
    server.stop()
    everything = server.stderr_text() + alice.errors.decode() + bob.errors.decode()
    for text in (key, "opensesame", "hidden treasure", "an ordinary sentence"):
        assert text not in everything


def test_f12_a_key_of_any_alphabet(alice: Any, bob: Any) -> None:
    alice.say("@secret bob Schlüssel-ключ-鍵 the text")
    secret = bob.expect("secret")
    bob.say(f"@open {secret['id']} Schlu\u0308ssel-ключ-鍵")
    bob.expect("message", kind="secret", message="the text")


def test_f13_a_new_group_of_an_old_name_inherits_nothing(alice: Any, bob: Any, carol: Any) -> None:
    alice.say("@group set team bob", "@group send team old secrets")
    bob.expect("message", message="old secrets")
    alice.say("@group delete team")
    bob.expect("group", action="deleted")
    carol.say("@group set team alice", "@group send team fresh start")
    alice.expect("message", kind="group", message="fresh start")
    bob.say("@group send team let me back in")
    bob.expect_notice("Group 'team' does not exist.")
    bob.settle()
    assert bob.texts() == ["old secrets"]
    assert "let me back in" not in alice.texts() + carol.texts()


def test_f14_a_message_over_the_limit_is_one_error(alice: Any, bob: Any) -> None:
    alice.say("x" * 300_000, "still here")
    alice.expect("error", code="too_large")
    bob.expect("message", message="still here")
    assert bob.texts() == ["still here"]
    assert [event["event"] for event in alice.events].count("error") == 1


def test_f16_an_arriving_secret_never_takes_a_line(alice: Any, bob: Any) -> None:
    alice.say("@secret bob sesame hidden")
    bob.expect("secret")
    bob.say("sesame was a fine show")
    alice.expect("message", message="sesame was a fine show")


def test_f16_the_line_after_open_is_the_key_and_never_a_message(alice: Any, bob: Any) -> None:
    alice.say("@secret bob sesame hidden")
    secret = bob.expect("secret")
    bob.say(f"@open {secret['id']}", "sesame", "thank you")
    bob.expect("message", kind="secret", message="hidden")
    alice.expect("message", message="thank you")
    assert alice.texts() == ["thank you"]


def test_f17_the_sender_is_told_what_was_not_delivered(alice: Any, bob: Any) -> None:
    alice.say("@carol hello")
    alice.expect_notice("User 'carol' not found.")
    bob.say("@status dnd")
    alice.expect("status", nick="bob")
    alice.say("@bob hello")
    alice.expect_notice("bob is in 'Do Not Disturb' mode and will not receive messages.")
    alice.say("@group send nowhere hello")
    alice.expect_notice("You are not a member of group nowhere.")


def test_f13_nobody_inherits_what_a_departed_user_had(
    alice: Any, bob: Any, server: Any, start_client: Callable[..., Any], tmp_path: Path
) -> None:
    """A nick stays its owner's: neither trust nor groups nor messages go to who comes after."""
    alice.say("@group set team bob")
    bob.expect("group", action="added")
    alice.say("@quit")
    assert alice.wait() == 0
    bob.expect("left", nick="alice")
    bob.say("@alice for your eyes only", "@group send team for us only")
    bob.expect("sent", message="for us only")
    for nick in ("alice", "Alice", "\u0430lice"):
        thief = start_client(
            server.link, nick, "--data", str(tmp_path / "thief"), "--listen", connected=False
        )
        assert thief.wait() in {2, 5}
        assert thief.texts() == []
    assert not [event for event in bob.events if event["event"] in ("joined", "message")]
    again = start_client(server.link, "alice")
    again.sees("message", kind="private", message="for your eyes only")
    again.sees("message", kind="group", message="for us only")


def test_f16_a_key_that_is_asked_for_is_never_a_message(alice: Any, bob: Any, server: Any) -> None:
    """No message, no other secret and no lost connection changes what the prompt takes."""
    alice.say("@secret bob sesame hidden")
    number = bob.expect("secret")["id"]
    bob.say(f"@open {number}")
    bob.expect("notice", text=f"Enter the key of secret #{number}; an empty line cancels.")
    alice.say("something else", "@secret bob poppy another")
    bob.expect("secret")
    server.kill()
    bob.expect("reconnecting")
    server.restart()
    bob.expect("connected")
    bob.say("sesame", "an open word")
    bob.expect("message", kind="secret", message="hidden")
    alice.expect("message", message="an open word")
    assert alice.texts() == ["an open word"]


def test_f16_only_an_empty_line_or_the_right_key_ends_the_prompt(alice: Any, bob: Any) -> None:
    """What is typed after a wrong key is most likely the right one, and goes to nobody."""
    alice.say("@secret bob sesame hidden")
    number = bob.expect("secret")["id"]
    bob.say(f"@open {number}", "", "first word", f"@open {number}", "poppy", "sesame", "second")
    bob.expect("error", code="wrong_key")
    bob.expect("message", kind="secret", message="hidden")
    for text in ("first word", "second"):
        alice.expect("message", message=text)
    assert alice.texts() == ["first word", "second"]


def test_f17_every_refusal_says_so_and_nothing_else_is_said_to_be_sent(
    alice: Any, bob: Any
) -> None:
    alice.say("@nobody one", "@secret nobody key two", "@group send nowhere three")
    alice.say("@group set other nobody", "x" * 70_000, "four")
    alice.expect_notice("User 'nobody' not found.")
    alice.expect_notice("User 'nobody' not found.")
    alice.expect_notice("You are not a member of group nowhere.")
    alice.expect("notice", text="User 'nobody' not found. No group was created.")
    alice.expect("error", code="too_large")
    alice.expect("sent", message="four")
    assert [event["event"] for event in alice.events].count("sent") == 1
    bob.expect("message", message="four")
    assert bob.texts() == ["four"]
