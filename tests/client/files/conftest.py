"""Transfers with a server and a disk in memory, step by step."""

import hashlib
import itertools
import os
from collections import deque
from types import SimpleNamespace
from typing import Any

import pytest

from geventim.channel.file import FileSealer, chunk_size, count_chunks
from geventim.chat import requests as ask
from geventim.chat.replies import BlobInfo, Chunk, ChunkStored, Error, Ok
from geventim.client.files.disk import NO_PICTURE, Facts, Picture, part_changed
from geventim.client.files.records import Fetching, Order, Records, Sending
from geventim.client.files.transfer import Means
from geventim.client.files.transfers import Transfers
from geventim.client.kept.memory import Memory
from geventim.client.sealing.content import File, Format, Reply
from geventim.errors import DeniedError, PeerError, UserError

PLACE, MESSAGE = b"p" * 16, b"m" * 16


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class MemorySource:
    def __init__(self, disk: "MemoryDisk", path: str) -> None:
        self._disk, self._path, self._at = disk, path, 0

    def look(self) -> Facts:
        size = self._disk.said.get(self._path, len(self._disk.files[self._path]))
        return Facts(size, self._disk.changed.get(self._path, 0))

    def read(self, size: int) -> bytes:
        data = self._disk.files[self._path][self._at : self._at + size]
        self._at += len(data)
        return data

    def close(self) -> None:
        self._disk.closed += 1


class MemoryPart:
    inode = 1

    def __init__(self, disk: "MemoryDisk", name: str, size: int) -> None:
        self._disk, self._name, self.path, self._at = disk, name, name + ".part", 0
        self._seen = disk.tampered
        self.whole = min(size, len(disk.files.setdefault(self.path, b"")))

    def read(self, size: int) -> bytes:
        data = self._disk.files[self.path][self._at : self._at + size]
        if len(data) < size:
            return b""
        self._at += size
        return data

    def write(self, data: bytes) -> None:
        if len(self._disk.files[self.path]) < self._at:
            raise part_changed(self.path)
        self._disk.files[self.path] = self._disk.files[self.path][: self._at] + data
        self._at += len(data)

    def finish(self, digest: bytes) -> str:
        whole = self._disk.files[self.path][: self._at]
        if self._seen != self._disk.tampered and hashlib.sha256(whole).digest() != digest:
            raise part_changed(self.path)
        self._disk.files[self._name] = self._disk.files.pop(self.path)[: self._at]
        self.path = self._name
        return self._name

    def close(self) -> None:
        pass

    def discard(self) -> None:
        self._disk.files.pop(self.path, None)


class MemoryDisk:
    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.changed: dict[str, int] = {}
        self.said: dict[str, int] = {}
        self.tampered = 0
        self.closed = self.looked = 0
        self.picture = NO_PICTURE

    def open_source(self, path: str) -> MemorySource:
        if path not in self.files:
            raise DeniedError("no_source", path=path, why="it is not there")
        return MemorySource(self, path)

    def look_at(self, path: str) -> Picture:
        self.looked += 1
        return self.picture

    def open_part(
        self, wanted: str, name: str, size: int, path: str, tag: str, inode: int
    ) -> MemoryPart:
        return MemoryPart(self, wanted or name, size)

    def find_whole(
        self, wanted: str, name: str, size: int, digest: bytes, path: str, inode: int
    ) -> str:
        return ""

    def drop_part(self, wanted: str, name: str, path: str, tag: str, inode: int) -> None:
        self.files.pop((wanted or name) + ".part", None)

    def remove(self, path: str, size: int, digest: bytes) -> None:
        data = self.files.get(path, b"")
        if (len(data), hashlib.sha256(data).digest()) == (size, digest):
            del self.files[path]


