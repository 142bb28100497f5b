"""Keys kept in files, so that they never stand in a command line."""

import errno
import logging
import os
import stat
from pathlib import Path
from typing import Final

from geventim.chat.access import channel_psk
from geventim.errors import UserError

LONGEST: Final = 1024
"""Bytes read from a key file; more is not a key."""

FILE_MODE: Final = 0o600

log = logging.getLogger(__name__)


def read_key_file(path: Path) -> str:
    """The key text in ``path``, which is closed to others if it is ours and was not.

    Raises :class:`UserError` with code ``bad_key_file``, also when everybody can read it and only
    somebody else can change that.
    """
    try:
        with path.open("rb") as file:
            _close_to_others(path, file.fileno())
            text = file.read(LONGEST).decode("ascii").strip()
    except (OSError, UnicodeDecodeError):
        raise UserError(
            "bad_key_file",
            f"The key file {path} cannot be read.",
            "Name a file that holds one line of key text.",
        ) from None
    if not text:
        raise UserError(
            "bad_key_file",
            f"The key file {path} is empty.",
            "Put the key back, or remove the file.",
        )
    return text


def read_or_make_key_file(path: Path, key: str) -> str:
    """The key text in ``path``, which is made with ``key`` in it, for its owner only, if missing.

    Raises :class:`UserError` with code ``bad_key_file``; no file is left behind then.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE_MODE)
    except FileExistsError:
        return read_key_file(path)
    except OSError as error:
        raise _not_made(path, error) from None
    try:
        with open(descriptor, "w", encoding="ascii") as file:
            file.write(key + "\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        path.unlink(missing_ok=True)
        raise _not_made(path, error) from None
    return key


def read_access_key(path: Path) -> bytes:
    """The 32-byte pre-shared key for the access key in ``path``.

    Raises :class:`UserError` with code ``bad_key_file``.
    """
    try:
        return channel_psk(read_key_file(path))
    except UserError as error:
        if error.code == "bad_key_file":
            raise
        text = f"The key file {path} does not hold an access key."
        raise UserError("bad_key_file", text, error.advice) from None


def _not_made(path: Path, error: OSError) -> UserError:
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        advice = "Make room there."
    else:
        advice = "Name a file in a directory that exists and is yours."
    text = f"The key file {path} cannot be made: {error.strerror}."
    return UserError("bad_key_file", text, advice)


def _close_to_others(path: Path, descriptor: int) -> None:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode) or not status.st_mode & 0o077:
        return
    if status.st_uid == os.geteuid():
        os.fchmod(descriptor, FILE_MODE)
        log.warning("others could read the key file %s, and cannot any more", path)
    elif status.st_mode & stat.S_IROTH:
        raise UserError(
            "bad_key_file",
            f"Everybody can read the key file {path}, which belongs to somebody else.",
            f"Have its owner close it: chmod o= {path}",
        )
