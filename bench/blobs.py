"""What it costs a server to take a file and to give it back, and who notices.

Usage:
  blobs.py [--size MIB] [--rounds N] [--store URL] [--quick]

A bare client puts a blob of so many MiB over the loopback and gets it back, with as many chunks
under way as the protocol allows. For each way: MB/s, and the processor time of server and client
for each second that sealing or opening the same bytes in records takes alone, as this machine does
it in the same run. Meanwhile somebody says ten things a second to somebody else: the median and
the worst time until they are heard, and the same without a transfer.

Options:
  --size MIB   MiB of the blob [default: 1024].
  --rounds N   How often, each with another blob [default: 1].
  --store URL  Have the server keep what it knows of blobs in that Redis.
  --quick      A small blob, to see that it works; the numbers mean little.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any, Final

import gevent
import kit.checkout  # noqa: F401 - has to come before what is measured
from docopt import docopt
from gevent import subprocess
from kit.processes import Process, eim_server

from geventim.channel.events import Frames
from geventim.channel.records import FRAMES, REKEY_INTERVAL, RecordOpener, RecordSealer
from geventim.chat import requests as ask
from geventim.chat.codec import encode, replies
from geventim.chat.limits import CHUNK_SIZE, CHUNKS
from geventim.chat.links import parse_link
from geventim.chat.replies import Chunk, ChunkStored, EntryEvent, Error, Reply
from geventim.chat.values import EntryKind, Purpose, account_id, claim
from geventim.crypto.dh import PrivateKey
from geventim.crypto.signature import SigningKey
from geventim.net.dial import dial

PAUSE: Final = 0.1
"""Seconds from one message to the next."""

MEBIBYTE: Final = 2**20
QUICK: Final = 4
"""MiB of a small blob."""


class Bare:
    """A connection that has registered, and does what it is told to."""

    def __init__(self, address: str, nick: str) -> None:
        self._number = 0
        self._inbox: list[tuple[Any, bytes]] = []
        self._key = PrivateKey(os.urandom(32))
        identity = SigningKey(os.urandom(32))
        self.account = account_id(identity.public)
        self._server_key = b""
        self.connection = dial(parse_link(address), self._choose)
        signed = claim(self._server_key, nick, identity.public, self._key.public)
        self.ask(ask.Register, nick=nick, identity=identity.public, signature=identity.sign(signed))

    def _choose(self, server_key: bytes) -> PrivateKey:
        self._server_key = server_key
        return self._key

    def say(self, kind: type[ask.Request], payload: bytes = b"", /, **fields: Any) -> int:
        """Send a request; its number."""
        self._number += 1
        if payload:
            fields["payload"] = len(payload)
        self.connection.send(encode(kind(id=self._number, **fields), payload))
        return self._number

    def try_to(self, kind: type[ask.Request], payload: bytes = b"", /, **fields: Any) -> Any:
        """The reply to a request."""
        number = self.say(kind, payload, **fields)
        while True:
            message, _ = self.hear()
            if isinstance(message, Reply) and message.id == number:
                return message

    def ask(self, kind: type[ask.Request], payload: bytes = b"", /, **fields: Any) -> Any:
        """The reply to a request, which must not be refused."""
        reply = self.try_to(kind, payload, **fields)
        if isinstance(reply, Error):
            raise SystemExit(f"{kind.__name__}: {reply.text}")
        return reply

    def hear(self) -> tuple[Any, bytes]:
        """The next message with its payload."""
        while not self._inbox:
            events = self.connection.receive()
            if events is None:
                raise SystemExit("the server has hung up")
            for event in events:
                if isinstance(event, Frames):
                    self._inbox += replies.decode(event.plaintext)
        return self._inbox.pop(0)

    def join(self, name: str) -> bytes:
        """Be a member of a room, which is made if there is none, and hear what is said there."""
        message = self.try_to(ask.OpenRoom, name=name)
        if isinstance(message, Error):
            message = self.ask(ask.CreateRoom, name=name, message_id=os.urandom(16))
        info = message.conversation
        turn = self.ask(ask.TakeTurn, conversation=info.id, purpose=Purpose.JOIN)
        seq = self.ask(
            ask.Commit,
            b"state",
            conversation=info.id,
            message_id=os.urandom(16),
            head=turn.head,
            message=0,
            added=(self.account,),
        ).seq
        self.ask(ask.Subscribe, conversation=info.id, incarnation=info.incarnation, after=seq)
        self.head = seq
        conversation: bytes = info.id
        return conversation


def put(client: Bare, conversation: bytes, size: int) -> bytes:
    """Put a blob of ``size`` bytes; its id."""
    blob: bytes = client.ask(
        ask.BeginBlob, conversation=conversation, message_id=os.urandom(16), size=size
    ).blob
    chunk = os.urandom(CHUNK_SIZE)
    count, sent, stored = -(-size // CHUNK_SIZE), 0, 0
    while stored < count:
        while sent < count and sent - stored < CHUNKS:
            length = min(CHUNK_SIZE, size - sent * CHUNK_SIZE)
            client.say(ask.PutChunk, chunk[:length], blob=blob, index=sent)
            sent += 1
        message, _ = client.hear()
        if isinstance(message, Error):
            raise SystemExit(message.text)
        if isinstance(message, ChunkStored):
            stored += 1
    client.ask(ask.FinishBlob, blob=blob)
    return blob


def get(client: Bare, blob: bytes, size: int) -> None:
    """Get all of a blob."""
    count, asked, had, total = -(-size // CHUNK_SIZE), 0, 0, 0
    while had < count:
        while asked < count and asked - had < CHUNKS:
            client.say(ask.GetChunk, blob=blob, index=asked)
            asked += 1
        message, payload = client.hear()
        if isinstance(message, Error):
            raise SystemExit(message.text)
        if isinstance(message, Chunk):
            had += 1
            total += len(payload)
    assert total == size


def cryptography(size: int) -> Iterator[float]:
    """Seconds of processor time that sealing, then opening, ``size`` bytes in records takes."""
    count = max(8, min(256, size // CHUNK_SIZE))
    key, plaintext = os.urandom(32), os.urandom(CHUNK_SIZE)
    sealer = RecordSealer(key, REKEY_INTERVAL, os.urandom)
    opener = RecordOpener(key, REKEY_INTERVAL)
    began = time.process_time()
    sealed = [sealer.seal(FRAMES, plaintext) for _ in range(count)]
    yield (time.process_time() - began) * size / (count * CHUNK_SIZE)
    began = time.process_time()
    for record in sealed:
        opener.open(FRAMES, record[5:])
    yield (time.process_time() - began) * size / (count * CHUNK_SIZE)


class Talk:
    """Somebody who says something now and then, and somebody who hears it."""

    def __init__(self, address: str) -> None:
        self._speaker, self._listener = Bare(address, "speaker"), Bare(address, "listener")
        self._room = self._speaker.join("talk")
        self._listener.join("talk")
        self._said: dict[bytes, float] = {}
        self.delays: list[float] = []
        self._tasks = [gevent.spawn(task) for task in (self._listen, self._speak, self._drain)]

    def end(self) -> None:
        """Say nothing more."""
        gevent.killall(self._tasks)

    def _speak(self) -> None:
        while True:
            message_id = os.urandom(16)
            self._said[message_id] = time.perf_counter()
            self._speaker.say(
                ask.Append,
                bytes(200),
                conversation=self._room,
                message_id=message_id,
                head=self._listener.head,
            )
            gevent.sleep(PAUSE)

    def _drain(self) -> None:
        while True:
            self._speaker.hear()

    def _listen(self) -> None:
        while True:
            message, _ = self._listener.hear()
            if isinstance(message, EntryEvent) and message.kind is EntryKind.MESSAGE:
                self.delays.append(time.perf_counter() - self._said.pop(message.message_id))

    def during(self, call: Callable[[], object]) -> str:
        """How long messages took while ``call`` was going on."""
        self.delays.clear()
        call()
        if not self.delays:
            return "nothing was said"
        worst, middle = 1e3 * max(self.delays), 1e3 * median(self.delays)
        return f"{middle:.1f} ms, {worst:.1f} ms at worst, of {len(self.delays)}"


def move(address: str, size: int, rounds: int) -> None:
    """Be the client: for each step a line when it begins and one with what it took."""
    client = Bare(address, "mover")
    room = client.join("files")
    for _ in range(rounds):
        blob = b""
        for way in ("put", "get"):
            print(way, flush=True)
            sys.stdin.readline()
            began, cpu = time.perf_counter(), time.process_time()
            if way == "put":
                blob = put(client, room, size)
            else:
                get(client, blob, size)
            took = time.perf_counter() - began, time.process_time() - cpu
            print(*took, flush=True)
        client.ask(ask.DeleteBlob, blob=blob)


def measure(server: Process, size: int, rounds: int) -> None:
    """Have a client in a process of its own move blobs, and print what that was like."""
    sealing, opening = cryptography(size)
    print(f"records alone: sealing {sealing:.2f} s, opening {opening:.2f} s of processor time")
    talk = Talk(server.address)
    print("messages without a transfer:", talk.during(lambda: gevent.sleep(20 * PAUSE)))
    words = [sys.executable, __file__, "move", server.address, str(size), str(rounds)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as mover:
        assert mover.stdout is not None
        assert mover.stdin is not None
        for line in iter(mover.stdout.readline, ""):
            way = line.strip()
            mover.stdin.write("\n")
            mover.stdin.flush()
            cpu, told = server.cpu(), ""

            def wait() -> None:
                nonlocal told
                told = mover.stdout.readline() if mover.stdout else ""

            heard = talk.during(wait)
            took, own = map(float, told.split())
            mine, its = (opening, sealing) if way == "put" else (sealing, opening)
            print(
                f"{way}: {size / 1e6 / took:.0f} MB/s; processor time of the server"
                f" {(server.cpu() - cpu) / mine:.2f} times that of its cryptography alone, of the"
                f" client {own / its:.2f} times; messages {heard};"
                f" server's memory {server.memory() / MEBIBYTE:.0f} MiB,"
                f" {server.peak() / MEBIBYTE:.0f} at most",
                flush=True,
            )
    talk.end()


def main() -> None:
    """Start a server and measure it."""
    if sys.argv[1:2] == ["move"]:
        move(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
        return
    options = docopt(__doc__)
    mebibytes = QUICK if options["--quick"] else int(options["--size"])
    more = ["--store", options["--store"]] if options["--store"] else []
    with eim_server("--blob-size", str(2 * mebibytes), *more) as server:
        measure(server, mebibytes * MEBIBYTE, int(options["--rounds"]))


if __name__ == "__main__":
    main()
