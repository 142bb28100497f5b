"""Files and real servers: clients that attack, disks that are full, and ends without warning."""

import contextlib
import os
import resource
import subprocess
from pathlib import Path
from typing import Any

import gevent
import gevent.socket
import pytest

from geventim.chat import requests as ask
from geventim.chat.limits import CHUNK_SIZE, CHUNKS, UNFINISHED
from geventim.chat.replies import BlobInfo, Chunk, ChunkStored, Error, Ok
from geventim.chat.values import EntryKind
from geventim.errors import NetworkError
from tests.conftest import PATIENCE
from tests.raw_client import RawClient

SIZE = 3 * CHUNK_SIZE + 100


def content(size: int = SIZE) -> list[bytes]:
    """The chunks of a blob: what was sealed, as far as a server can tell."""
    whole = os.urandom(size)
    return [whole[start : start + CHUNK_SIZE] for start in range(0, size, CHUNK_SIZE)]


def begin(client: RawClient, room: bytes, size: int = SIZE) -> Any:
    return client.ask(ask.BeginBlob, conversation=room, message_id=os.urandom(16), size=size)


def put(client: RawClient, blob: bytes, chunks: list[bytes], start: int = 0) -> None:
    """Put ``chunks`` with as many under way as there may be."""
    numbers = []
    for index, chunk in enumerate(chunks, start):
        numbers.append(client.say(ask.PutChunk, chunk, blob=blob, index=index))
        if len(numbers) == CHUNKS:
            take(client, numbers.pop(0))
    for number in numbers:
        take(client, number)


def take(client: RawClient, number: int) -> Any:
    reply, _ = client.expect(lambda message: getattr(message, "id", None) == number)
    assert isinstance(reply, ChunkStored), reply
    return reply


def get(client: RawClient, blob: bytes, index: int) -> Any:
    number = client.say(ask.GetChunk, blob=blob, index=index)
    reply, data = client.expect(lambda message: getattr(message, "id", None) == number)
    return data if isinstance(reply, Chunk) else reply.code


def requests_about(chunks: list[bytes]) -> list[tuple[Any, bytes, dict[str, Any]]]:
    """What can be asked about a blob but to delete it: requests, with what they carry."""
    return [
        (ask.FindBlob, b"", {}),
        (ask.PutChunk, chunks[0], {"index": 0}),
        (ask.PutChunk, chunks[2], {"index": 2}),
        (ask.FinishBlob, b"", {}),
        (ask.GetChunk, b"", {"index": 0}),
    ]


def upload(client: RawClient, room: bytes, chunks: list[bytes]) -> bytes:
    blob: bytes = begin(client, room, sum(map(len, chunks))).blob
    put(client, blob, chunks)
    assert isinstance(client.ask(ask.FinishBlob, blob=blob), Ok)
    return blob


def download(client: RawClient, blob: bytes, count: int) -> list[Any]:
    return [get(client, blob, index) for index in range(count)]


