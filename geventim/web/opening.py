"""How a browser is made to open a link that nobody else may see.

What a program is called with can be read by everybody on the machine. So it is a file that only its
user can read, and that leads on to the link.
"""

import os
import shutil
import sys
from collections.abc import Mapping
from contextlib import suppress
from html import escape
from pathlib import Path
from typing import Final

from gevent import subprocess

from geventim.store.files import create_file

NAME: Final = "open.html"

LEADING: Final = """\
<!doctype html>
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0; url={url}">
<title>geventim</title>
"""


def opener(environment: Mapping[str, str]) -> str | None:
    """The program that opens files on the user's screen; None if there is none."""
    if sys.platform == "darwin":
        return shutil.which("open")
    if environment.get("WAYLAND_DISPLAY") or environment.get("DISPLAY"):
        return shutil.which("xdg-open", path=environment.get("PATH"))
    return None


def open_link(url: str, program: str, room: Path) -> None:
    """Have ``program`` open ``url``, by a file in the directory ``room``; does not wait for it.

    If that is not possible nobody is told: the link is shown as well.
    """
    path = room / NAME
    with suppress(OSError):
        create_file(path, LEADING.format(url=escape(url)).encode())
        subprocess.Popen(
            [program, os.fspath(path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
