"""Small pictures: made of those that are sent, and looked at when others have made them.

A program of its own does both, :mod:`.thumbnailer`. Whatever becomes of that, nothing else is lost
by it than the small picture.
"""

import contextlib
import os
import select
import signal
import sys
import time
from importlib.util import find_spec
from typing import Final

import msgspec
from gevent.monkey import get_original

from geventim.app.files import thumbnailer
from geventim.app.files.raster import FINE, MOST, Raster
from geventim.client.files.disk import NO_PICTURE, Picture

PATIENCE: Final = 10.0
"""Seconds until the program is ended."""

LARGEST: Final = 3 * FINE[0] * FINE[1] + 1024
"""Bytes of what it prints."""

JPEG: Final = b"\xff\xd8\xff"

# What gevent has in their place is for the thread with the event loop.
_poll = get_original("select", "poll")
_spawn = get_original("os", "posix_spawn")
_wait = get_original("os", "waitpid")


def look_at(path: str, patience: float = PATIENCE) -> Picture:
    """What the picture at ``path`` is, if it is one, and read within ``patience`` seconds."""
    if find_spec("PIL") is None:
        return NO_PICTURE
    try:
        source = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return NO_PICTURE
    try:
        if os.fstat(source).st_size > thumbnailer.SOURCE:
            return NO_PICTURE
        return _understand(_run(source, patience=patience))
    except Exception:  # whatever it was, it costs the small picture and nothing else
        return NO_PICTURE
    finally:
        os.close(source)


def sample(thumbnail: bytes, *, fine: bool = False) -> Raster | None:
    """What the small picture of somebody else looks like, if it is one; it may take its time.

    A ``fine`` one has more pixels than cells can show.
    """
    if find_spec("PIL") is None or len(thumbnail) > thumbnailer.MOST:
        return None
    source, its = os.pipe()
    try:
        # All of it fits into the pipe.
        with os.fdopen(its, "wb") as end:
            end.write(thumbnail)
        printed = _run(source, "--pixels" if fine else "--cells")
        return Raster.parse(printed, FINE if fine else MOST)
    except Exception:  # as above
        return None
    finally:
        os.close(source)


def _run(source: int, *words: str, patience: float = PATIENCE) -> bytes:
    """What the program prints about the file that is open as ``source``."""
    ours, its = os.pipe()
    try:
        actions = [
            (os.POSIX_SPAWN_DUP2, source, 0),
            (os.POSIX_SPAWN_DUP2, its, 1),
            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
        ]
        command = [sys.executable, "-I", thumbnailer.__file__, *words]
        process = _spawn(sys.executable, command, {}, file_actions=actions)
    finally:
        os.close(its)
    try:
        return _read(ours, patience)
    finally:
        os.close(ours)
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            os.kill(process, signal.SIGKILL)
            _wait(process, 0)


def _read(ours: int, patience: float) -> bytes:
    """All that comes in time, or nothing if it is too much or too late."""
    end, printed = time.monotonic() + patience, b""
    poll = _poll()
    poll.register(ours, select.POLLIN)
    while len(printed) <= LARGEST:
        if not poll.poll(max(0.0, end - time.monotonic()) * 1000):
            return b""
        data = os.read(ours, LARGEST)
        if not data:
            return printed
        printed += data
    return b""


def _understand(printed: bytes) -> Picture:
    """What was printed, if it makes sense: who has taken the program over may print anything."""
    head, _, thumbnail = printed.partition(b"\n")
    try:
        picture = msgspec.json.decode(head, type=Picture)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return NO_PICTURE
    if not thumbnail.startswith(JPEG) or len(thumbnail) > thumbnailer.MOST:
        return NO_PICTURE
    return msgspec.structs.replace(picture, thumbnail=thumbnail)
