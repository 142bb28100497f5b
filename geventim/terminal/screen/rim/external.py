"""Writing a text with the user's own editor."""

import os
import shlex
import tempfile
from pathlib import Path
from typing import Final

from gevent import subprocess

from geventim.errors import UserError

USUAL: Final = "vi"


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
