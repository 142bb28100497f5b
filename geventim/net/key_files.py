"""Keys kept in files, so that they never stand in a command line."""

import os
from pathlib import Path
from typing import Final

from geventim.errors import UserError

LONGEST: Final = 1024
"""Bytes read from a key file; more is not a key."""


def read_key_file(path: Path) -> str:
    """The key text in ``path``. Raises :class:`UserError` with code ``bad_key_file``."""
    try:
        with path.open("rb") as file:
            return file.read(LONGEST).decode("ascii").strip()
    except (OSError, UnicodeDecodeError):
        raise UserError(
            "bad_key_file",
            f"The key file {path} cannot be read.",
            "Name a file that holds one line of key text.",
        ) from None


def read_or_make_key_file(path: Path, key: str) -> str:
    """The key text in ``path``, which is made with ``key`` in it, for its owner only, if missing.

    Raises :class:`UserError` with code ``bad_key_file``.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        return read_key_file(path)
    except OSError as error:
        raise UserError(
            "bad_key_file",
            f"The key file {path} cannot be made: {error.strerror}.",
            "Name a file in a directory that exists and is yours.",
        ) from None
    with open(descriptor, "w", encoding="ascii") as file:
        file.write(key + "\n")
        file.flush()
        os.fsync(file.fileno())
    return key
