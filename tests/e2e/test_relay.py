"""FEATURES A: the group messenger."""

import json
import os
import signal
import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from geventim.store.vault.vault import Vault


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
    server: Any, start_client: Callable[..., Any], environment: dict[str, str]
) -> None:
    """What alice has sealed and sent, and the server not answered, is kept until it has."""
    alice = start_client(server.link, "alice", "--trace")
    alice.settle()
    server.process.send_signal(signal.SIGSTOP)
    try:
        seen = len(alice.errors)
        alice.say("framed exactly")
        alice.wait_for_trace(b"out frames", seen)
        alice.kill()
    finally:
        server.process.send_signal(signal.SIGCONT)
    (place,) = Path(environment["EIM_DATA"]).glob("client/*/alice")
    vault = Vault.open(place, os.urandom)
    ((_, parcel),) = vault.items("parcel/")
    vault.close()
    start = parcel.index(b'{"nick":"alice"')
    (length,) = struct.unpack(">I", parcel[start - 4 : start])
    body = json.loads(parcel[start : start + length])
    assert body["message"] == "framed exactly"
    assert body["date"] > 1_700_000_000


def test_a5_and_e1_the_server_holds_nothing_that_it_could_read(
    alice: Any, bob: Any, server: Any
) -> None:
    alice.say("framed exactly", "@bob in private", "@secret bob opensesame the treasure")
    bob.expect("message", message="in private")
    bob.expect("secret")
    server.stop()
    stored = b"".join(path.read_bytes() for path in server.data.rglob("*") if path.is_file())
    assert b"alice" in stored, "it does know names"
    for text in (b"framed exactly", b"in private", b"opensesame", b"treasure", b'"nick":'):
        assert text not in stored


def test_a4_input_and_socket_are_read_at_once(alice: Any, bob: Any) -> None:
    for number in range(20):
        alice.say(f"from alice {number}")
        bob.say(f"from bob {number}")
    for number in range(20):
        alice.expect("message", message=f"from bob {number}")
        bob.expect("message", message=f"from alice {number}")
