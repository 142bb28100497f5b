"""The store of one server process: SQLite in WAL mode, on disk before anyone hears of it.

One connection writes, under a lock; as many read as there are threads reading at the same time.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from geventim.chat import log
from geventim.chat.names import fold
from geventim.chat.values import Account, Conversation, Membership
from geventim.errors import StoreError
from geventim.store import files, rows, schema
from geventim.store.ends import Ends
from geventim.store.lock import Lock
from geventim.store.runs import STATEMENTS, apply_all

BUSY_TIMEOUT: Final = 10.0
"""Seconds to wait for another process that holds the database."""

IDLE_READERS: Final = 8
"""Reading connections kept open while nobody reads."""


class SqliteStore:
    """A :class:`geventim.chat.log.Store` in the file ``path``, which is made if it is missing.

    Raises :class:`StoreError` when the file cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        # Taking from a list and putting back are atomic, so that nobody waits for a reader.
        self._idle: list[sqlite3.Connection] = []
        with _failures():
            try:
                files.make_directory(path.parent)
                files.make_file(path)
            except OSError as error:
                raise StoreError(f"{path} cannot be used: {error.strerror}") from error
            self._writer = self._connect()
            try:
                schema.prepare(self._writer)
                self._ends = Ends(self._writer)
            except BaseException:
                self._writer.close()
                raise

    def commit(self, changes: Sequence[log.Change]) -> list[log.Outcome]:
        """See :meth:`geventim.chat.log.Store.commit`."""
        with self._lock, _failures():
            outcomes = self._ends.append(changes)
            if outcomes is not None:
                return outcomes
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                outcomes = apply_all(self._writer, changes)
                self._writer.execute("COMMIT")
            except BaseException:
                # Some failures have ended the transaction already.
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise
            self._ends.note(outcomes)
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

    def invites(self) -> dict[str, log.Invite]:
        """See :meth:`geventim.chat.log.Store.invites`."""
        with self._reader() as reader:
            return rows.invites(reader)

    def last_seen(self) -> dict[bytes, log.Seen]:
        """See :meth:`geventim.chat.log.Store.last_seen`."""
        with self._reader() as reader:
            return rows.last_seen(reader)

    def conversation(self, conversation: bytes) -> Conversation | None:
        """The conversation with this id, also when it was deleted."""
        with self._reader() as reader:
            return rows.conversation(reader, conversation)

    def groups(self) -> list[Conversation]:
        """See :meth:`geventim.chat.log.Store.groups`."""
        with self._reader() as reader:
            return rows.groups(reader)

    def room_named(self, name: str) -> Conversation | None:
        """The room whose name is the same as ``name``."""
        with self._reader() as reader:
            return rows.room_named(reader, fold(name))

    def head(self, conversation: bytes) -> log.Head | None:
        """See :meth:`geventim.chat.log.Store.head`."""
        with self._reader() as reader:
            return rows.head(reader, conversation)

    def givers(self, conversation: bytes) -> list[bytes]:
        """See :meth:`geventim.chat.log.Store.givers`."""
        with self._reader() as reader:
            return rows.givers_of(reader, conversation)

    def state(self, conversation: bytes, account: bytes) -> log.State | None:
        """See :meth:`geventim.chat.log.Store.state`."""
        with self._reader() as reader:
            return rows.state(reader, conversation, account)

    def has_written(self, conversation: bytes, account: bytes) -> bool:
        """See :meth:`geventim.chat.log.Store.has_written`."""
        with self._reader() as reader:
            return rows.has_written(reader, conversation, account)

    def position(self, conversation: bytes, after: int) -> log.Position:
        """See :meth:`geventim.chat.log.Store.position`."""
        with self._snapshot() as reader:
            return rows.position(reader, conversation, after)

    def members(self, conversation: bytes) -> list[bytes]:
        """The account ids of the present members, sorted."""
        with self._reader() as reader:
            return rows.members(reader, conversation)

    def memberships(
        self, account: bytes, after: bytes = b"", most: int | None = None
    ) -> list[Membership]:
        """See :meth:`geventim.chat.log.Store.memberships`."""
        with self._reader() as reader:
            return rows.memberships(reader, account, after, most)

    def entries(self, conversation: bytes, account: bytes, after: int) -> log.Page:
        """A page of what the account is entitled to, above ``after``."""
        with self._snapshot() as reader:
            return rows.page(reader, conversation, account, after)

    def usage(self, account: bytes) -> log.Usage:
        """See :meth:`geventim.chat.log.Store.usage`."""
        with self._reader() as reader:
            return rows.usage(reader, account)

    def crowded(self, accounts: Sequence[bytes], places: int) -> list[bytes]:
        """See :meth:`geventim.chat.log.Store.crowded`."""
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
            self._writer.close()

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


@contextmanager
def _failures() -> Iterator[None]:
    """Turn what SQLite raises, which never quotes a value, into :class:`StoreError`."""
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(f"the database failed: {error}") from error