class Server:
    """Blobs as a server keeps them; ``refuse`` has requests of a type refused with a code."""

    def __init__(self) -> None:
        self.begun: dict[bytes, bytes] = {}
        self.blobs: dict[bytes, list[bytes]] = {}
        self.finished: set[bytes] = set()
        self.refuse: dict[type, str] = {}
        self.most = 0

    def answer(self, request: Any, payload: bytes) -> tuple[Any, bytes]:
        code = self.refuse.pop(type(request), None)
        if code is not None:
            return Error(id=0, code=code, text="No."), b""
        match request:
            case ask.BeginBlob():
                blob = self.begun.setdefault(request.message_id, os.urandom(16))
                chunks = self.blobs.setdefault(blob, [])
                done = blob in self.finished
                return BlobInfo(
                    id=0, blob=blob, size=request.size, chunks=len(chunks), finished=done, end=0
                ), b""
        chunks = self.blobs.get(request.blob)
        if chunks is None:
            return Error(id=0, code="no_blob", text="No such blob."), b""
        match request:
            case ask.PutChunk():
                if request.index > len(chunks):
                    return Error(id=0, code="not_next", text="Not next."), b""
                if request.index == len(chunks):
                    chunks.append(payload)
                return ChunkStored(id=0, chunks=len(chunks)), b""
            case ask.FinishBlob():
                self.finished.add(request.blob)
                return Ok(id=0), b""
            case ask.GetChunk():
                data = chunks[request.index]
                return Chunk(id=0, payload=len(data)), data
            case ask.DeleteBlob():
                del self.blobs[request.blob]
                return Ok(id=0), b""
        raise AssertionError(request)


class World:
    """One client's transfers. Requests are answered, and work is done, when it is said."""

    def __init__(self) -> None:
        self.server, self.disk, self.clock = Server(), MemoryDisk(), Clock()
        self.asked: deque[Any] = deque()
        self.work: deque[Any] = deque()
        self.events: list[Any] = []
        self.memory = Memory({})
        self.restart()

    def restart(self) -> None:
        """The client begins once more, with what it had kept."""
        self.memory = Memory(dict(self.memory.under("")))
        self.asked.clear()
        self.work.clear()
        exchange = SimpleNamespace(send=lambda what, then: self.asked.append((what, then)))
        ways: Any = SimpleNamespace(
            exchange=exchange, hand_out=lambda *given: self.work.append(given)
        )
        means = Means(
            ways, self.disk, self.clock, os.urandom, self.events.append, lambda _: "lobby"
        )
        self.means = means
        self.transfers = Transfers(means, Records(self.memory))

    def cut(self) -> None:
        """The connection is gone."""
        self.transfers.suspend()
        self.asked.clear()

    def step(self) -> bool:
        """Do the next thing; whether there was one."""
        self.transfers.poll(is_ready=True)
        if self.work:
            compute, resume, fail = self.work.popleft()
            try:
                result = compute.call()
            except (UserError, PeerError) as error:
                fail(error)
            else:
                resume(result)
            return True
        if self.asked:
            self.server.most = max(self.server.most, len(self.asked))
            what, then = self.asked.popleft()
            then(*self.server.answer(what.request, what.payload))
            return True
        return False

    def run(self, most: int | None = None) -> None:
        """Do so many things, or all that there are."""
        self.clock.now += 0.01
        for _ in itertools.count() if most is None else range(most):
            if not self.step():
                return
            self.clock.now += 0.01

    def order(self, *paths: str, reply: Reply | None = None) -> Any:
        files = tuple(Sending(0, path, path, os.urandom(32), os.urandom(16)) for path in paths)
        order = Order(os.urandom(16), PLACE, "", 0.0, files, reply, Format.TEXT, 0, 1)
        return self.transfers.send(order)

    def fetch(self, file: File, index: int = 0, asker: int = 0) -> Any:
        return self.transfers.fetch(
            Fetching(os.urandom(16), 0, PLACE, MESSAGE, index, file, "", asker, 2)
        )

    def put(self, data: bytes, name: str = "a.txt") -> File:
        """Have the server keep a file of somebody else."""
        key, blob = os.urandom(32), os.urandom(16)
        sealer = FileSealer(key, len(data), os.urandom)
        self.server.blobs[blob] = []
        for index in range(count_chunks(len(data))):
            start = index * 256 * 1024
            piece = data[start : start + chunk_size(len(data), index)]
            self.server.blobs[blob].append(sealer.seal(piece))
        return File(name, len(data), sealer.hash, key, blob)

    def kept(self) -> list[str]:
        return [name for name, _ in self.memory.under("files/")]


@pytest.fixture
def world() -> World:
    return World()
