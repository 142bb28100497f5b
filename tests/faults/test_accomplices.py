"""Files between a server that lies and members who help it, or who were put out: real processes."""

import hashlib
import os
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from geventim.channel.file import CHUNK, SECRET_SIZE, FileSealer, chunk_size, count_chunks
from geventim.chat import requests as ask
from geventim.chat.replies import Error, Ok
from tests.faults.test_blobs import begin, content, download, get, put, requests_about, upload
from tests.faults.test_hostile_files import downloads, lie, service, start_service

__all__ = ["service", "start_service"]

SIZE = 2 * CHUNK + 9


def encode64(data: bytes) -> str:
    return b64encode(data).decode()


def file(path: Path) -> Path:
    path.write_bytes(os.urandom(SIZE))
    return path


def send(user: Any, path: Path, to: str = "lobby") -> Any:
    return user.wish(wish="say", to=to, text="", files=[str(path)])


def fetch(user: Any, message: str) -> Any:
    return user.wish(wish="fetch_file", message_id=message)


@pytest.mark.parametrize("kind", ["room", "group"])
def test_who_is_put_out_does_nothing_more_with_files(service: Any, clients: Any, kind: str) -> None:
    """Neither with those that it knows nor with its own, whatever it had begun by then."""
    alice, bob, stranger = (clients(service.link, nick) for nick in ("alice", "bob", "eve"))
    if kind == "room":
        place = alice.room("plans")
        bob.room("plans")
    else:
        fields = {"message_id": os.urandom(16), "name": "plans", "members": ("bob",)}
        place = alice.ask(ask.CreateGroup, **fields).conversation.id
        alice.commit(place, (bob.account,))
    chunks = content()
    known, own = upload(alice, place, chunks), upload(bob, place, chunks)
    message_id = os.urandom(16)
    fields = {"conversation": place, "message_id": message_id, "size": sum(map(len, chunks))}
    whole, begun = bob.ask(ask.BeginBlob, **fields).blob, begin(bob, place).blob
    put(bob, whole, chunks)
    put(bob, begun, chunks[:2])
    assert get(bob, known, 0) == chunks[0]
    if kind == "room":
        assert service.command("kick", "bob", "plans").returncode == 0
    else:
        assert alice.commit(place, removed=(bob.account,)).seq

    def answers(client: Any, *blobs: bytes) -> set[Any]:
        replies = [
            client.ask(request, payload, blob=blob, **fields)
            for blob in blobs
            for request, payload, fields in requests_about(chunks)
        ]
        replies += [client.ask(ask.DeleteBlob, blob=known)]
        return {(type(reply), reply.code, reply.text, reply.advice) for reply in replies}

    none = answers(stranger, os.urandom(16), known)
    assert {(each[0], each[1]) for each in none} == {(Error, "no_blob")}
    assert answers(bob, os.urandom(16), known, own, whole, begun) == none
    # Nor by beginning it once more, by the id that it was begun with.
    assert bob.ask(ask.BeginBlob, **fields).code == "not_a_member"
    assert {get(alice, each, 0) for each in (whole, begun)} == {"no_blob"}
    assert download(alice, known, len(chunks)) == download(alice, own, len(chunks)) == chunks
    # What it may still do is take away what is its own.
    for each in (own, whole, begun):
        assert isinstance(bob.ask(ask.DeleteBlob, blob=each), Ok)
    assert get(alice, own, 0) == "no_blob"


def test_files_of_another_conversation_or_version_are_not_taken_for_it(
    hostile_server: Any, start_client: Any, tmp_path: Path
) -> None:
    alice, bob = (start_client(hostile_server.link, nick) for nick in ("alice", "bob"))
    paths = [file(tmp_path / name) for name in ("secret", "report", "report 2")]
    messages = [
        send(alice, path, to)["done"]["message_id"]
        for path, to in zip(paths, ("@bob", "lobby", "lobby"), strict=True)
    ]
    for message in messages:
        bob.sees("message", message_id=message)
    for other, wanted in ((0, 1), (1, 0), (1, 2)):
        hostile_server.announce("chunks honest")
        there = Path(fetch(bob, messages[other])["done"]["path"])
        there.unlink()
        hostile_server.announce("chunks of another file")
        refused = fetch(bob, messages[wanted])["refused"]
        assert refused["code"] == "bad_file", (other, wanted)
        assert list(downloads(tmp_path).iterdir()) == []
    assert not bob.errors


