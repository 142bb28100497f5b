"""A program that makes a small picture of the one on its standard input, and does nothing else.

Usage: thumbnailer.py [--cells | --pixels]

Decoders are attacked by files. So it runs by itself, with little memory and time, and when it looks
at the picture it can open no file and start no process; where the kernel has Landlock, it can
delete and rename none either, connect to nothing and send no signals. It knows nothing of this
package. What it prints is a line of JSON with the picture's ``type``, ``width`` and ``height``, and
then the small one: a JPEG, with nothing else that was in the file.

With ``--cells`` the picture is a small one that somebody else has made. What is printed is a byte
for its width and one for its height in cells of a terminal, which is even, and then the colours of
their halves, row by row: three bytes for each. With ``--pixels`` it is the same with more of them.
"""

import ctypes
import io
import json
import resource
import sys
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

MEMORY = 512 * 2**20
"""Bytes of address space."""

SECONDS = 5
"""Of processor time."""

SOURCE = 32 * 2**20
"""Bytes of a picture that is looked at."""

PIXELS = 64 * 10**6
"""Those of a picture, at most."""

MOST = 8 * 1024
"""Bytes of a small picture."""

FORMATS: tuple[str, ...] = ("JPEG", "PNG", "GIF", "WEBP")
"""What is decoded: what front ends that show pictures can show."""

SMALL = 2**18
"""Pixels of a small picture that somebody else has made."""

CELLS = (32, 24)
"""Pixels that are printed of it at most, in a row and one above the other."""

FINE = (128, 96)
"""The same with ``--pixels``."""

ORIENTATION = 0x0112
"""The tag of Exif that says which way is up."""

CREATE_RULESET, RESTRICT_SELF = 444, 446
"""Calls of the Linux kernel, under the same numbers on every machine; landlock(7)."""

VERSION_ONLY = 1
NO_NEW_PRIVILEGES = 38

RIGHTS = ((1, 13, 0, 0), (2, 14, 0, 0), (3, 15, 0, 0), (4, 15, 2, 0), (5, 16, 2, 0), (6, 16, 2, 2))
"""From which version of Landlock on how many rights there are, all of which are taken away: to use
files, to use TCP, and to reach other processes.
"""

TRIES = ((192, 75), (160, 60), (128, 40), (96, 25), (48, 25))
"""Pixels along the longer side and quality, until it is small enough."""


def main() -> None:
    """Read the picture, and print what has come of it; whatever is raised is the end."""
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        resource.setrlimit(kind, (most, most))
    image = import_module("PIL.Image")
    make, most, formats = shrink, PIXELS, FORMATS
    if sys.argv[1:]:
        size = FINE if sys.argv[1] == "--pixels" else CELLS
        make, most, formats = partial(sample, size), SMALL, FORMATS[:1]
    vars(image)["MAX_IMAGE_PIXELS"] = most // 2  # twice as many are its error
    warm_up(image, make, formats)
    data = sys.stdin.buffer.read(SOURCE + 1)
    if len(data) > SOURCE:
        raise SystemExit(1)
    shut_in()
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    sys.stdout.buffer.write(make(image, data))


def landlock() -> int:
    """The version of Landlock that the kernel has, or 0."""
    if sys.platform != "linux":
        return 0
    ask = ctypes.CDLL(None).syscall
    return max(0, int(ask(CREATE_RULESET, None, ctypes.c_size_t(0), VERSION_ONLY)))


def shut_in() -> None:
    """Give up all rights that Landlock knows of, if it is there; what is open stays so.

    Raises :class:`OSError` if that fails.
    """
    rights = [each for each in RIGHTS if each[0] <= landlock()]
    if not rights:
        return
    system = ctypes.CDLL(None, use_errno=True)
    version, *counts = rights[-1]
    # The structure has grown with the versions: 8 bytes for each kind of rights.
    kinds = 1 if version < 4 else 2 if version < 6 else 3
    handled = b"".join((2**count - 1).to_bytes(8, sys.byteorder) for count in counts[:kinds])
    ruleset = system.syscall(CREATE_RULESET, handled, ctypes.c_size_t(len(handled)), 0)
    is_shut = (
        ruleset >= 0
        and not system.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        and not system.syscall(RESTRICT_SELF, ruleset, 0)
    )
    if not is_shut:
        raise OSError(ctypes.get_errno(), "Landlock")


def warm_up(image: Any, make: Callable[[Any, bytes], bytes], formats: tuple[str, ...]) -> None:
    """Load whatever is loaded when it is needed first: for pictures of our own."""
    for name in formats:
        made = io.BytesIO()
        try:
            image.new("RGB", (2, 2)).save(made, name)
        except (KeyError, OSError):
            continue  # the library was built without it
        make(image, made.getvalue())


def shrink(image: Any, data: bytes) -> bytes:
    """What is printed about a picture."""
    picture = image.open(io.BytesIO(data), formats=FORMATS)
    is_on_its_side = picture.getexif().get(ORIENTATION, 1) in range(5, 9)
    width, height = picture.size[::-1] if is_on_its_side else picture.size
    facts = {"type": image.MIME[picture.format], "width": width, "height": height}
    picture.draft("RGB", (2 * TRIES[0][0],) * 2)
    picture.thumbnail((TRIES[0][0],) * 2)
    upright = import_module("PIL.ImageOps").exif_transpose(picture).convert("RGB")
    for side, quality in TRIES:
        small = upright.copy()
        small.thumbnail((side, side))
        made = io.BytesIO()
        small.save(made, "JPEG", quality=quality, optimize=False)
        if made.tell() <= MOST:
            return json.dumps(facts).encode() + b"\n" + made.getvalue()
    raise SystemExit(1)


def sample(most: tuple[int, int], image: Any, data: bytes) -> bytes:
    """The colours of a small picture, which are as many at ``most``."""
    picture = image.open(io.BytesIO(data), formats=FORMATS[:1])
    picture.draft("RGB", most)
    picture.thumbnail(most)
    width, height = picture.size
    cells = picture.convert("RGB").resize((width, height + height % 2))
    return bytes(cells.size) + bytes(cells.tobytes())


if __name__ == "__main__":
    main()
