"""An ``eim-client`` whose user decides over every byte: ``hex 0a0b`` goes out as this content."""

# ruff: noqa: E402 (patching comes before every other import)

from gevent import monkey

monkey.patch_all()

import runpy
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(CHECKOUT))

from geventim.client import content

WORD = "hex "

honest = content.encode


def encode(said: content.Content) -> bytes:
    if said.message.startswith(WORD):
        return bytes.fromhex(said.message.removeprefix(WORD))
    return honest(said)


if __name__ == "__main__":
    content.encode = encode
    runpy.run_path(str(CHECKOUT / "bin" / "eim-client"), run_name="__main__")
