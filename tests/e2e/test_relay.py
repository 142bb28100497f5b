"""FEATURES A: the group messenger."""

import struct
import time
from collections.abc import Callable
from typing import Any


def test_a1_a_message_reaches_everyone_else_and_never_its_sender(
    alice: Any, bob: Any, carol: Any
) -> None:
    alice.say("good morning")
    for other in (bob, carol):
        event = other.expect("message", nick="alice", message="good morning")
        assert event["kind"] == "room"
        assert event["conversation"] == "lobby"
    alice.expect("sent", message="good morning", conversation="lobby")
    bob.say("and to you")
    alice.expect("message", nick="bob", message="and to you")
    assert alice.texts() == ["and to you"]
    assert bob.texts() == ["good morning"]


def test_a1_clients_join_and_leave_at_any_time(
    alice: Any, bob: Any, server: Any, start_client: Callable[..., Any]
) -> None:
    alice.say("before")
    bob.expect("message", message="before")
    carol = start_client(server.link, "carol")
    bob.say("@quit")
    assert bob.wait() == 0
    alice.expect("left", nick="bob", reason="quit")
    alice.say("after")
    carol.expect("message", message="after")
    assert carol.texts() == ["after"]


def test_a3_a_message_carries_its_date(alice: Any, bob: Any) -> None:
    before = time.time()
    alice.say("what time is it?")
    event = bob.expect("message", nick="alice")
    assert before - 1 <= event["date"] <= time.time() + 1
    assert event["seq"] >= 1


def test_a3_the_content_frame_is_a_length_and_a_json_object(
    alice: Any, bob: Any, server: Any
) -> None:
    """The server's log holds exactly what A3 describes."""
    alice.say("framed exactly")
    bob.expect("message", message="framed exactly")
    server.stop()
    stored = b"".join(path.read_bytes() for path in server.data.rglob("log.sqlite*"))
    start = stored.index(b'{"nick":"alice"')
    (length,) = struct.unpack(">I", stored[start - 4 : start])
    body = stored[start : start + length]
    assert body.endswith(b"}")
    assert b'"message":"framed exactly"' in body
    assert b'"date":' in body


def test_a4_input_and_socket_are_read_at_once(alice: Any, bob: Any) -> None:
    for number in range(20):
        alice.say(f"from alice {number}")
        bob.say(f"from bob {number}")
    for number in range(20):
        alice.expect("message", message=f"from bob {number}")
        bob.expect("message", message=f"from alice {number}")
