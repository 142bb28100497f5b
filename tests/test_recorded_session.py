"""The session in docs/session.json is what the protocol does, byte for byte."""

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from geventim.channel.events import Closed, Established, Frames, ServerKey
from geventim.channel.handshake import Initiator, Responder
from geventim.chat import codec
from geventim.chat import requests as ask
from geventim.chat.values import Access, EntryKind, Kind, Purpose, account_id, claim
from geventim.client.people.profile import Keys, Profile
from geventim.client.sealing.charter import Charter
from geventim.client.sealing.content import Content, ContentKind
from geventim.client.sealing.content import encode as encode_content
from geventim.client.sealing.engine import Engine
from geventim.client.sealing.testimony import Testimony as Seen
from geventim.crypto.dh import PrivateKey
from geventim.crypto.kdf import hkdf_expand, hkdf_extract
from geventim.crypto.signature import SigningKey
from geventim.mls.messages.message import encode_message
from geventim.service.dispatch import Policy, Service
from geventim.service.happenings import Happening
from geventim.service.sessions import Session
from geventim.store.memory.store import MemoryStore

RECORDING = Path(__file__).resolve().parent.parent / "docs" / "session.json"
NOW = 1_800_000_000.0


def numbered(label: str) -> Callable[[int], bytes]:
    """Random bytes that are the same in every run."""
    counter = iter(range(1_000_000))

    def draw(size: int) -> bytes:
        stream = hashlib.shake_256(f"{label} {next(counter)}".encode())
        return stream.digest(size)

    return draw


class Journal(MemoryStore):
    def submit(self, change: Any, done: Callable[[Any], None], within: float = 0.0) -> None:
        done(self.commit([change])[0])


class Clock:
    def now(self) -> float:
        return NOW

    def elapsed(self) -> float:
        return 0.0

    def soon(self, call: Callable[[], None]) -> None:
        call()

    def later(self, seconds: float, call: Callable[[], None]) -> Any:
        return None


class Group:
    def __len__(self) -> int:
        return 0

    def add(self, outlet: Any) -> None:
        pass

    def discard(self, outlet: Any) -> None:
        pass

    def outlets(self) -> list[Any]:
        return []

    def deliver(self, frames: Any, but: Any) -> list[Any]:
        return []


class Server:
    """A responder and a service, without a network."""

    congested = False

    def __init__(self, static: PrivateKey, random: Callable[[int], bytes]) -> None:
        self.channel = Responder(random, static)
        policy = Policy(static.public, Access.OPEN, 10)
        concentrated = hkdf_extract(b"", static.secret)
        signer = SigningKey(hkdf_expand(concentrated, b"geventim server signature", 32))
        self.signature_key = signer.public
        self.service = Service(Journal(), Clock(), Group, numbered("ids"), signer, policy)
        self.session = Session(self)
        self.outgoing: list[bytes] = []

    def send(self, frame: bytes) -> None:
        self.outgoing.append(self.channel.seal(frame))

    def admit(self) -> None:
        pass

    def note(self, happening: Happening, detail: str = "") -> None:
        """Nobody keeps a log here."""

    def watch(self) -> None:
        self.channel.agree_on_life_signs()

    def catch_up(self) -> None:
        pass

    def pause(self, seconds: float) -> bool:
        return True

    def close(self) -> None:
        self.outgoing.append(self.channel.close())

    def answer(self, data: bytes) -> bytes:
        for event in self.channel.receive_data(data):
            if isinstance(event, Established):
                self.session.channel_key = event.peer
            elif isinstance(event, Frames):
                self.service.receive(self.session, event.plaintext)
        answer = self.channel.data_to_send() + b"".join(self.outgoing) + self.channel.pong()
        self.outgoing.clear()
        return answer


