"""The data directory of a server: its lock, its key and its store."""

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from geventim.crypto.dh import PrivateKey
from geventim.crypto.kdf import hkdf_expand, hkdf_extract
from geventim.crypto.readable import decode_key, encode_key
from geventim.crypto.signature import KEY_SIZE, SigningKey
from geventim.errors import StoreError, UserError
from geventim.net.key_files import read_key_file, read_or_make_key_file
from geventim.store.blobs.directory import BlobDirectory
from geventim.store.files import close_to_others, make_directory
from geventim.store.sqlite.store import SqliteStore, examine

SERVER_KEY_SIZE: Final = 32

KEY: Final = "key"
LOCK: Final = "lock"
LOG: Final = "log.sqlite"
BLOBS: Final = "blobs"

IN_USE: Final = "in_use"
"""The code of a directory that another server holds."""

log = logging.getLogger(__name__)


class DataDirectory:
    """``path``, held by this process alone until :meth:`close`, or by its parent for it.

    What others could look into is closed to them. Raises :class:`UserError` with code ``in_use``
    when another server holds it, and :class:`StoreError` when it cannot be used.
    """

    def __init__(self, path: Path, *, is_held: bool = False) -> None:
        self.path = self.place(path)
        try:
            make_directory(self.path)
            self._lock = os.open(self.path / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise _unusable(self.path, error) from None
        if is_held:
            return
        try:
            _take(self._lock, path)
            self._close_to_others()
        except BaseException:
            os.close(self._lock)
            raise

    @staticmethod
    def place(path: Path) -> Path:
        """Where in ``path`` a server keeps its state."""
        return path / "server"

    @classmethod
    def check(cls, path: Path) -> int:
        """The version of the log in ``path``, where a server can begin; 0 if there is none yet.

        Nothing is made there. Raises what :class:`DataDirectory`, :meth:`server_key` and
        :meth:`open_store` do.
        """
        place = cls.place(path)
        existing = next(parent for parent in (place, *place.parents) if parent.exists())
        if not existing.is_dir():
            raise StoreError(f"{place} cannot be used: {existing} is not a directory")
        if not os.access(existing, os.R_OK | os.W_OK | os.X_OK):
            raise StoreError(f"{place} cannot be used: {existing} is not ours to write")
        if existing != place:
            return 0
        with suppress(FileNotFoundError):
            lock = os.open(place / LOCK, os.O_RDONLY | os.O_CLOEXEC)
            try:
                _take(lock, path)
            finally:
                os.close(lock)
        is_used = _holds_something(place / LOG)
        if is_used or _holds_something(place / KEY):
            read_server_key(place)
        return _examine(place / LOG) if is_used else 0

    def server_key(self) -> PrivateKey:
        """The server's X25519 key pair, made on the first start.

        Raises :class:`UserError` with code ``bad_key_file``.
        """
        path = self.path / KEY
        if not _holds_something(self.path / LOG):
            # A first start that could not write its key has left nothing that could be lost.
            if not _holds_something(path):
                path.unlink(missing_ok=True)
            read_or_make_key_file(path, encode_key(os.urandom(SERVER_KEY_SIZE)))
        return read_server_key(self.path)

    def signing_key(self) -> SigningKey:
        """The server's Ed25519 key, which follows from the other one."""
        concentrated = hkdf_extract(b"", self.server_key().secret)
        return SigningKey(hkdf_expand(concentrated, b"geventim server signature", KEY_SIZE))

    def open_store(self) -> SqliteStore:
        """Accounts and logs, in the version of this program. Raises :class:`StoreError`."""
        path = self.path / LOG
        with _named(path):
            store = SqliteStore(path)
        if store.kept is not None:
            log.warning("the log is of a newer version now", extra={"copy": str(store.kept)})
        return store

    def open_blobs(self, elsewhere: Path | None = None) -> BlobDirectory:
        """The files of this server, here or ``elsewhere``. Raises :class:`StoreError`."""
        path = elsewhere or self.path / BLOBS
        return BlobDirectory(path, encode_key(self.server_key().public))

    def close(self) -> None:
        """Let another process have the directory."""
        os.close(self._lock)

    def _close_to_others(self) -> None:
        for path in (self.path, *self.path.iterdir()):
            try:
                if close_to_others(path):
                    log.warning(
                        "others could look in, and cannot any more", extra={"at": str(path)}
                    )
            except FileNotFoundError:
                continue  # a draft, or what SQLite has beside its file
            except OSError as error:
                if path == self.path:
                    raise _unusable(path, error) from None
                # It is somebody else's; nobody but us and root gets as far as there.


def _examine(path: Path) -> int:
    with _named(path):
        return examine(path)


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Let what is wrong with the file at ``path`` name it."""
    try:
        yield
    except StoreError as error:
        if str(path) in str(error):
            raise
        raise StoreError(f"{path} cannot be used: {error}") from None


def _holds_something(path: Path) -> bool:
    try:
        return path.stat().st_size > 0
    except OSError:
        return False


def _take(lock: int, path: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise UserError(
            IN_USE,
            f"A server is running in {path} already.",
            "Stop it, or choose another directory with --data.",
        ) from None


def read_server_key(place: Path) -> PrivateKey:
    """The key of the server whose state is in ``place``.

    Raises :class:`UserError` with code ``bad_key_file``.
    """
    path = place / KEY
    if not path.exists():
        raise UserError(
            "bad_key_file",
            f"The server's key {path} is missing, and {place / LOG} belongs to it: with another key"
            " nobody would come back.",
            f"Put it back from a backup; or move {LOG} away, and the server begins anew.",
        )
    text = read_key_file(path)
    try:
        return PrivateKey(decode_key(text, SERVER_KEY_SIZE))
    except UserError:
        raise UserError(
            "bad_key_file",
            f"{path} does not hold the key of a server.",
            "Put it back from a backup.",
        ) from None


def _unusable(path: Path, error: OSError) -> StoreError:
    return StoreError(f"{path} cannot be used: {error.strerror}")
