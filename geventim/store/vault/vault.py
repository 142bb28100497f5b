"""The client's store: named values in one SQLite file, each sealed with the vault's key.

========== =====================================================================
file       content
========== =====================================================================
vault.key  the key, bare or sealed with a passphrase (:mod:`.vault_key`)
vault.db   the sealed values
vault.lock locked as long as the vault is open, so that there is one process
========== =====================================================================

Associated data binds a value to its name, so that values cannot be swapped. What is replaced or
deleted leaves the disk, as far as a program can see to that: SQLite overwrites it and empties its
log after each change (DESIGN §7).
"""

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, Protocol, Self

from geventim.crypto import etm
from geventim.errors import AuthenticationError, MisuseError, StoreError, UserError
from geventim.store import files
from geventim.store.lock import Lock
from geventim.store.plan import Plan, version_of
from geventim.store.vault import vault_key

KEY_FILE: Final = "vault.key"
VALUE_FILE: Final = "vault.db"
LOCK_FILE: Final = "vault.lock"


class Values(Protocol):
    """The values of a vault while a step to its next version is taken; all of it counts, or none.

    Raises :class:`StoreError`.
    """

    def items(self, prefix: str) -> list[tuple[str, bytes]]:
        """The names that begin with ``prefix``, sorted, with their values."""

    def put(self, values: Mapping[str, bytes | None]) -> None:
        """Keep ``values``; None deletes."""


@dataclass(frozen=True, slots=True)
class Stages:
    """What version the values are of, and the steps to it (:class:`geventim.store.plan.Plan`)."""

    version: int
    first: int
    steps: Mapping[int, Callable[[Values], None]]


STAGES: Final = Stages(version=2, first=2, steps={})
"""Those of this program: how values are sealed, and what they say."""

WITNESS: Final = ""
"""The name of a value that only opens with the right key; nothing else has an empty name."""

_SUITE: Final = etm.A256CBC_HS256
_LAST: Final = "\U0010ffff"


