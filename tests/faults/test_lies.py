"""F8: whatever a server says, its clients stay, and come back where they cannot go on."""

import json
import socket
import threading

from geventim.channel.noise import Pattern
from geventim.channel.preamble import VERSION, encode_preamble
from geventim.chat.codec import encode
from geventim.chat.replies import (
    Added,
    ConversationInfo,
    Ok,
)
from geventim.chat.values import Kind
from geventim.wire.frames import prefix
from tests.conftest import PATIENCE
from tests.faults.test_resets import RESET

ID = b"i" * 16


def frame(**fields):
    return prefix(json.dumps(fields).encode())


def entry(**changes):
    fields = {"conversation": "aWlpaWlpaWlpaWlpaWlpaQ==", "seq": 1, "time": 1.0, "author": "eve"}
    return frame(type="entry", **{**fields, **changes})


LIES = {
    "no frame": b"\0\0",
    "a huge length": b"\xff\xff\xff\xff{}",
    "no JSON": prefix(b"hi"),
    "an array": prefix(b"[]"),
    "not UTF-8": prefix(b'{"type":"announcement","text":"\xff"}'),
    "too deep": prefix(b"[" * 3000),
    "an unknown event": frame(type="earthquake"),
    "a reply to nothing": encode(Ok(id=77)),
    "a negative number": frame(type="ok", id=-1),
    "an announcement of null": frame(type="announcement", text=None),
    "null joined": frame(type="presence", changes=[{"nick": None, "turn": "joined"}]),
    "somebody exploded": frame(type="presence", changes=[{"nick": "eve", "turn": "exploded"}]),
    "a conversation nobody has": entry(),
    "an entry at no time": entry(time="x"),
    "an entry at 1e300": entry(time=1e300),
    "a negative entry": entry(seq=-1),
    "a payload that is not there": entry(payload=100),
    "a room without a name": encode(Added(conversation=ConversationInfo(ID, Kind.ROOM, ""))),
    "a room with a bad name": encode(
        Added(conversation=ConversationInfo(ID, Kind.GROUP, "a\x1b[2Jb"))
    ),
    "a room that it will not open": encode(
        Added(conversation=ConversationInfo(ID, Kind.ROOM, "den"))
    ),
}


def test_a_client_survives_every_frame(hostile_server, start_client):
    alice, bob = (start_client(hostile_server.link, nick) for nick in ("alice", "bob"))
    said = []
    for name, lie in LIES.items():
        hostile_server.say(lie)
        alice.say(name)
        bob.sees("message", nick="alice", message=name)
        said.append(name)
    assert bob.texts() == said
    assert alice.process.poll() is None
    for person in (alice, bob):
        person.settle()
        assert person.leave() == 0
        assert b"Traceback" not in person.errors


def test_a_client_survives_every_record(hostile_server, start_client):
    alice = start_client(hostile_server.link, "alice")
    lies = [b"\xff\xff\xff\xff", b"\0\0\0\0", b"\0\x10\0\1", b"\0\0\0\x41\1" + bytes(64)]
    for number, lie in enumerate(lies):
        hostile_server.announce(f"wire {lie.hex()}")
        alice.expect("reconnecting")
        alice.expect("connected")
        alice.say(f"line {number}")
        alice.expect("sent", message=f"line {number}")
    assert alice.leave() == 0
    assert b"Traceback" not in alice.errors


def test_a_server_cannot_say_that_somebody_else_wrote_it(hostile_server, start_client):
    """F7: the author is in what was written, too."""
    alice, bob = (start_client(hostile_server.link, nick) for nick in ("alice", "bob"))
    hostile_server.swap('"author":"alice"', '"author":"carol"')
    alice.say("I am alice")
    bob.expect("error", code="unreadable")
    hostile_server.swap('"author":"alice"', '"author":"alice"')
    alice.say("I am still alice")
    bob.expect("message", nick="alice", message="I am still alice")
    assert bob.texts() == ["I am still alice"]


REFUSAL = encode_preamble(Pattern.XX)
STRANGERS = {
    "resets the connection": b"",
    "speaks HTTP": b"HTTP/1.1 400 Bad Request\r\n\r\n",
    "sends a length of 65535": b"\xff\xff" + bytes(100),
    "sends a message that is none": b"\0\xa0" + bytes(160),
    "refuses what it asks for": REFUSAL,
    "has a version of tomorrow": REFUSAL[:-2] + bytes([VERSION + 1]) + REFUSAL[-1:],
}


def test_a_client_survives_every_stranger(start_client, tmp_path):
    """Whoever answers at the address, the client says that this is no server, and exits with 3."""
    strangers = [Stranger(answer) for answer in STRANGERS.values()]
    people = [
        start_client(stranger.address, "alice", "--data", str(tmp_path / name), connected=False)
        for name, stranger in zip(STRANGERS, strangers, strict=True)
    ]
    for name, person in zip(STRANGERS, people, strict=True):
        assert person.wait() == 3, name
        assert b"Traceback" not in person.errors, name
        assert person.errors.count(b"\n") == 1, name
    for stranger in strangers:
        stranger.close()


class Stranger:
    """Takes one connection, answers its first bytes, and ends it; with a reset to say nothing."""

    def __init__(self, answer):
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listening.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, args=(answer,), daemon=True)
        self._thread.start()

    def close(self):
        self._thread.join(PATIENCE)
        self._listening.close()

    def _serve(self, answer):
        with self._listening.accept()[0] as sock:
            assert sock.recv(4096)
            sock.sendall(answer)
            if not answer:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