def test_a_sender_who_makes_two_files_under_one_key_has_one_of_them_read(
    server: Any, start_client: Any, start_hostile_client: Any, clients: Any, tmp_path: Path
) -> None:
    """The server that gives each reader another one has the key from them, and not the hash."""
    bob = start_client(server.link, "bob")
    mallory = start_hostile_client(server.link, "mallory")
    accomplice = clients(server.link, "eve")
    room, key = accomplice.room(), os.urandom(SECRET_SIZE)
    bob.expect("joined", nick="mallory")
    shown, other = os.urandom(SIZE), os.urandom(SIZE)
    for given, code in ((shown, None), (other, "bad_file"), (shown[:CHUNK] + other[CHUNK:],) * 2):
        sealer = FileSealer(key, SIZE, os.urandom)
        chunks = [
            sealer.seal(given[index * CHUNK : index * CHUNK + chunk_size(SIZE, index)])
            for index in range(count_chunks(SIZE))
        ]
        blob = upload(accomplice, room, chunks)
        fields = {
            "blob": encode64(blob),
            "key": encode64(key),
            "hash": encode64(hashlib.sha256(shown).digest()),
        }
        lie(mallory, file(tmp_path / "file"), **fields)
        heard = bob.expect("message", nick="mallory")
        answer = fetch(bob, heard["message_id"])
        if code is None:
            assert Path(answer["done"]["path"]).read_bytes() == shown
        else:
            assert answer["refused"]["code"] == "bad_file"
        assert [each.read_bytes() for each in downloads(tmp_path).iterdir()] == [shown]


def test_a_member_who_names_a_file_of_another_conversation_gets_nobody_to_read_it(
    server: Any, start_client: Any, start_hostile_client: Any, clients: Any, tmp_path: Path
) -> None:
    alice, bob = (start_client(server.link, nick) for nick in ("alice", "bob"))
    mallory = start_hostile_client(server.link, "mallory")
    founder = clients(server.link, "founder")
    elsewhere = founder.room("elsewhere")
    blob = upload(founder, elsewhere, content(SIZE))
    bob.expect("joined", nick="mallory")
    lie(mallory, file(tmp_path / "file"), blob=encode64(blob))
    message = bob.expect("message", nick="mallory")["message_id"]
    for user in (alice, bob):
        user.sees("message", message_id=message)
        refused = fetch(user, message)["refused"]
        assert refused["code"] == "no_blob"
        assert refused["text"] == "There is no such file for you."
    assert list(downloads(tmp_path).iterdir()) == []


def test_a_server_that_claims_what_it_does_not_have_has_readers_told(
    hostile_server: Any, start_client: Any, tmp_path: Path
) -> None:
    """Its sender cannot know: the message goes, and whoever wants the file is refused."""
    alice, bob = (start_client(hostile_server.link, nick) for nick in ("alice", "bob"))
    hostile_server.announce("chunks claimed")
    message = send(alice, file(tmp_path / "file"))["done"]["message_id"]
    (heard,) = bob.sees("message", message_id=message)["files"]
    assert heard["size"] == SIZE
    refused = fetch(bob, message)["refused"]
    assert refused["code"] == "no_blob"
    assert refused["text"] == "There is no such file for you."
    assert list(downloads(tmp_path).iterdir()) == []
    hostile_server.announce("chunks honest")
    again = send(alice, tmp_path / "file")["done"]["message_id"]
    bob.sees("message", message_id=again)
    assert Path(fetch(bob, again)["done"]["path"]).stat().st_size == SIZE


@pytest.mark.parametrize("manner", ["not taken", "forgotten"])
def test_a_server_that_takes_no_chunk_is_given_up(
    hostile_server: Any, start_client: Any, tmp_path: Path, manner: str
) -> None:
    alice, bob = (start_client(hostile_server.link, nick) for nick in ("alice", "bob"))
    hostile_server.announce(f"chunks {manner}")
    refused = send(alice, file(tmp_path / "file"))["refused"]
    assert refused["code"] == "bad_server"
    assert refused["text"].startswith("The server contradicts itself: ")
    assert alice.wish(wish="transfers")["done"]["transfers"] == []
    hostile_server.announce("chunks honest")
    message = send(alice, tmp_path / "file")["done"]["message_id"]
    assert bob.expect("message")["message_id"] == message
