"""Other programs: the user's own editor, and what shows files."""

import os
import shlex
import sys
import tempfile
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from gevent import subprocess

from geventim.client.files.names import numbered
from geventim.errors import UserError
from geventim.store import files

USUAL: Final = "vi"

SHOWS: Final = "open" if sys.platform == "darwin" else "xdg-open"
"""Shows a file with the program for it."""

LONGEST: Final = 8 * 1024
"""Characters of what may name files that were dropped."""

NUMBERS: Final = 100
"""Files of one name."""

DROPPED: Final = 10
"""Files that a message can have."""


def edit(text: str, environment: dict[str, str]) -> str:
    """What becomes of ``text`` in ``$VISUAL`` or ``$EDITOR``. Raises :class:`UserError`.

    It stands in a file that only the user can read, in a directory of its own, in memory where
    there is such a place; both are gone afterwards, with whatever the editor left beside it.
    """
    command = shlex.split(environment.get("VISUAL") or environment.get("EDITOR") or USUAL)
    place = environment.get("XDG_RUNTIME_DIR")
    usable = place if place and os.access(place, os.W_OK) else None
    try:
        with tempfile.TemporaryDirectory(prefix="eim-", dir=usable) as directory:
            path = Path(directory, "message.txt")
            path.touch(0o600)
            path.write_text(text, encoding="utf-8")
            code = subprocess.call([*command, str(path)])
            if code:
                raise UserError("editor", f"{command[0]} has failed; your text is as it was.")
            return path.read_text(encoding="utf-8", errors="replace")
    except (OSError, IndexError) as error:
        name = command[0] if command else "the editor"
        text = f"{name} cannot be used: {getattr(error, 'strerror', None) or error}."
        raise UserError("editor", text, "Set $EDITOR to an editor.") from None


def show(path: str, program: str = SHOWS) -> None:
    """Have ``program`` show the file at ``path``. Raises :class:`UserError`."""
    try:
        subprocess.Popen(
            [program, path],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        raise UserError("opener", f"{program} cannot be used. The file is at {path}.") from None


def save(name: str, content: bytes, numbers: int = NUMBERS) -> str:
    """Put ``content`` into a new file in the user's home; its path. Raises :class:`UserError`.

    There are fewer than ``numbers`` of one name.
    """
    for number in range(1, numbers):
        path = Path.home() / numbered(name, number)
        try:
            files.create_file(path, content)
        except FileExistsError:
            continue
        except OSError as error:
            raise UserError("bad_file", f"{path} cannot be written: {error.strerror}.") from None
        return str(path)
    raise UserError("bad_file", f"There are too many files like {name} in your home.")


def dropped(text: str) -> list[str]:
    """The files that ``text`` names, if it names nothing else: so terminals paste what is dropped.

    They are absolute, and may be quoted as for a shell, or addresses.
    """
    if len(text) > LONGEST or text.lstrip()[:1] not in {"/", "'", '"', "f"}:
        return []
    try:
        words = shlex.split(text)
    except ValueError:
        return []
    paths = [unquote(word.removeprefix("file://")) if _is_address(word) else word for word in words]
    are_files = bool(paths) and all(path.startswith("/") and os.path.isfile(path) for path in paths)
    return paths if are_files and len(paths) <= DROPPED else []


def _is_address(word: str) -> bool:
    return word.startswith("file:///")
