"""The store of one server process: SQLite in WAL mode, on disk before anyone hears of it.

One connection writes, under a lock; as many read as there are threads reading at the same time.
"""

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final
from urllib.parse import quote

from geventim.chat.names import fold
from geventim.chat.values import Account, Conversation, Membership, Totals
from geventim.errors import StoreError
from geventim.log.blobs import Blob
from geventim.log.changes import Change
from geventim.log.outcomes import Head, Outcome, Page, Position, State, Usage
from geventim.log.people import Invite, Seen
from geventim.store import files, plan
from geventim.store.lock import Lock
from geventim.store.plan import Plan
from geventim.store.sqlite import blobs, inspection, rows, schema, tenure
from geventim.store.sqlite.ends import Ends
from geventim.store.sqlite.inspection import Findings
from geventim.store.sqlite.runs import STATEMENTS, apply_all
from geventim.store.sqlite.tenure import Tenure

BUSY_TIMEOUT: Final = 10.0
"""Seconds to wait for another process that holds the database."""

IDLE_READERS: Final = 8
"""Reading connections kept open while nobody reads."""

READ_THROUGH: Final = 32 * 2**20
"""Bytes of a file that is looked through before it is used; more take longer than a start may."""

_PRIMARY: Final = 0xFF
"""The bits of SQLite's codes of errors that tell the kind."""


