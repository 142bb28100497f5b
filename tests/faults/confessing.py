"""The program of ``bin/`` that this file is linked to as, ready to tell what its values look like.

On SIGUSR1 it writes the ``repr`` and ``str`` of every value of ours to the pipe ``NAME.PID``.
"""

# ruff: noqa: E402 - patching comes before every other import

from gevent import monkey

monkey.patch_all()

import gc
import os
import runpy
import signal
import sys
from pathlib import Path

import gevent

CHECKOUT = Path(__file__).resolve().parent.parent.parent
NAME = Path(sys.argv[0])


def confess() -> None:
    reached = [gc.get_objects()]
    reached += [gc.get_referents(thing) for thing in reached[0]]
    ours = {
        id(thing): thing
        for things in reached
        for thing in things
        if str(type(thing).__module__).partition(".")[0] == "geventim"
    }
    lines = [f"{type(thing).__name__} {thing!r} {thing!s}\n" for thing in ours.values()]
    Path(f"{NAME}.{os.getpid()}").write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    gevent.signal_handler(signal.SIGUSR1, confess)
    runpy.run_path(str(CHECKOUT / "bin" / NAME.name), run_name="__main__")