def race(crowd: list[RawClient], room: bytes, count: int) -> list[Any]:
    """Have all begin blobs of a tenth of a GiB at once; the replies."""
    fields = {"conversation": room, "size": 2**30 // 10}
    numbers = [
        (client, client.say(ask.BeginBlob, message_id=os.urandom(16), **fields))
        for _ in range(count)
        for client in crowd
    ]
    return [
        client.expect(lambda m, n=number: getattr(m, "id", None) == n)[0]
        for client, number in numbers
    ]


def files_of(data: Path) -> list[Path]:
    place = data / "server" / "blobs"
    return sorted(path for path in place.glob("??/*") if path.is_file())


def until(condition: Any) -> None:
    with gevent.Timeout(PATIENCE):
        while not condition():
            gevent.sleep(0.05)


@pytest.fixture
def people(server, clients):
    """Two members of a room, the room, and somebody else."""
    alice, bob, mallory = (clients(server.link, nick) for nick in ("alice", "bob", "mallory"))
    room = alice.room()
    assert bob.room() == room
    return alice, bob, mallory, room


def test_a_file_goes_from_one_to_another_and_outlives_the_server(server, people, clients):
    alice, _, mallory, room = people
    chunks = content()
    blob = upload(alice, room, chunks)
    assert {get(mallory, each, 0) for each in (blob, os.urandom(16))} == {"no_blob"}
    server.kill()
    server.restart()
    again = RawClient(server.link, people[1].keys)
    again.login("bob")
    assert download(again, blob, len(chunks)) == chunks
    again.close()


def test_nothing_that_was_acknowledged_is_missing_after_a_kill(start_server, clients):
    """Whoever goes on begins behind what is there; that is no less than what was told."""
    server = start_server("--unlimited")
    keys, chunks = None, content(60 * CHUNK_SIZE)
    blob, told = b"", 0
    for round_ in range(4):
        client = RawClient(server.link, keys)
        if keys is None:
            keys = client.keys
            client.register("alice")
            blob = begin(client, client.room(), 60 * CHUNK_SIZE).blob
        else:
            client.login("alice")
        there = client.ask(ask.FindBlob, blob=blob).chunks
        assert there >= told
        for index in range(there, min(there + CHUNKS, len(chunks))):
            client.say(ask.PutChunk, chunks[index], blob=blob, index=index)
        with contextlib.suppress(EOFError, NetworkError):
            for _ in range(round_ + 1):
                told = client.expect(lambda m: isinstance(m, ChunkStored))[0].chunks
        server.kill()
        client.close()
        server.restart()
    client = RawClient(server.link, keys)
    client.login("alice")
    there = client.ask(ask.FindBlob, blob=blob).chunks
    assert there >= told
    put(client, blob, chunks[there:], there)
    assert isinstance(client.ask(ask.FinishBlob, blob=blob), Ok)
    assert download(client, blob, len(chunks)) == chunks
    client.close()


def test_what_a_killed_server_has_left_of_nothing_is_swept(server, people):
    alice, _, _, room = people
    blob = upload(alice, room, content())
    (path,) = files_of(server.data)
    stray = path.with_name(blob[:1].hex() + os.urandom(15).hex())
    stray.write_bytes(b"of a blob that was dropped before its content")
    server.kill()
    server.restart()
    until(lambda: not stray.exists())
    assert files_of(server.data) == [path]
    assert path.name == blob.hex()


def test_who_is_put_out_meanwhile_reads_no_more(server, people):
    alice, bob, _, room = people
    chunks = content()
    blob = upload(alice, room, chunks)
    assert get(bob, blob, 0) == chunks[0]
    assert server.command("kick", "bob", "lobby").returncode == 0
    assert get(bob, blob, 1) == "no_blob"
    assert begin(bob, room).code == "not_a_member"


def test_a_deleted_conversation_leaves_no_file(server, people):
    alice, bob, _, room = people
    blob, begun = upload(alice, room, content()), begin(bob, room).blob
    put(bob, begun, content()[:2])
    assert len(files_of(server.data)) == 2
    assert server.command("delete", "lobby").returncode == 0
    for client in (alice, bob):
        assert get(client, blob, 0) == "no_blob"
    until(lambda: not files_of(server.data))
    assert "0.0 of 4096 MiB of files" in server.command("quota", "alice").stdout


def test_a_removed_account_leaves_no_file(server, people):
    alice, bob, _, room = people
    blob, own = upload(alice, room, content()), upload(bob, room, content())
    assert server.command("remove", "alice").returncode == 0
    until(lambda: len(files_of(server.data)) == 1)
    assert (get(bob, blob, 0), type(get(bob, own, 0))) == ("no_blob", bytes)


def test_two_who_finish_at_once_are_both_told_that_it_is_done(server, people):
    alice, _, _, room = people
    blob = begin(alice, room).blob
    put(alice, blob, content())
    numbers = [alice.say(ask.FinishBlob, blob=blob) for _ in range(4)]
    replies = [alice.expect(lambda m, n=n: getattr(m, "id", None) == n)[0] for n in numbers]
    assert {type(reply) for reply in replies} == {Ok}
    assert alice.ask(ask.PutChunk, content()[0], blob=blob, index=0).code == "is_finished"


def test_lies_about_sizes_leave_nothing(server, people):
    alice, _, _, room = people
    blob = begin(alice, room).blob
    for chunk in (b"x", bytes(CHUNK_SIZE - 1), bytes(CHUNK_SIZE + 1)):
        reply = alice.ask(ask.PutChunk, chunk, blob=blob, index=0)
        assert reply.code in {"bad_chunk", "too_large"}
    assert alice.ask(ask.PutChunk, bytes(CHUNK_SIZE), blob=blob, index=3).code == "bad_chunk"
    assert alice.ask(ask.FinishBlob, blob=blob).code == "not_whole"
    for size in (-1, 2**53, 2**70, 0.5):
        assert begin(alice, room, size).code == "bad_request"
    for size in (2**52, 2**31 + 2**20):
        assert begin(alice, room, size).code == "too_large"
    assert files_of(server.data) == []


def test_who_begins_without_end_takes_no_more_than_its_quota(server, people):
    alice, bob, _, room = people
    replies = [begin(alice, room, 1) for _ in range(1_000)]
    assert sum(isinstance(reply, BlobInfo) for reply in replies) == UNFINISHED
    assert {reply.code for reply in replies if isinstance(reply, Error)} == {"too_many_begun"}
    assert files_of(server.data) == []
    assert isinstance(begin(bob, room), BlobInfo)


def test_a_quota_holds_for_all_connections_that_race(start_server, clients):
    """One account is at one connection; so its requests come at once, and others' beside them."""
    server = start_server("--blob-space", "1", "--unlimited")
    crowd = [clients(server.link, f"user{number}") for number in range(8)]
    room = crowd[0].room()
    for client in crowd[1:]:
        client.room()
    replies = race(crowd, room, 4)
    assert sum(isinstance(reply, BlobInfo) for reply in replies) == 9
    assert {reply.code for reply in replies if isinstance(reply, Error)} == {"no_space"}


def test_one_who_does_not_read_costs_others_nothing(start_server, clients, check_service):
    """Chunks that nobody takes are not in memory, and others are served meanwhile."""
    server = start_server("--unlimited")
    alice, bob = clients(server.link, "alice"), clients(server.link, "bob")
    room = alice.room()
    bob.room()
    chunks = content(16 * CHUNK_SIZE)
    blob = upload(alice, room, chunks)
    before = resident(server.pid)
    stuck = [clients(server.link, f"stuck{number}") for number in range(20)]
    for each in stuck:
        each.room()
    for each in stuck:
        for index in range(CHUNKS):
            each.say(ask.GetChunk, blob=blob, index=index)
    assert download(bob, blob, len(chunks)) == chunks
    check_service(server)
    # One chunk waits for each of them, and what the system takes is not ours.
    assert resident(server.pid) - before < (2 * len(stuck) * CHUNK_SIZE) + 8 * 2**20
    for each in stuck[:3]:
        for index in range(CHUNKS):
            data = each.expect(lambda m: isinstance(m, Chunk))[1]
            assert data == chunks[index]


def resident(pid: int) -> int:
    fields = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()
    return int(fields[1]) * resource.getpagesize()


def test_a_message_waits_behind_one_chunk_at_most(server, people):
    """Whoever reads slowly gets what is said as soon as it has read what was on its way."""
    alice, bob, _, room = people
    chunks = content(30 * CHUNK_SIZE)
    blob = upload(alice, room, chunks)
    # The system would take all of it; a network does not.
    bob.socket.setsockopt(gevent.socket.SOL_SOCKET, gevent.socket.SO_RCVBUF, 32 * 1024)
    numbers = [bob.say(ask.GetChunk, blob=blob, index=index) for index in range(CHUNKS)]
    bob.expect(lambda m: getattr(m, "id", None) == numbers[0])
    alice.append(room, b"meanwhile")
    before = 0
    with gevent.Timeout(PATIENCE):
        while True:
            message, data = bob.expect(lambda m: True)
            if getattr(message, "kind", None) is EntryKind.MESSAGE:
                assert data == b"meanwhile"
                break
            before += isinstance(message, Chunk)
    assert before <= 1
    with contextlib.suppress(gevent.Timeout), gevent.Timeout(PATIENCE):
        for number in numbers[1 + before :]:
            bob.expect(lambda m, n=number: getattr(m, "id", None) == n)


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 4 MiB; only root can mount one."""
    path = tmp_path / "disk"
    path.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=4m,mode=700", "tmpfs", str(path)]
    mounted = subprocess.run(mounting, capture_output=True, check=False)
    if mounted.returncode and os.environ.get("EIM_REQUIRE_ALL") != "1":
        pytest.skip("no disk can be mounted here; run the tests with sudo, where that is allowed")
    assert not mounted.returncode, mounted.stderr
    yield path
    subprocess.run(["umount", "-l", str(path)], check=True)


def test_a_full_disk_refuses_files_and_nothing_else(start_server, clients, small_disk):
    server = start_server("--blobs", str(small_disk / "blobs"))
    alice = clients(server.link, "alice")
    room = alice.room()
    assert begin(alice, room, 8 * 2**20).code == "no_space"
    chunks = content(13 * CHUNK_SIZE)
    blob = begin(alice, room, 13 * CHUNK_SIZE).blob
    filling = small_disk / "filling"
    filling.write_bytes(bytes(2 * 2**20))
    stored = 0
    while True:
        reply = alice.ask(ask.PutChunk, chunks[stored], blob=blob, index=stored)
        if isinstance(reply, Error):
            break
        stored = reply.chunks
    assert reply.code == "storage_failed"
    assert 0 < stored < 13
    assert alice.append(room, b"as ever").seq > 0
    assert alice.ask(ask.FindBlob, blob=blob).chunks == stored
    filling.unlink()
    put(alice, blob, chunks[stored:], stored)
    assert isinstance(alice.ask(ask.FinishBlob, blob=blob), Ok)
    assert download(alice, blob, 13) == chunks


def test_a_blob_that_was_damaged_on_disk_is_not_given_away(server, people):
    alice, bob, _, room = people
    blob = upload(alice, room, content())
    (path,) = files_of(server.data)
    with path.open("r+b") as file:
        file.seek(CHUNK_SIZE + 100)
        file.write(b"\0\0\0\0")
    assert get(bob, blob, 1) == "storage_failed"
    assert isinstance(get(bob, blob, 2), bytes)


class TestNodes:
    """Two servers on one Redis, with one directory."""

    @pytest.fixture
    def two(self, nodes, tmp_path):
        shared = str(tmp_path / "shared")
        return nodes("--blobs", shared), nodes("--blobs", shared)

    def test_what_one_took_the_other_gives(self, two, clients):
        alice, bob = clients(two[0].link, "alice"), clients(two[1].link, "bob")
        room = alice.room()
        assert bob.room() == room
        chunks = content()
        blob = upload(alice, room, chunks)
        assert download(bob, blob, len(chunks)) == chunks
        assert get(clients(two[1].link, "mallory"), blob, 0) == "no_blob"

    def test_one_goes_on_at_the_other_when_the_first_is_gone(self, two, clients):
        alice = clients(two[0].link, "alice")
        chunks, room = content(), alice.room()
        blob = begin(alice, room).blob
        put(alice, blob, chunks[:2])
        for chunk in chunks[2:]:
            alice.say(ask.PutChunk, chunk, blob=blob, index=2)
        gevent.sleep(0)
        two[0].kill()
        again = clients(two[1].link, keys=alice.keys)
        again.login("alice")
        there = again.ask(ask.FindBlob, blob=blob).chunks
        assert there >= 2
        put(again, blob, chunks[there:], there)
        assert isinstance(again.ask(ask.FinishBlob, blob=blob), Ok)
        assert download(again, blob, len(chunks)) == chunks

    def test_a_quota_holds_at_both_together(self, nodes, tmp_path, clients):
        options = ("--blobs", str(tmp_path / "shared"), "--blob-space", "1", "--unlimited")
        servers = [nodes(*options), nodes(*options)]
        crowd = [clients(servers[n % 2].link, f"user{n}") for n in range(8)]
        room = crowd[0].room()
        for client in crowd[1:]:
            client.room()
        replies = race(crowd, room, 3)
        assert sum(isinstance(reply, BlobInfo) for reply in replies) == 9

    def test_a_directory_of_other_servers_is_refused(self, start_server, tmp_path):
        shared = str(tmp_path / "shared")
        first = start_server("--blobs", shared)
        with pytest.raises(AssertionError, match="those of another server"):
            start_server("--blobs", shared)
        assert first.process.poll() is None