class SqliteStore:
    """A :class:`geventim.log.store.Store` in the file ``path``, which is made if it is missing.

    It is brought to the version of ``stages``; ``kept`` is where it was copied to before that. One
    that is not too long is looked through. Raises :class:`StoreError` when the file cannot be used.
    """

    def __init__(self, path: Path, stages: Plan = schema.PLAN) -> None:
        self._path = path
        self._lock = Lock()
        # Taking from a list and putting back are atomic, so that nobody waits for a reader.
        self._idle: list[sqlite3.Connection] = []
        with _failures():
            files.make_directory(path.parent)
            files.make_file(path)
            examine(path, stages)
            self._writer = self._connect()
            self._tenure = Tenure(path, self._writer, BUSY_TIMEOUT)
            try:
                self.kept = schema.prepare(self._writer, path, stages)
                self._tenure.begin()
                if path.stat().st_size <= READ_THROUGH:
                    inspection.require_whole(self._writer)
                self._ends = Ends(self._writer)
            except BaseException:
                self._writer.close()
                raise

    def commit(self, changes: Sequence[Change]) -> list[Outcome]:
        """See :meth:`geventim.log.store.Store.commit`."""
        with self._lock, _failures():
            outcomes = self._ends.append(changes)
            if outcomes is None:
                outcomes = self._apply(changes)
                self._ends.note(outcomes)
            # They are on disk; if this fails now, the next commit does it.
            with suppress(sqlite3.Error, OSError):
                self._tenure.keep_bounded()
            return outcomes

    def account(self, account: bytes) -> Account | None:
        """The account with this id."""
        with self._reader() as reader:
            return rows.account(reader, account)

    def account_named(self, nick: str) -> Account | None:
        """The account whose nick is the same name as ``nick``; none that was released."""
        with self._reader() as reader:
            return rows.account_named(reader, fold(nick))

    def account_with_key(self, channel_key: bytes) -> Account | None:
        """The account that logs in with this X25519 key."""
        with self._reader() as reader:
            return rows.account_with_key(reader, channel_key)

    def accounts(self) -> list[Account]:
        """Every account, sorted by nick."""
        with self._reader() as reader:
            return rows.accounts(reader)

    def invites(self) -> dict[str, Invite]:
        """See :meth:`geventim.log.store.Store.invites`."""
        with self._reader() as reader:
            return rows.invites(reader)

    def last_seen(self) -> dict[bytes, Seen]:
        """See :meth:`geventim.log.store.Store.last_seen`."""
        with self._reader() as reader:
            return rows.last_seen(reader)

    def conversation(self, conversation: bytes) -> Conversation | None:
        """The conversation with this id, also when it was deleted."""
        with self._reader() as reader:
            return rows.conversation(reader, conversation)

    def groups(self) -> list[Conversation]:
        """See :meth:`geventim.log.store.Store.groups`."""
        with self._reader() as reader:
            return rows.groups(reader)

    def room_named(self, name: str) -> Conversation | None:
        """The room whose name is the same as ``name``."""
        with self._reader() as reader:
            return rows.room_named(reader, fold(name))

    def rooms(self, after: str, most: int) -> list[Conversation]:
        """See :meth:`geventim.log.store.Store.rooms`."""
        with self._reader() as reader:
            return rows.rooms(reader, after, most)

    def head(self, conversation: bytes) -> Head | None:
        """See :meth:`geventim.log.store.Store.head`."""
        with self._reader() as reader:
            return rows.head(reader, conversation)

    def givers(self, conversation: bytes) -> list[bytes]:
        """See :meth:`geventim.log.store.Store.givers`."""
        with self._reader() as reader:
            return rows.givers_of(reader, conversation)

    def state(self, conversation: bytes, account: bytes) -> State | None:
        """See :meth:`geventim.log.store.Store.state`."""
        with self._reader() as reader:
            return rows.state(reader, conversation, account)

    def has_written(self, conversation: bytes, account: bytes) -> bool:
        """See :meth:`geventim.log.store.Store.has_written`."""
        with self._reader() as reader:
            return rows.has_written(reader, conversation, account)

    def position(self, conversation: bytes, after: int) -> Position:
        """See :meth:`geventim.log.store.Store.position`."""
        with self._snapshot() as reader:
            return rows.position(reader, conversation, after)

    def members(self, conversation: bytes) -> list[bytes]:
        """The account ids of the present members, sorted."""
        with self._reader() as reader:
            return rows.members(reader, conversation)

    def is_member(self, conversation: bytes, account: bytes) -> bool:
        """Whether the account is a member of a conversation now."""
        with self._reader() as reader:
            return blobs.is_member(reader, conversation, account)

    def blob(self, blob: bytes) -> Blob | None:
        """The blob with this id, also when it has expired."""
        with self._reader() as reader:
            return blobs.get(reader, blob)

    def strays(self, ids: Sequence[bytes]) -> list[bytes]:
        """See :meth:`geventim.log.store.Store.strays`."""
        with self._reader() as reader:
            return blobs.strays(reader, ids)

    def memberships(
        self, account: bytes, after: bytes = b"", most: int | None = None
    ) -> list[Membership]:
        """See :meth:`geventim.log.store.Store.memberships`."""
        with self._reader() as reader:
            return rows.memberships(reader, account, after, most)

    def entries(self, conversation: bytes, account: bytes, after: int) -> Page:
        """A page of what the account is entitled to, above ``after``."""
        with self._snapshot() as reader:
            return rows.page(reader, conversation, account, after)

    def usage(self, account: bytes) -> Usage:
        """See :meth:`geventim.log.store.Store.usage`."""
        with self._reader() as reader:
            return rows.usage(reader, account)

    def totals(self) -> Totals:
        """See :meth:`geventim.log.store.Store.totals`."""
        with self._snapshot() as reader:
            return rows.totals(reader)

    def probe(self) -> None:
        """See :meth:`geventim.log.store.Store.probe`."""
        with self._lock, _failures():
            # The page with the version is written, though it stays as it is.
            version = plan.version_of(self._writer)
            self._writer.execute(f"PRAGMA user_version={version}")

    def crowded(self, accounts: Sequence[bytes], places: int) -> list[bytes]:
        """See :meth:`geventim.log.store.Store.crowded`."""
        with self._reader() as reader:
            return [each for each in accounts if rows.is_crowded(reader, each, places)]

    def key_packages(self, account: bytes, after: float) -> int:
        """How many key packages can be taken once, not counting what came before ``after``."""
        with self._reader() as reader:
            return rows.key_packages(reader, account, after)

    def close(self) -> None:
        """Give everything back; nothing may be called afterwards."""
        with self._lock, _failures():
            while self._idle:
                self._idle.pop().close()
            with closing(self._writer):
                self._tenure.end()

    def _apply(self, changes: Sequence[Change]) -> list[Outcome]:
        self._writer.execute("BEGIN IMMEDIATE")
        try:
            outcomes = apply_all(self._writer, changes)
            self._writer.execute("COMMIT")
        except BaseException:
            # Some failures have ended the transaction already.
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
            raise
        return outcomes

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(
            self._path,
            timeout=BUSY_TIMEOUT,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=STATEMENTS,
        )

    @contextmanager
    def _reader(self) -> Iterator[sqlite3.Connection]:
        """A connection that nobody else uses meanwhile; after a failure it is not used again."""
        with _failures():
            try:
                reader = self._idle.pop()
            except IndexError:
                reader = self._connect()
                reader.execute("PRAGMA query_only=ON")
            try:
                yield reader
            except BaseException:
                reader.close()
                raise
            if len(self._idle) < IDLE_READERS:
                self._idle.append(reader)
            else:
                reader.close()

    @contextmanager
    def _snapshot(self) -> Iterator[sqlite3.Connection]:
        """A reader in one transaction, to which everything is of the same moment."""
        with self._reader() as reader:
            reader.execute("BEGIN")
            yield reader
            reader.execute("COMMIT")


