"""An ``eim-client`` whose user decides over every byte: ``hex 0a0b`` goes out as this content.

``lie {"size": 5}`` goes out with a first file about which that is said.
"""

# ruff: noqa: E402 - patching comes before every other import

from gevent import monkey

monkey.patch_all()

import json
import runpy
import sys
from contextlib import suppress
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(CHECKOUT))

from geventim.client.sealing import content
from geventim.errors import PeerError
from geventim.mls.groups.group import Group
from geventim.wire.frames import FrameReader, prefix

WORD, LIE = "hex ", "lie "

honest = Group.send


def send(group: Group, data: bytes, authenticated_data: bytes = b"") -> bytes:
    """Seal, for the members, what the user wants instead of what the agent has made of it."""
    with suppress(PeerError):
        said = content.parse(data).message
        if said.startswith(WORD):
            data = bytes.fromhex(said.removeprefix(WORD))
        elif said.startswith(LIE):
            fields = json.loads(FrameReader(data).take_frame() or b"")
            fields["files"][0].update(json.loads(said.removeprefix(LIE)))
            data = prefix(json.dumps(fields).encode())
    return honest(group, data, authenticated_data)


if __name__ == "__main__":
    Group.send = send
    runpy.run_path(str(CHECKOUT / "bin" / "eim-client"), run_name="__main__")
