"""Files of members who lie, of servers that do, and of strangers: by real processes."""

import json
import os
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from geventim.chat import requests as ask
from geventim.chat.limits import CHUNK_SIZE
from geventim.chat.replies import BlobInfo, Error, Ok
from geventim.client.files.names import LONGEST
from tests.faults.test_blobs import (
    CHUNKS,
    begin,
    content,
    download,
    files_of,
    get,
    put,
    requests_about,
    take,
    upload,
)

SIZE = 2 * 256 * 1024 + 9

NAMES = [
    "../x",
    "../../../../../../tmp/x",
    "/etc/passwd",
    "C:\\windows\\x",
    "CON",
    "nul.txt",
    "a.pdf\u202eexe",
    "a\x1b[2J\x07.txt",
    "a\0b",
    "line\nline",
    "x" * 300 + ".pdf",
    "\u202e" * 300,
    "..",
    ".bashrc",
    "-rf",
    "file.part",
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(os.urandom(SIZE))
    return path


@pytest.fixture
def bob(server: Any, start_client: Any) -> Any:
    return start_client(server.link, "bob")


@pytest.fixture
def mallory(server: Any, bob: Any, start_hostile_client: Any) -> Any:
    mallory = start_hostile_client(server.link, "mallory")
    bob.expect("joined", nick="mallory")
    return mallory


def lie(mallory: Any, path: Path, **fields: Any) -> None:
    text = f"lie {json.dumps(fields)}"
    assert mallory.wish(wish="say", to="lobby", text=text, files=[str(path)])["done"]


def downloads(tmp_path: Path) -> Path:
    return tmp_path / "data" / "downloads"


def everything(tmp_path: Path) -> set[Path]:
    found = [*tmp_path.iterdir(), *downloads(tmp_path).rglob("*")]
    return {each for each in found if each.is_file() or each.is_symlink()}


def test_names_that_lie_come_as_safe_ones(
    bob: Any, mallory: Any, path: Path, tmp_path: Path
) -> None:
    for number, name in enumerate(NAMES):
        lie(mallory, path, name=name)
        heard = bob.expect("message", nick="mallory")
        (file,) = heard["files"]
        fetched = bob.wish(wish="fetch_file", message_id=heard["message_id"])["done"]
        place = Path(fetched["path"])
        assert place.parent == downloads(tmp_path), name
        assert place.read_bytes() == path.read_bytes(), name
        assert len(list(place.parent.iterdir())) == number + 1, name
        for shown in (place.name, file["name"]):
            assert len(shown.encode()) <= LONGEST + 4, name
            assert not [char for char in shown if unicodedata.category(char)[0] == "C"], name
            assert not set(shown) & set('/\\<>:"|?*'), name
            assert shown.partition(".")[0].casefold() not in {"", "con", "nul"}, name
    assert not bob.errors


def test_nothing_is_replaced_by_what_comes(
    bob: Any, mallory: Any, path: Path, tmp_path: Path
) -> None:
    """Nor is anything reached through a link that stands there."""
    outside = tmp_path / "outside"
    outside.write_text("mine")
    downloads(tmp_path).mkdir(mode=0o700)
    (downloads(tmp_path) / "a").write_text("mine")
    for name in ("a (2)", "a.part", "a (2).part"):
        (downloads(tmp_path) / name).symlink_to(outside)
    before = everything(tmp_path)
    lie(mallory, path, name="a")
    heard = bob.expect("message", nick="mallory")
    fetched = bob.wish(wish="fetch_file", message_id=heard["message_id"])["done"]
    assert Path(fetched["path"]).name == "a (3)"
    assert Path(fetched["path"]).read_bytes() == path.read_bytes()
    assert everything(tmp_path) == before | {Path(fetched["path"])}
    assert outside.read_text() == (downloads(tmp_path) / "a").read_text() == "mine"


LIES: list[dict[str, Any]] = [
    {"size": 0},
    {"size": 5},
    {"size": SIZE - 1},
    {"size": SIZE + 1},
    {"size": 2**31},
    {"hash": "A" * 43 + "="},
    {"key": "A" * 43 + "="},
    {"blob": "A" * 22 + "=="},
    {"blob": "A" * 22 + "==", "type": "image/png", "name": "a.png", "width": 3, "height": 3},
]


def test_nothing_is_left_of_a_file_about_which_its_sender_lies(
    bob: Any, mallory: Any, path: Path, tmp_path: Path
) -> None:
    for fields in LIES:
        lie(mallory, path, **fields)
        heard = bob.expect("message", nick="mallory")
        refused = bob.wish(wish="fetch_file", message_id=heard["message_id"])["refused"]
        assert refused["code"] in {"bad_file", "no_blob", "bad_chunk", "no_space_here"}, fields
        assert refused["text"]
        bob.settle()
        assert not list(downloads(tmp_path).glob("*")), fields
    assert not bob.errors


IMPOSSIBLE: list[dict[str, Any]] = [
    {"size": -1},
    {"size": 2**31 + 1},
    {"size": 2**63},
    {"size": 1.5},
    {"size": None},
    {"name": ""},
    {"name": 7},
    {"name": "x" * 1025},
    {"hash": "AAAA"},
    {"key": ""},
    {"blob": [1]},
    {"thumbnail": "A" * 20_000},
    {"width": -1},
    {"height": 2**40},
]


def test_files_that_there_cannot_be_are_left_out(bob: Any, mallory: Any, path: Path) -> None:
    for fields in IMPOSSIBLE:
        lie(mallory, path, **fields)
        assert "files" not in bob.expect("message", nick="mallory"), fields
    assert bob.wish(wish="say", to="lobby", text="still here")["done"]
    assert not bob.errors


def test_a_server_that_gives_other_chunks_gives_nothing(
    hostile_server: Any, start_client: Any, tmp_path: Path
) -> None:
    server = hostile_server
    alice, bob = (start_client(server.link, nick) for nick in ("alice", "bob"))
    messages = []
    for number in range(2):
        path = tmp_path / f"file {number}"
        path.write_bytes(os.urandom(SIZE))
        done = alice.wish(wish="say", to="lobby", text="", files=[str(path)])["done"]
        bob.expect("message", message_id=done["message_id"])
        messages.append(done["message_id"])
    # It gives the other one away as it should, so that it has that at hand.
    place = Path(bob.wish(wish="fetch_file", message_id=messages[1])["done"]["path"])
    for manner in ("swapped", "repeated", "cut", "longer", "altered", "empty", "of another file"):
        server.announce(f"chunks {manner}")
        answer = bob.wish(wish="fetch_file", message_id=messages[0])
        assert answer["refused"]["code"] == "bad_file", manner
        bob.settle()
        assert list(downloads(tmp_path).iterdir()) == [place], manner
    server.announce("chunks honest")
    there = Path(bob.wish(wish="fetch_file", message_id=messages[0])["done"]["path"])
    assert there.read_bytes() == (tmp_path / "file 0").read_bytes()


@pytest.fixture(params=["alone", "over Redis"])
def start_service(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """Starts a server by itself, or one of two nodes that share what there is."""
    if request.param == "alone":
        return request.getfixturevalue("start_server")

    def start(*options: str) -> Any:
        shared = ("--blobs", str(tmp_path / "shared"), *options)
        return [request.getfixturevalue("nodes")(*shared) for _ in range(2)][-1]

    return start


@pytest.fixture
def service(start_service: Any) -> Any:
    return start_service()


def stored(server: Any, tmp_path: Path) -> dict[str, bytes]:
    shared = tmp_path / "shared"
    found = [*shared.glob("??/*")] if shared.exists() else files_of(server.data)
    return {each.name: each.read_bytes() for each in found}


def test_whoever_has_no_business_there_gets_one_answer_for_all(
    service: Any, clients: Any, tmp_path: Path
) -> None:
    alice, bob, stranger = (clients(service.link, nick) for nick in ("alice", "bob", "eve"))
    room = alice.room()
    bob.room()
    chunks = content()
    whole, begun = upload(alice, room, chunks), begin(alice, room).blob
    put(alice, begun, chunks[:2])
    before = stored(service, tmp_path)
    guessed = [os.urandom(16), bytes(16), whole[::-1]]

    def answers(client: Any, blobs: list[bytes]) -> set[Any]:
        asked = [
            *requests_about(chunks),
            (ask.GetChunk, b"", {"index": 2**40}),
            (ask.DeleteBlob, b"", {}),
        ]
        replies = [
            client.ask(kind, payload, blob=blob, **fields)
            for blob in blobs
            for kind, payload, fields in asked
        ]
        return {(type(reply), reply.code, reply.text, reply.advice) for reply in replies}

    ((kind, code, *_),) = answers(stranger, [*guessed, whole, begun])
    assert (kind, code) == (Error, "no_blob")
    assert answers(bob, [*guessed, begun]) == answers(stranger, guessed)
    # What is finished is there for bob, and that is all.
    for request, payload, fields in (
        (ask.PutChunk, chunks[0], {"index": 0}),
        (ask.FinishBlob, b"", {}),
        (ask.DeleteBlob, b"", {}),
    ):
        assert bob.ask(request, payload, blob=whole, **fields).code == "no_blob"
    assert stored(service, tmp_path) == before
    assert download(bob, whole, len(chunks)) == chunks
    put(alice, begun, chunks[2:], 2)
    assert isinstance(alice.ask(ask.FinishBlob, blob=begun), Ok)


def test_a_quota_holds_whatever_connections_an_account_has(service: Any, clients: Any) -> None:
    """Eight connections, of which each one ends the last with its requests on their way."""
    alice = clients(service.link, "alice")
    room = alice.room()
    assert service.command("quota", "--files", "2", "alice").returncode == 0
    fields = {"conversation": room, "size": 2**18}
    for _ in range(8):
        for _ in range(16):
            alice.say(ask.BeginBlob, message_id=os.urandom(16), **fields)
        alice = clients(service.link, keys=alice.keys)
        alice.login("alice")
    replies = [begin(alice, room, 2**18) for _ in range(16)]
    assert {getattr(reply, "code", "begun") for reply in replies} <= {"begun", "quota_files"}
    assert begin(alice, room, 2**18).code == "quota_files"
    told = service.command("quota", "alice").stdout
    assert "of 2 MiB of files" in told
    kept = float(told.partition(" of 2 MiB of files")[0].split()[-1])
    assert 1.5 < kept <= 2


@pytest.mark.timeout(900)
def test_thousands_of_small_files_are_files_like_any_other(
    start_service: Any, clients: Any, rounds: Any, tmp_path: Path
) -> None:
    service = start_service("--unlimited")
    alice, bob = clients(service.link, "alice"), clients(service.link, "bob")
    room = alice.room()
    bob.room()
    count, data = rounds(10_000), os.urandom(100)
    blobs: list[bytes] = []
    while len(blobs) < count:
        fields = {"conversation": room, "size": len(data)}
        some = range(min(CHUNKS, count - len(blobs)))
        begun = [alice.say(ask.BeginBlob, message_id=os.urandom(16), **fields) for _ in some]
        ids = [answer(alice, number, BlobInfo).blob for number in begun]
        numbers = [alice.say(ask.PutChunk, data, blob=each, index=0) for each in ids]
        for number in numbers:
            take(alice, number)
        ended = [alice.say(ask.FinishBlob, blob=each) for each in ids]
        for number in ended:
            answer(alice, number, Ok)
        blobs += ids
    assert len(set(blobs)) == count == len(stored(service, tmp_path))
    assert {get(bob, blob, 0) for blob in blobs[:: count // 50]} == {data}
    assert get(bob, os.urandom(16), 0) == "no_blob"
    # Whoever has many waits for them no longer than for one.
    assert bob.append(room, b"as ever").seq > 0
    for start in range(0, count, CHUNKS):
        some = blobs[start : start + CHUNKS]
        deleted = [alice.say(ask.DeleteBlob, blob=each) for each in some]
        for number in deleted:
            answer(alice, number, Ok)
    assert stored(service, tmp_path) == {}
    assert "0.0 MiB of files" in service.command("quota", "alice").stdout


def answer(client: Any, number: int, kind: type) -> Any:
    reply, _ = client.expect(lambda message: getattr(message, "id", None) == number)
    assert isinstance(reply, kind), reply
    return reply


def test_a_chunk_has_the_size_that_it_has_to_have(service: Any, clients: Any) -> None:
    alice = clients(service.link, "alice")
    blob = begin(alice, alice.room(), CHUNK_SIZE + 1).blob
    for index, size in ((0, 1), (0, CHUNK_SIZE - 1), (1, 2), (2, 1), (2**40, 1)):
        reply = alice.ask(ask.PutChunk, bytes(size), blob=blob, index=index)
        assert reply.code in {"bad_chunk", "bad_request"}, (index, size)
    assert alice.ask(ask.FindBlob, blob=blob).chunks == 0