def conversation(keys: dict[str, bytes]) -> Iterator[tuple[str, str, bytes]]:
    """Who sends which bytes, and what they are."""
    server = Server(PrivateKey(keys["server static"]), numbered("server"))
    client = Initiator(numbered("client"))
    answer = b""

    def exchange(name: str, data: bytes) -> Iterator[tuple[str, str, bytes]]:
        nonlocal answer
        yield "client", name, data
        answer = server.answer(data)
        if answer:
            yield "server", f"answer to {name}", answer

    yield from exchange("preamble and message 1", client.data_to_send())
    (event,) = client.receive_data(answer)
    assert isinstance(event, ServerKey)
    channel_key = PrivateKey(keys["client static"])
    client.accept(channel_key)
    yield from exchange("message 3", client.data_to_send())

    identity = SigningKey(keys["client identity"])
    claimed = claim(event.public, "alice", identity.public, channel_key.public)
    drawn = numbered("ids")
    room, incarnation = drawn(16), drawn(16)
    profile = Profile("alice", "lobby", "", event.public, Keys(identity, channel_key))
    engine = Engine.of(profile, numbered("mls"))
    (package,) = engine.generate_key_packages(1, NOW)
    key_package = encode_message(package.key_package)
    charter = Charter.found(
        Kind.ROOM,
        room,
        server=server.signature_key,
        incarnation=incarnation,
        key=identity,
        name="lobby",
    )
    group = engine.found(room, charter, NOW)
    group_info = group.group_info()
    content = encode_content(Content("alice", "hello", NOW, ContentKind.ROOM))
    sealed = group.send(content, Seen(1, bytes(32), 0, 0).encode())
    requests: list[tuple[ask.Request, bytes]] = [
        (ask.Login(id=1, nick="alice"), b""),
        (
            ask.Register(
                id=2,
                nick="alice",
                identity=identity.public,
                signature=identity.sign(claimed),
                life_signs=True,
            ),
            b"",
        ),
        (
            ask.UploadKeyPackages(id=3, sizes=(len(key_package),), payload=len(key_package)),
            key_package,
        ),
        (ask.CreateRoom(id=4, message_id=bytes(range(48, 64)), name="lobby"), b""),
        (ask.TakeTurn(id=5, conversation=room, purpose=Purpose.JOIN, state=True), b""),
        (
            ask.Commit(
                id=6,
                conversation=room,
                message_id=bytes(range(32, 48)),
                head=0,
                payload=len(group_info),
                message=0,
                added=(account_id(identity.public),),
            ),
            group_info,
        ),
        (ask.Subscribe(id=7, conversation=room, incarnation=incarnation, after=0), b""),
        (
            ask.Append(
                id=8,
                conversation=room,
                message_id=bytes(range(16, 32)),
                head=1,
                kind=EntryKind.MESSAGE,
                payload=len(sealed),
            ),
            sealed,
        ),
        (ask.ListNames(id=9), b""),
        (ask.Quit(id=10), b""),
    ]
    for request, payload in requests:
        frame = codec.encode(request, payload)
        yield from exchange(type(request).__name__.lower(), client.seal(frame))
        client.receive_data(answer)
        if isinstance(request, ask.Register):
            client.agree_on_life_signs()
            yield from exchange("a sign of life", client.ping())
            client.receive_data(answer)
    yield from exchange("close", client.close())


KEYS = {
    "server static": bytes([4]) * 32,
    "client static": bytes([3]) * 32,
    "client identity": bytes([5]) * 32,
}


def record() -> str:
    """The text of docs/session.json."""
    steps = [
        {"from": sender, "what": what, "bytes": data.hex()}
        for sender, what, data in conversation(KEYS)
    ]
    keys = {name: key.hex() for name, key in KEYS.items()}
    drawn = (
        "the n-th random bytes of a side: SHAKE256('SIDE n'), n from 0;"
        " SIDE is client, server, ids (of conversations, and their incarnations) or mls (groups)"
    )
    return json.dumps({"private keys": keys, "random": drawn, "steps": steps}, indent=1) + "\n"


def test_the_recording_is_what_the_protocol_does() -> None:
    if os.environ.get("EIM_RECORD"):
        RECORDING.write_text(record(), encoding="utf-8")
    assert RECORDING.read_text(encoding="utf-8") == record()


def test_the_recording_decodes() -> None:
    recording = json.loads(RECORDING.read_text(encoding="utf-8"))
    keys = {name: bytes.fromhex(key) for name, key in recording["private keys"].items()}
    server = Responder(numbered("server"), PrivateKey(keys["server static"]))
    client = Initiator(numbered("client"))
    client.data_to_send()
    said: dict[str, list[Any]] = {"client": [], "server": []}
    for step in recording["steps"]:
        receiver, decoder = (
            (server, codec.requests) if step["from"] == "client" else (client, codec.replies)
        )
        if step["what"] == "a sign of life":
            server.agree_on_life_signs()
            client.agree_on_life_signs()
            client.ping()  # the bytes are those of the recording; so an answer is expected
        for event in receiver.receive_data(bytes.fromhex(step["bytes"])):
            if isinstance(event, ServerKey):
                client.accept(PrivateKey(keys["client static"]))
            elif isinstance(event, Frames):
                said[step["from"]] += decoder.decode(event.plaintext)
            elif isinstance(event, Closed):
                said[step["from"]].append("closed")
    requests = [type(message).__name__ for message, _ in said["client"][:-1]]
    assert requests == [
        "Login",
        "Register",
        "UploadKeyPackages",
        "CreateRoom",
        "TakeTurn",
        "Commit",
        "Subscribe",
        "Append",
        "ListNames",
        "Quit",
    ]
    assert all(b"hello" not in payload for _, payload in said["client"][:-1])
    replies = [type(message).__name__ for message, _ in said["server"][:-1]]
    assert replies == [
        "Error",
        "LoggedIn",
        "LowOnKeyPackages",
        "Ok",
        "Opened",
        "Turn",
        "Appended",
        "Subscribed",
        "Appended",
        "NameList",
        "Ok",
    ]
    assert [said["server"][number][0].seq for number in (6, 8)] == [1, 2]
    assert said["client"][-1] == said["server"][-1] == "closed"
    assert server.is_asked
    assert all(isinstance(message, msgspec.Struct) for message, _ in said["server"][:-1])
