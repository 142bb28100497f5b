"""By what one knows whether a file and its write-ahead log belong together.

Both may have been copied while a server wrote, one after the other or one without the other. SQLite
would take an older log for what has to be done to a newer file, and a file without its log for all
there is. So the file says in a row of its own whether a server has it open, and how often the log
was begun anew:

- ``generation`` is raised before what the log holds goes into the file;
- ``base`` is the generation with which the log begins; it is the first thing that is written to
  it, and NULL when the file was closed and needs no log;
- ``inode`` is that of the file. Where it is another one, this is a copy of an open file.

The row is read twice: from the file alone, and with the log. They fit if the file is not older than
the beginning of the log, and not newer than its end.
"""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self
from urllib.parse import quote

from geventim.errors import StoreError

TABLE: Final = """
CREATE TABLE tenure (generation INTEGER NOT NULL, base INTEGER, inode INTEGER NOT NULL);
INSERT INTO tenure VALUES (0, NULL, 0)
"""

WAL_SIZE: Final = 4 * 1024 * 1024
"""Bytes in the write-ahead log, over which it goes into the file and is begun anew."""

PATIENCE: Final = 0.1
"""Seconds in which readers have to be done for that; otherwise it is tried again later."""


@dataclass(frozen=True, slots=True)
class Mark:
    """The row, as it is somewhere."""

    generation: int
    base: int | None
    inode: int

    @classmethod
    def read(cls, connection: sqlite3.Connection) -> Self | None:
        """The row of an open file; None in an empty one. Raises :class:`sqlite3.Error`."""
        query = "SELECT 1 FROM sqlite_master WHERE name = 'tenure'"
        if connection.execute(query).fetchone() is None:
            return None
        return cls(*connection.execute("SELECT generation, base, inode FROM tenure").fetchone())

    @classmethod
    def read_alone(cls, path: Path) -> Self | None:
        """The row of the file at ``path`` without its log. Raises :class:`sqlite3.Error`."""
        place = f"file:{quote(str(path.absolute()))}?immutable=1"
        with closing(sqlite3.connect(place, uri=True)) as connection:
            return cls.read(connection)


def require_log(path: Path) -> None:
    """Return if the write-ahead log of the file at ``path`` is there, where it is needed.

    It is looked for before SQLite opens the file, and makes an empty one. Raises
    :class:`StoreError`, and :class:`sqlite3.Error`.
    """
    alone = Mark.read_alone(path)
    if alone is not None and alone.base is not None and not wal(path).exists():
        raise StoreError(
            f"{wal(path)} is missing, and what was written last is in it: put it back, or restore a"
            " backup. If another program has put all of it into the file, as sqlite3 does, make an"
            " empty file of that name"
        )


def is_copy(path: Path, connection: sqlite3.Connection) -> bool:
    """Whether the file at ``path``, which is open, was copied while it was open elsewhere.

    Raises :class:`StoreError` if it and its log are of different moments, and
    :class:`sqlite3.Error`.
    """
    alone, together = Mark.read_alone(path), Mark.read(connection)
    if together is None or alone is None:
        return False
    is_older = together.base is not None and alone.generation < together.base
    if is_older or alone.generation > together.generation:
        raise StoreError(
            f"{path} and {wal(path)} were copied at different moments: restore a backup, which"
            " 'eim-server backup' makes"
        )
    return together.base is not None and together.inode != path.stat().st_ino


def wal(path: Path) -> Path:
    """Where the write-ahead log of the file at ``path`` is."""
    return path.with_name(f"{path.name}-wal")


def settle(connection: sqlite3.Connection) -> None:
    """Say in a copy, in which everything is, that it was closed. Raises :class:`sqlite3.Error`."""
    if Mark.read(connection) is not None:
        connection.execute("UPDATE tenure SET generation = generation + 1, base = NULL")


class Tenure:
    """A server has the file at ``path`` open, through ``connection``, which alone writes to it.

    Everything here raises :class:`sqlite3.Error`.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, patience: float) -> None:
        self._path = path
        self._wal = wal(path)
        self._connection = connection
        self._patience = patience
        self._most = WAL_SIZE

    def begin(self) -> None:
        """Say in the file that it is open."""
        inode = self._path.stat().st_ino
        self._connection.execute("UPDATE tenure SET inode = ?", (inode,))
        self._renew()

    def keep_bounded(self) -> None:
        """Put what the log holds into the file if it has grown too long, and begin it anew.

        While somebody reads what is older, it grows on; it is cut when that one is done.
        """
        size = self._wal.stat().st_size
        if size <= self._most:
            return
        self._most = WAL_SIZE if self._renew() else size + WAL_SIZE

    def end(self) -> None:
        """Say in the file that it was closed; the log goes when the last connection does."""
        self._connection.execute("UPDATE tenure SET generation = generation + 1, base = NULL")
        self._checkpoint()

    def _renew(self) -> bool:
        self._connection.execute(
            "UPDATE tenure SET generation = generation + 1, base = ifnull(base, generation)"
        )
        if not self._checkpoint():
            return False
        self._connection.execute("UPDATE tenure SET base = generation")
        return True

    def _checkpoint(self) -> bool:
        """Whether all of the log is in the file, and the next change begins it anew."""
        self._connection.execute(f"PRAGMA busy_timeout={int(PATIENCE * 1000)}").fetchone()
        try:
            answer = self._connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchone()
        finally:
            self._connection.execute(f"PRAGMA busy_timeout={int(self._patience * 1000)}").fetchone()
        return bool(answer[0] == 0)
