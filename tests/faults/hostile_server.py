"""An ``eim-server`` that lies as its operator announces.

``frame HEX`` is sent to everyone in the place of the announcement, as it is; ``wire HEX`` even
outside of any record. ``swap A B`` exchanges text in the JSON objects of all frames to come.
"""

# ruff: noqa: E402 (patching comes before every other import)

from gevent import monkey

monkey.patch_all()

import runpy
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(CHECKOUT))

from geventim.chat.codec import replies
from geventim.chat.replies import Announcement
from geventim.net.connection import Connection
from geventim.wire.frames import FrameReader, prefix

honest = Connection.send
swaps: dict[bytes, bytes] = {}


def send(connection: Connection, frame: bytes) -> None:
    message, payload = next(replies.decode(frame))
    if isinstance(message, Announcement):
        word, *values = message.text.split(" ")
        if word == "swap":
            swaps[bytes.fromhex(values[0])] = bytes.fromhex(values[1])
            return
        if word == "wire":
            connection.flush()
            connection.outbox.put(bytes.fromhex(values[0]))
            return
        if word == "frame":
            honest(connection, bytes.fromhex(values[0]))
            return
    header = FrameReader(frame).take_frame()
    for old, new in swaps.items():
        header = header.replace(old, new)
    honest(connection, prefix(header) + payload)


if __name__ == "__main__":
    Connection.send = send
    runpy.run_path(str(CHECKOUT / "bin" / "eim-server"), run_name="__main__")
