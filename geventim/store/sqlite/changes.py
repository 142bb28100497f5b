"""What the SQLite store writes: changes, each applied inside a transaction that is under way.

Everything that can refuse a change is asked before anything is written, so that a refused one has
nothing to take back.
"""

import sqlite3

from geventim.chat import limits
from geventim.chat.names import fold, skeleton
from geventim.chat.values import Conversation, Kind, first_hash
from geventim.log.blobs import BeginBlob, DropBlob, FinishBlob, SweepBlobs
from geventim.log.changes import (
    AddKeyPackages,
    Append,
    Change,
    Commit,
    Create,
    Expire,
    GiveState,
    TakeKeyPackage,
)
from geventim.log.judge import repeat_create
from geventim.log.outcomes import NAME_TAKEN, NO_KEY_PACKAGE, TOO_MANY, Outcome, Refusal, Taken
from geventim.store.sqlite import blobs, expiry, log_changes, people_changes, rows


def apply(connection: sqlite3.Connection, change: Change) -> Outcome:
    """The outcome of ``change``. Raises :class:`sqlite3.Error`."""
    match change:
        case Append() | Commit() | GiveState():
            return log_changes.apply(connection, change)
        case Create():
            return _create(connection, change)
        case AddKeyPackages():
            _add_key_packages(connection, change)
            return None
        case TakeKeyPackage():
            return _take_key_package(connection, change)
        case Expire():
            return expiry.expire(connection, change)
        case BeginBlob() | FinishBlob() | DropBlob() | SweepBlobs():
            return blobs.apply(connection, change)
        case _:
            return people_changes.apply(connection, change)


def _create(connection: sqlite3.Connection, change: Create) -> Conversation | Refusal:
    new = change.conversation
    known = rows.created(connection, new, change.message_id)
    if known:
        query = "SELECT deleted FROM conversations WHERE id = ?"
        (is_deleted,) = connection.execute(query, (known.id,)).fetchone()
        return repeat_create(known, deleted=bool(is_deleted))
    if change.most is not None and rows.usage(connection, new.creator).created >= change.most:
        return TOO_MANY
    folded = look = None
    if new.kind is Kind.ROOM:
        folded, look = fold(new.name), skeleton(new.name)
        if people_changes.is_taken(connection, folded, look):
            return NAME_TAKEN
    members = dict.fromkeys(change.members)
    values = (
        new.id,
        new.kind,
        new.name,
        folded,
        look,
        new.creator,
        change.message_id,
        new.incarnation,
        new.gate,
        len(members),
        first_hash(new.incarnation),
    )
    number = connection.execute(
        "INSERT INTO conversations"
        " (id, kind, name, folded, skeleton, creator, creation, incarnation, gate, members, hash)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        values,
    ).lastrowid
    connection.executemany(
        "INSERT INTO intervals (conversation, account, since) VALUES (?, ?, 0)",
        [(number, account) for account in members],
    )
    return new


def _add_key_packages(connection: sqlite3.Connection, change: AddKeyPackages) -> None:
    if change.last_resort:
        query = "DELETE FROM key_packages WHERE account = ? AND last_resort"
        connection.execute(query, (change.account,))
    connection.executemany(
        "INSERT INTO key_packages (account, time, last_resort, package) VALUES (?, ?, ?, ?)",
        [
            (change.account, change.time, change.last_resort, package)
            for package in (change.packages[-1:] if change.last_resort else change.packages)
        ],
    )
    connection.execute(
        "DELETE FROM key_packages WHERE number IN ("
        "SELECT number FROM key_packages WHERE account = ? AND last_resort = 0"
        " ORDER BY number DESC LIMIT -1 OFFSET ?)",
        (change.account, limits.KEY_PACKAGES),
    )


def _take_key_package(connection: sqlite3.Connection, change: TakeKeyPackage) -> Taken | Refusal:
    row = connection.execute(
        "SELECT number, package, last_resort FROM key_packages"
        " WHERE account = ? AND (last_resort OR time >= ?) ORDER BY last_resort, number LIMIT 1",
        (change.account, change.after),
    ).fetchone()
    if row is None:
        return NO_KEY_PACKAGE
    number, package, _ = row
    connection.execute(
        "DELETE FROM key_packages WHERE account = ? AND last_resort = 0"
        " AND (time < ? OR number = ?)",
        (change.account, change.after, number),
    )
    return Taken(package, rows.key_packages(connection, change.account, change.after))
