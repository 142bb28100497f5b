"""The key of a vault in its file: bare, or sealed with a passphrase.

A bare key is a line that says so, and the 64 bytes. A sealed one is another line, and what
:mod:`geventim.crypto.passphrase` made of the bytes.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from geventim.crypto import passphrase as passphrases
from geventim.errors import AuthenticationError, StoreError, UserError
from geventim.store import files

KEY_SIZE: Final = 64
"""Bytes in a key: one half encrypts, one authenticates."""

BARE: Final = b"geventim vault key 1\n"
"""Before a key that whoever reads the file has."""

SEALED: Final = b"geventim sealed vault key 1\n"
"""Before a key that opens with a passphrase."""


def keep_key(
    path: Path, key: bytes, random: Callable[[int], bytes], passphrase: str | None
) -> None:
    """Keep a new ``key`` at ``path``; it is sealed if there is a ``passphrase``.

    Raises :class:`OSError`.
    """
    files.replace_file(path, _encode(key, random, passphrase))


def load_key(path: Path, random: Callable[[int], bytes], passphrase: str | None) -> bytes:
    """The key at ``path``. One that is bare is sealed from now on, if there is a ``passphrase``.

    Raises :class:`UserError` with code ``locked`` when a passphrase is needed and with code
    ``wrong_passphrase`` when it is another one, :class:`StoreError`, and :class:`OSError`.
    """
    content = path.read_bytes()
    if content.startswith(SEALED):
        return _open(content, passphrase)
    if not content.startswith(BARE) or len(content) != len(BARE) + KEY_SIZE:
        raise StoreError(f"{path} does not hold the key of a vault, or that of a newer program")
    key = content[len(BARE) :]
    if passphrase is not None:
        replace_key(path, key, random, passphrase)
    return key


def replace_key(
    path: Path, key: bytes, random: Callable[[int], bytes], passphrase: str | None
) -> None:
    """Keep ``key`` at ``path`` sealed with another ``passphrase``, or bare without one.

    What was there is overwritten on the disk, as far as a program can see to it: a file system may
    keep copies. Raises :class:`OSError`.
    """
    content = _encode(key, random, passphrase)
    with path.open("r+b", buffering=0) as before:
        size = os.fstat(before.fileno()).st_size
        files.replace_file(path, content)
        before.write(bytes(size))
        os.fsync(before.fileno())


def is_sealed(path: Path) -> bool:
    """Whether the key at ``path`` opens with a passphrase; False if there is none.

    Raises :class:`OSError`.
    """
    try:
        with path.open("rb") as file:
            return file.read(len(SEALED)) == SEALED
    except FileNotFoundError:
        return False


def opens(path: Path, passphrase: str) -> bool:
    """Whether ``passphrase`` opens the key at ``path``, which is sealed. Raises :class:`OSError`.

    Blocks for about half a second.
    """
    try:
        _open(path.read_bytes(), passphrase)
    except UserError:
        return False
    return True


def _encode(key: bytes, random: Callable[[int], bytes], passphrase: str | None) -> bytes:
    if passphrase is None:
        return BARE + key
    return SEALED + passphrases.seal(passphrase, key, SEALED, random)


def _open(content: bytes, passphrase: str | None) -> bytes:
    if passphrase is None:
        raise UserError(
            "locked", "This client's data open with a passphrase.", "Give --passphrase to be asked."
        )
    try:
        return passphrases.open_sealed(passphrase, content[len(SEALED) :], SEALED)
    except AuthenticationError:
        raise UserError(
            "wrong_passphrase", "That passphrase does not open this client's data.", "Try again."
        ) from None
