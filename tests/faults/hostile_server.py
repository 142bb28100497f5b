"""An ``eim-server`` that lies as its operator announces.

``frame HEX`` is sent to everyone in the place of the announcement, as it is; ``wire HEX`` even
outside of any record. ``swap A B`` exchanges text in the JSON objects of all frames to come.
``chunks WORD`` has it give chunks of files as :data:`CHUNKS` says.
"""

# ruff: noqa: E402 - patching comes before every other import

from gevent import monkey

monkey.patch_all()

import runpy
import sys
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(CHECKOUT))

from geventim.chat.codec import replies
from geventim.chat.replies import Announcement
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
