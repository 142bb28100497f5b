"""An ``eim-server`` that lies as its operator announces.

``frame HEX`` is sent to everyone in the place of the announcement, as it is; ``wire HEX`` even
outside of any record. ``swap A B`` exchanges text in the JSON objects of all frames to come.
``chunks WORD`` has it give chunks of files as :data:`CHUNKS` says, and take them as
:data:`BLOBS` does.
"""

# ruff: noqa: E402 - patching comes before every other import

from gevent import monkey

monkey.patch_all()

import runpy
import sys
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

CHECKOUT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(CHECKOUT))

from geventim.chat.codec import encode, replies
from geventim.chat.limits import CHUNK_SIZE
from geventim.chat.replies import Announcement, BlobInfo, ChunkStored, Error, Ok
from geventim.log.blobs import Blob
from geventim.net.audience import Audience
from geventim.net.connection import Connection
from geventim.net.journals.blob_keeper import BlobKeeper
from geventim.wire.frames import FrameReader, prefix

honest_send = Connection.send
honest_deliver = Audience.deliver
honest_get = BlobKeeper.get
swaps: dict[bytes, bytes] = {}
given: dict[tuple[bytes, int], bytes] = {}
manners = ["honest"]

CHUNKS: dict[str, Callable[[BlobKeeper, Blob, int], bytes | None]] = {
    "swapped": lambda keeper, blob, index: honest_get(keeper, blob, (index + 1) % blob.chunks),
    "repeated": lambda keeper, blob, index: honest_get(keeper, blob, 0),
    "cut": lambda keeper, blob, index: (honest_get(keeper, blob, index) or b"")[:-1],
    "longer": lambda keeper, blob, index: (honest_get(keeper, blob, index) or b"") + b"x",
    "altered": lambda keeper, blob, index: b"x" + (honest_get(keeper, blob, index) or b"")[1:],
    "empty": lambda keeper, blob, index: b"",
    "of another file": lambda keeper, blob, index: next(
        chunk for (other, place), chunk in given.items() if other != blob.id and place == index
    ),
}


def claim(reply: Any) -> Any:
    """Say of a file that was not sent that it is whole, and that it is finished."""
    if isinstance(reply, BlobInfo):
        return replace(reply, chunks=-(-reply.size // CHUNK_SIZE), finished=True)
    is_refusal = isinstance(reply, Error) and reply.code == "not_whole"
    return Ok(id=reply.id) if is_refusal else reply


def take_none(reply: Any) -> Any:
    """Say of each chunk that another one is next, and that none is there."""
    if isinstance(reply, ChunkStored):
        return Error(id=reply.id, code="not_next", text="No.")
    return replace(reply, chunks=0) if isinstance(reply, BlobInfo) else reply


def forget(reply: Any) -> Any:
    """Say that there are no chunks after each one that has come."""
    return replace(reply, chunks=0) if isinstance(reply, ChunkStored) else reply


BLOBS: dict[str, Callable[[Any], Any]] = {
    "claimed": claim,
    "not taken": take_none,
    "forgotten": forget,
}


def get(keeper: BlobKeeper, blob: Blob, index: int) -> bytes | None:
    if manners[-1] in CHUNKS:
        return CHUNKS[manners[-1]](keeper, blob, index)
    chunk = honest_get(keeper, blob, index)
    given[blob.id, index] = chunk or b""
    return chunk


def lie(frame: bytes, connections: list[Connection]) -> bytes | None:
    """What ``connections`` are sent in the place of ``frame``."""
    message, payload = next(replies.decode(frame))
    if isinstance(message, Announcement):
        word, *values = message.text.split(" ")
        if word == "chunks":
            manners.append(" ".join(values))
            if manners[-1] == "honest":
                given.clear()
            return None
        if word == "swap":
            swaps[bytes.fromhex(values[0])] = bytes.fromhex(values[1])
            return None
        if word == "wire":
            for connection in connections:
                connection.flush()
                connection.outbox.put(bytes.fromhex(values[0]))
            return None
        if word == "frame":
            return bytes.fromhex(values[0])
    manner = BLOBS.get(manners[-1])
    if manner is not None and (told := manner(message)) is not message:
        return encode(told)
    header = FrameReader(frame).take_frame()
    for old, new in swaps.items():
        header = header.replace(old, new)
    return prefix(header) + payload


def send(connection: Connection, frame: bytes) -> None:
    told = lie(frame, [connection])
    if told is not None:
        honest_send(connection, told)


def deliver(audience: Audience[Any], frames: Sequence[bytes], but: Collection[Any]) -> list[Any]:
    connections = [outlet.connection for outlet in audience.outlets() if outlet not in but]
    told = [lie(frame, connections) for frame in frames]
    return honest_deliver(audience, [frame for frame in told if frame is not None], but)


if __name__ == "__main__":
    Connection.send = send
    Audience.deliver = deliver
    BlobKeeper.get = get
    runpy.run_path(str(CHECKOUT / "bin" / "eim-server"), run_name="__main__")
