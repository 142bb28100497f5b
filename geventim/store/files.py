"""Files and directories that only their owner can read, from the moment they exist."""

import os
from pathlib import Path
from typing import Final

DIRECTORY_MODE: Final = 0o700
FILE_MODE: Final = 0o600

PIECE: Final = 1024 * 1024
"""Bytes that are written at a time."""


def make_directory(path: Path) -> None:
    """Make the directory ``path``, closed to others, unless it exists. Raises :class:`OSError`."""
    missing = [place for place in (path, *path.parents) if not place.exists()]
    for place in reversed(missing):
        # Another process of the same user may be making it at the same moment.
        place.mkdir(mode=DIRECTORY_MODE, exist_ok=True)
        sync_directory(place.parent)


def make_file(path: Path) -> None:
    """Make the empty file ``path`` unless it exists, and close it to others either way.

    Raises :class:`OSError`.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
    try:
        os.fchmod(descriptor, FILE_MODE)
    finally:
        os.close(descriptor)
    sync_directory(path.parent)


def create_file(path: Path, content: bytes) -> None:
    """Make the file ``path`` with ``content``, closed to others and on disk when this returns.

    Raises :class:`OSError`: :class:`FileExistsError` if there is one, which stays as it is.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE_MODE)
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def replace_file(path: Path, content: bytes) -> None:
    """Put ``content`` in the place of ``path``: all of it is there and on disk, or nothing changed.

    Raises :class:`OSError`.
    """
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, FILE_MODE)
    try:
        with open(descriptor, "wb") as file:
            os.fchmod(descriptor, FILE_MODE)
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def erase_file(path: Path) -> None:
    """Overwrite the file ``path``, as far as a program can see to that, and delete it.

    A file system may keep copies. Raises :class:`OSError`.
    """
    with path.open("r+b", buffering=0) as file:
        left = os.fstat(file.fileno()).st_size
        while left > 0:
            left -= file.write(bytes(min(left, PIECE)))
        os.fsync(file.fileno())
    path.unlink()
    sync_directory(path.parent)


def sync_file(path: Path) -> None:
    """Put what was written into the file at ``path`` on disk. Raises :class:`OSError`."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def sync_directory(path: Path) -> None:
    """Put the names in the directory ``path`` on disk. Raises :class:`OSError`."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def close_to_others(path: Path) -> bool:
    """Close the file or directory ``path`` to everybody but its owner; whether it was not.

    Raises :class:`OSError`: :class:`PermissionError` if it belongs to somebody else.
    """
    mode = path.stat().st_mode
    if not mode & 0o077:
        return False
    path.chmod(mode & 0o700)
    return True