def examine(path: Path, stages: Plan = schema.PLAN) -> int:
    """The version of the file at ``path``, if a store can be opened there; nothing is changed.

    A copy of a file that was open is read through. Raises :class:`StoreError`.
    """
    with _failures():
        if not path.stat().st_size:
            return 0
        tenure.require_log(path)
        with closing(_connect_to_read(path)) as connection:
            version = plan.version_of(connection)
            stages.judge(version)
            if tenure.is_copy(path, connection):
                inspection.require_whole(connection)
            return version


def inspect(path: Path, stages: Plan = schema.PLAN) -> Findings:
    """Everything in the file at ``path`` is read; a server may have it open.

    Raises :class:`StoreError`.
    """
    with _failures(), closing(_connect_to_read(path)) as connection:
        stages.judge(plan.version_of(connection))
        return inspection.inspect(connection)


def finished_blobs(path: Path) -> list[Blob]:
    """The blobs that are whole, in the file at ``path``; a server may have it open.

    Raises :class:`StoreError`.
    """
    with _failures(), closing(_connect_to_read(path)) as connection:
        schema.PLAN.judge(plan.version_of(connection))
        return blobs.finished(connection)


def copy(path: Path, to: Path, kept: Collection[bytes] = ()) -> None:
    """Copy the file at ``path`` to ``to``, as it is at one moment; a server may have it open.

    Of the blobs only those are ``kept`` in the copy of which there is a copy, too. Raises
    :class:`StoreError`.
    """

    def settle(copied: sqlite3.Connection) -> None:
        blobs.keep_only(copied, kept)
        tenure.settle(copied)

    with _failures(), closing(_connect_to_read(path)) as connection:
        schema.PLAN.judge(plan.version_of(connection))
        plan.copy(connection, to, settle)


def _connect_to_read(path: Path) -> sqlite3.Connection:
    """A connection that leaves the file and its write-ahead log as they are, also at its end."""
    # Without a log there it would make an empty one; and nobody has the file open.
    way = "mode=ro" if tenure.wal(path).exists() else "immutable=1"
    place = f"file:{quote(str(path.absolute()))}?{way}"
    return sqlite3.connect(place, timeout=BUSY_TIMEOUT, isolation_level=None, uri=True)


@contextmanager
def _failures() -> Iterator[None]:
    """Turn what SQLite and the disk raise, which never quote a value, into :class:`StoreError`."""
    try:
        yield
    except sqlite3.Error as error:
        # Python's own errors have no code.
        if getattr(error, "sqlite_errorcode", 0) & _PRIMARY == sqlite3.SQLITE_CORRUPT:
            raise StoreError(f"the database is damaged ({error}): restore a backup") from error
        raise StoreError(f"the database failed: {error}") from error
    except OSError as error:
        raise StoreError(f"{error.filename} cannot be used: {error.strerror}") from error
