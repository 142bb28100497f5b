"""Which versions of a file a program can use, and how an earlier one becomes its own.

A file's version is its ``user_version``; 0 is an empty file. Each step is one transaction, which
sets the version, too: whatever ends it, the file is of one version or the other, and whole. Before
the first step the file is copied to one beside it, which is named after its version.
"""

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from geventim.errors import StoreError
from geventim.store import files

Step = Callable[[sqlite3.Connection], None]
"""What is done within one transaction."""


def leave_as_it_is(connection: sqlite3.Connection) -> None:
    """Do nothing."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a file comes to be of this ``version``.

    ``make`` makes what is in an empty one. ``steps`` has the step from each version to the next,
    from ``first`` on, which was the first that was released. ``settle`` is for a copy of the file.
    """

    version: int
    first: int
    make: Step
    steps: Mapping[int, Step]
    settle: Step = leave_as_it_is

    def judge(self, version: int) -> None:
        """Return if a file of this ``version`` can be used. Raises :class:`StoreError`."""
        if version > self.version:
            raise StoreError(
                f"these data were written by a newer program (version {version}; this program has"
                f" {self.version}), and there is no way back: use that program, or a backup or copy"
                " from before it"
            )
        if 0 < version < self.first:
            raise StoreError(
                f"these data were written by a program before its first release (version"
                f" {version}); begin with an empty directory"
            )

    def carry_out(self, connection: sqlite3.Connection, path: Path) -> Path | None:
        """Bring the file at ``path`` to this version; where its copy is, if it was of another one.

        Raises :class:`StoreError`, :class:`sqlite3.Error` and :class:`OSError`.
        """
        version = version_of(connection)
        self.judge(version)
        if version == 0:
            self._take(connection, self.make, self.version)
            return None
        if version == self.version:
            return None
        kept = copy_of(path, version)
        copy(connection, kept, self.settle)
        for each in range(version, self.version):
            self._take(connection, self.steps[each], each + 1)
        return kept

    @staticmethod
    def _take(connection: sqlite3.Connection, step: Step, version: int) -> None:
        connection.execute("BEGIN IMMEDIATE")
        try:
            # Another process may have been faster.
            if version_of(connection) < version:
                step(connection)
                connection.execute(f"PRAGMA user_version={version}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def version_of(connection: sqlite3.Connection) -> int:
    """The version of an open file. Raises :class:`sqlite3.Error`."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def copy_of(path: Path, version: int) -> Path:
    """Where the file at ``path`` is copied to before it leaves this ``version``."""
    return path.with_name(f"{path.name}.version-{version}")


def copy(connection: sqlite3.Connection, path: Path, settle: Step) -> None:
    """Copy all that ``connection`` sees to the file ``path``: whole and on disk, or not at all.

    ``settle`` makes of it what can be opened by itself. What was there is replaced. Raises
    :class:`sqlite3.Error` and :class:`OSError`.
    """
    # A copy that was cut off is begun anew in the same place.
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    try:
        files.make_file(draft)
        target = sqlite3.connect(draft, isolation_level=None)
        try:
            target.execute("PRAGMA synchronous=FULL")
            connection.backup(target)
            # Without this the copy would ask for a write-ahead log beside it.
            target.execute("PRAGMA journal_mode=DELETE").fetchone()
            settle(target)
        finally:
            target.close()
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    files.sync_directory(path.parent)
