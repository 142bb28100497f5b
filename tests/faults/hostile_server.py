"""An ``eim-server`` that lies as its operator announces.

``frame HEX`` is sent to everyone in the place of the announcement, as it is; ``wire HEX`` even
outside of any record. ``swap A B`` exchanges text in the JSON objects of all frames to come.
"""

# ruff: noqa: E402 (patching comes before every other import)

from gevent import monkey

monkey.patch_all()

import runpy
import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(CHECKOUT))

from geventim.chat.codec import replies
from geventim.chat.replies import Announcement
from geventim.net.audience import Audience
from geventim.net.connection import Connection
from geventim.wire.frames import FrameReader, prefix

honest_send = Connection.send
honest_deliver = Audience.deliver
swaps: dict[bytes, bytes] = {}


def lie(frame: bytes, connections: list[Connection]) -> bytes | None:
    """What ``connections`` are sent in the place of ``frame``."""
    message, payload = next(replies.decode(frame))
    if isinstance(message, Announcement):
        word, *values = message.text.split(" ")
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
    runpy.run_path(str(CHECKOUT / "bin" / "eim-server"), run_name="__main__")