class Vault:
    """Values by name, for one process at a time. Everything here raises :class:`StoreError`.

    It may be used from any thread.
    """

    def __init__(
        self,
        directory: Path,
        connection: sqlite3.Connection,
        key: etm.Key,
        random: Callable[[int], bytes],
        lock_descriptor: int,
    ) -> None:
        self._directory = directory
        self._connection = connection
        self._key = key
        self._sealer = etm.Sealer(key)
        self._opener = etm.Opener(key)
        self._random = random
        self._lock_descriptor = lock_descriptor
        self._lock = Lock()

    @classmethod
    def open(
        cls,
        directory: Path,
        random: Callable[[int], bytes],
        passphrase: str | None = None,
        stages: Stages = STAGES,
    ) -> Self:
        """The vault in ``directory``; both are made if they are missing.

        It is brought to the version of ``stages``, being copied before; in the end the copy goes.

        ``random`` returns so many unpredictable bytes. With a ``passphrase`` the key is sealed, if
        it was not before. Raises :class:`UserError` with code ``in_use`` while another process has
        it open, ``locked`` when it needs a passphrase and ``wrong_passphrase`` for another one,
        and :class:`StoreError`.
        """
        with _failures():
            files.make_directory(directory)
            descriptor = _lock(directory / LOCK_FILE)
            try:
                key, is_new = _find_key(directory, random, passphrase)
                connection = _connect(directory / VALUE_FILE)
                try:
                    vault = cls(directory, connection, _SUITE.key(key), random, descriptor)
                    vault._recognise(stages)
                    if is_new:
                        # Last of all: a key without values means that they were lost.
                        vault_key.keep_key(directory / KEY_FILE, key, random, passphrase)
                    # From now on what is written is on disk when the log is emptied, each time.
                    connection.execute("PRAGMA synchronous=NORMAL")
                except BaseException:
                    connection.close()
                    raise
            except BaseException:
                os.close(descriptor)
                raise
            return vault

    @staticmethod
    def is_locked(directory: Path) -> bool:
        """Whether there is a vault in ``directory`` that needs a passphrase."""
        with _failures():
            return vault_key.is_sealed(directory / KEY_FILE)

    @staticmethod
    def opens(directory: Path, passphrase: str) -> bool:
        """Whether ``passphrase`` opens the vault in ``directory``, which needs one; it stays shut.

        Blocks for about half a second.
        """
        with _failures():
            return vault_key.opens(directory / KEY_FILE, passphrase)

    def get(self, key: str) -> bytes | None:
        """The value named ``key``, or None."""
        with self._lock, _failures():
            return self._get(key)

    def items(self, prefix: str) -> list[tuple[str, bytes]]:
        """The names that begin with ``prefix``, sorted, with their values."""
        with self._lock, _failures():
            return self._items(prefix)

    def items_but(self, prefix: str) -> list[tuple[str, bytes]]:
        """The names that do not begin with ``prefix``, sorted, with their values."""
        with self._lock, _failures():
            return [*self._between("\0", prefix), *self._between(prefix + _LAST, _LAST)]

    def names(self, prefix: str) -> list[str]:
        """The names that begin with ``prefix``, sorted; no value is read."""
        query = "SELECT key FROM sealed WHERE key >= ? AND key < ? ORDER BY key"
        with self._lock, _failures():
            found = self._connection.execute(query, (prefix, prefix + _LAST))
            return [name for (name,) in found]

    def put(self, values: Mapping[str, bytes | None]) -> None:
        """Keep all of ``values``, or none of them; None deletes. They are on disk afterwards.

        A name is not empty.
        """
        if WITNESS in values:
            raise MisuseError("a value needs a name")
        with self._lock, _failures():
            self._put(values)
            if not self._empty_log():
                # Then they are on disk in the log, which the next change empties.
                files.sync_file(self._directory / f"{VALUE_FILE}-wal")

    def _empty_log(self) -> bool:
        """Have on disk what is in the log, and leave nothing there; False if that fails."""
        try:
            row = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.Error:
            return False
        return not row[0]

    def change_passphrase(self, passphrase: str | None) -> None:
        """Have the key opened by ``passphrase`` from now on, or by anybody if there is none.

        The key itself stays: an old copy of the files opens with the passphrase it had.
        """
        with self._lock, _failures():
            key = self._key.mac + self._key.encryption
            vault_key.replace_key(self._directory / KEY_FILE, key, self._random, passphrase)

    def close(self) -> None:
        """Give the vault to others; nothing may be called afterwards."""
        with self._lock, _failures():
            self._connection.close()
            os.close(self._lock_descriptor)

    def _recognise(self, stages: Stages) -> None:
        """See that the key is the one these values were sealed with, and bring them up to date."""
        version = version_of(self._connection)
        plan = Plan(
            stages.version,
            stages.first,
            self._make,
            {number: partial(self._take, step) for number, step in stages.steps.items()},
        )
        plan.judge(version)
        if version and self._get(WITNESS) is None:
            raise StoreError("a value of the vault is missing")
        path = self._directory / VALUE_FILE
        plan.carry_out(self._connection, path)
        # What is replaced leaves the disk, also where it was copied to by one that was killed.
        for kept in self._directory.glob(f"{VALUE_FILE}.*"):
            files.erase_file(kept)

    def _make(self, connection: sqlite3.Connection) -> None:
        connection.execute(
            "CREATE TABLE sealed (key TEXT NOT NULL PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID"
        )
        self._write(WITNESS, b"")

    def _take(self, step: Callable[[Values], None], _: sqlite3.Connection) -> None:
        step(_Rewriting(self))

    def _get(self, key: str) -> bytes | None:
        row = self._connection.execute("SELECT value FROM sealed WHERE key = ?", (key,)).fetchone()
        return self._unseal(key, row[0]) if row else None

    def _items(self, prefix: str) -> list[tuple[str, bytes]]:
        return self._between(prefix or "\0", prefix + _LAST)

    def _between(self, first: str, end: str) -> list[tuple[str, bytes]]:
        query = "SELECT key, value FROM sealed WHERE key >= ? AND key < ? ORDER BY key"
        rows = self._connection.execute(query, (first, end)).fetchall()
        return [(key, self._unseal(key, sealed)) for key, sealed in rows]

    def _put(self, values: Mapping[str, bytes | None]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            self._write_all(values)
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def _write_all(self, values: Mapping[str, bytes | None]) -> None:
        for key, value in values.items():
            if value is None:
                self._connection.execute("DELETE FROM sealed WHERE key = ?", (key,))
            else:
                self._write(key, value)

    def _write(self, key: str, value: bytes) -> None:
        sealed = self._sealer.seal(self._random(etm.BLOCK), value, _associated(key))
        self._connection.execute("INSERT OR REPLACE INTO sealed VALUES (?, ?)", (key, sealed))

    def _unseal(self, key: str, sealed: bytes) -> bytes:
        try:
            return self._opener.open(sealed, _associated(key))
        except AuthenticationError:
            raise StoreError(
                f"a value of the vault was altered, or {KEY_FILE} belongs to another vault"
            ) from None


@dataclass(frozen=True, slots=True)
class _Rewriting:
    """The values of ``vault``, in whose transaction they are changed."""

    vault: Vault

    def items(self, prefix: str) -> list[tuple[str, bytes]]:
        return self.vault._items(prefix)  # noqa: SLF001 - this is a part of it

    def put(self, values: Mapping[str, bytes | None]) -> None:
        self.vault._write_all(values)  # noqa: SLF001 - the same


def _associated(key: str) -> bytes:
    return b"geventim vault 1" + key.encode()


def _lock(path: Path) -> int:
    """The descriptor that holds the lock until it is closed, or the process ends."""
    files.make_file(path)
    descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        if not isinstance(error, BlockingIOError):
            raise
        raise UserError(
            "in_use",
            "Another client is running under this name.",
            "Leave that one first, or choose another name.",
        ) from None
    return descriptor


def _find_key(
    directory: Path, random: Callable[[int], bytes], passphrase: str | None
) -> tuple[bytes, bool]:
    """The key of the vault, and whether there was none and it is a new one."""
    path, values = directory / KEY_FILE, directory / VALUE_FILE
    if path.exists():
        if not values.exists() or not values.stat().st_size:
            raise StoreError(
                f"{values} is missing or empty, and this user's keys were in it; put it back from a"
                f" copy, or move {directory} away to begin as somebody else"
            )
        return vault_key.load_key(path, random, passphrase), False
    if _holds_values(values):
        raise StoreError(f"{path} is missing, and nothing else opens the vault")
    for remnant in directory.glob(f"{VALUE_FILE}*"):
        remnant.unlink()
    return random(vault_key.KEY_SIZE), True


def _holds_values(path: Path) -> bool:
    """Whether there is more in the file at ``path`` than a first start that was cut off leaves."""
    if not path.exists() or not path.stat().st_size:
        return False
    connection = _connect(path)
    try:
        tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        query = "SELECT EXISTS (SELECT * FROM sealed WHERE key != ?)"
        return bool(tables[0] and connection.execute(query, (WITNESS,)).fetchone()[0])
    finally:
        connection.close()


def _connect(path: Path) -> sqlite3.Connection:
    files.make_file(path)
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        # One process has it open, so that SQLite needs no file to share its memory by.
        connection.execute("PRAGMA locking_mode=EXCLUSIVE").fetchone()
        connection.execute("PRAGMA secure_delete=ON").fetchone()
        connection.execute("PRAGMA journal_mode=WAL").fetchone()
        connection.execute("PRAGMA synchronous=FULL")
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def _failures() -> Iterator[None]:
    """Turn what the disk and SQLite raise, which never quote a value, into :class:`StoreError`."""
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(f"the vault failed: {error}") from error
    except OSError as error:
        raise StoreError(f"the vault failed: {error.strerror} ({error.filename})") from error
