"""The blobs of the SQLite store, without their content."""

import sqlite3
from collections.abc import Collection, Iterable
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from geventim.log import shelf
from geventim.log.blobs import (
    SWEPT_AT_ONCE,
    BeginBlob,
    Blob,
    BlobState,
    DropBlob,
    FinishBlob,
    OfBlobs,
    SweepBlobs,
    Swept,
)
from geventim.log.outcomes import Outcome, Refusal

COLUMNS: Final = "id, conversation, account, creation, size, time, state"

ALL: Final = b""
"""Who has the counts of all accounts."""

HOMELESS: Final = """
    EXISTS (SELECT 1 FROM accounts WHERE id = b.account AND sanction IN ('removed', 'released'))
    OR NOT EXISTS (SELECT 1 FROM conversations WHERE id = b.conversation AND NOT deleted)
"""


def get(connection: sqlite3.Connection, blob: bytes) -> Blob | None:
    """See :meth:`geventim.log.store.Store.blob`."""
    query = f"SELECT {COLUMNS} FROM blobs WHERE id = ?"  # noqa: S608 - made of constants
    return _blob(connection.execute(query, (blob,)).fetchone())


def strays(connection: sqlite3.Connection, blobs: Iterable[bytes]) -> list[bytes]:
    """See :meth:`geventim.log.store.Store.strays`."""
    query = "SELECT 1 FROM blobs WHERE id = ? AND state <> 'expired'"
    return [blob for blob in blobs if not connection.execute(query, (blob,)).fetchone()]


def is_member(connection: sqlite3.Connection, conversation: bytes, account: bytes) -> bool:
    """See :meth:`geventim.log.store.Store.is_member`."""
    query = """
        SELECT 1 FROM conversations AS c JOIN intervals AS i
            ON i.conversation = c.number AND i.account = ? AND i.until IS NULL
        WHERE c.id = ?
    """
    return connection.execute(query, (account, conversation)).fetchone() is not None


def count(connection: sqlite3.Connection, account: bytes = ALL) -> tuple[int, int, int]:
    """Of an account, or of all: blobs begun, blobs kept, and the bytes for which they count."""
    query = "SELECT begun, kept, bytes FROM kept WHERE account = ?"
    begun, kept, size = connection.execute(query, (account,)).fetchone() or (0, 0, 0)
    return begun, kept, size


def finished(connection: sqlite3.Connection) -> list[Blob]:
    """Every blob that is whole, and has not expired."""
    query = f"SELECT {COLUMNS} FROM blobs WHERE state = ? ORDER BY id"  # noqa: S608 - constants
    return [_read(*row) for row in connection.execute(query, ("finished",))]


def keep_only(connection: sqlite3.Connection, kept: Collection[bytes]) -> None:
    """Let all others than ``kept`` have expired, and what was only begun be forgotten."""
    query = f"SELECT {COLUMNS} FROM blobs WHERE state <> 'expired'"  # noqa: S608 - constants
    for blob in [_read(*row) for row in connection.execute(query)]:
        if blob.state is BlobState.BEGUN:
            _put(connection, blob, None)
        elif blob.id not in kept:
            _put(connection, blob, replace(blob, state=BlobState.EXPIRED))


def apply(connection: sqlite3.Connection, change: OfBlobs) -> Outcome:
    """The outcome of ``change``. Raises :class:`sqlite3.Error`."""
    match change:
        case BeginBlob():
            return _begin(connection, change)
        case FinishBlob():
            known = get(connection, change.blob)
            outcome = shelf.finish(known, change)
            if known is not None and isinstance(outcome, Blob):
                _put(connection, known, outcome)
            return outcome
        case DropBlob():
            known = get(connection, change.blob)
            if known is not None:
                _put(connection, known, None)
            return None
        case SweepBlobs():
            return _sweep(connection, change)


def _begin(connection: sqlite3.Connection, change: BeginBlob) -> Blob | Refusal:
    new = change.blob
    query = f"SELECT {COLUMNS} FROM blobs WHERE account = ? AND creation = ?"  # noqa: S608 - constants
    first = _blob(connection.execute(query, (new.account, new.creation)).fetchone())
    if first is not None:
        return first
    begun, _, of_account = count(connection, new.account)
    *_, of_all = count(connection)
    refusal = shelf.refuse(change, of_account, of_all, begun)
    if refusal is None:
        _put(connection, None, new)
    return refusal or new


def _sweep(connection: sqlite3.Connection, change: SweepBlobs) -> Swept:
    query = f"""
        SELECT {COLUMNS}, {HOMELESS}, number FROM blobs AS b
        WHERE number >= ? ORDER BY number LIMIT ?
    """  # noqa: S608 - made of constants
    rows = connection.execute(query, (change.start, SWEPT_AT_ONCE + 1)).fetchall()
    gone = []
    for *row, is_homeless, _ in rows[:SWEPT_AT_ONCE]:
        blob = _read(*row)
        after = shelf.sweep(blob, change, is_homeless=bool(is_homeless))
        if shelf.is_gone(blob, after):
            gone.append(blob.id)
        _put(connection, blob, after)
    return Swept(tuple(gone), rows[-1][-1] if len(rows) > SWEPT_AT_ONCE else 0)


def _put(connection: sqlite3.Connection, before: Blob | None, after: Blob | None) -> None:
    """Let ``after`` stand in the place of ``before``, and count it so."""
    if before == after:
        return
    if after is None:
        connection.execute("DELETE FROM blobs WHERE id = ?", (before and before.id,))
    elif before is None:
        query = f"INSERT INTO blobs ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - constants
        connection.execute(query, msgspec.structs.astuple(after))
    else:
        query = "UPDATE blobs SET time = ?, state = ? WHERE id = ?"
        connection.execute(query, (after.time, after.state, after.id))
    account = after.account if after is not None else before.account if before is not None else ALL
    added = [one - other for one, other in zip(_counted(after), _counted(before), strict=True)]
    if not any(added):
        return
    for each in (account, ALL):
        connection.execute("INSERT OR IGNORE INTO kept VALUES (?, 0, 0, 0)", (each,))
        query = "UPDATE kept SET begun = begun + ?, kept = kept + ?, bytes = bytes + ?"
        connection.execute(f"{query} WHERE account = ?", (*added, each))


def _counted(blob: Blob | None) -> tuple[int, int, int]:
    """What ``blob`` adds to :func:`count`."""
    if blob is None:
        return 0, 0, 0
    return blob.state is BlobState.BEGUN, blob.weight > 0, blob.weight


def _blob(row: Any) -> Blob | None:
    return _read(*row) if row else None


def _read(
    blob: bytes,
    conversation: bytes,
    account: bytes,
    creation: bytes,
    size: int,
    time: float,
    state: str,
) -> Blob:
    return Blob(blob, conversation, account, creation, size, time, BlobState(state))
