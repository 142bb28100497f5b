"""What the SQLite store writes: changes, each applied inside a transaction that is under way.

Everything that can refuse a change is asked before anything is written, so that a refused one has
nothing to take back.
"""

import sqlite3
from typing import assert_never

from geventim.chat import limits, log
from geventim.chat.names import fold, skeleton
from geventim.chat.values import Account, Conversation, Kind, first_hash
from geventim.store import expiry, log_changes, rows, rules


def apply(connection: sqlite3.Connection, change: log.Change) -> log.Outcome:
    """The outcome of ``change``. Raises :class:`sqlite3.Error`."""
    match change:
        case log.Append():
            return log_changes.append(connection, change)
        case log.Commit():
            return log_changes.commit(connection, change)
        case log.GiveState():
            return log_changes.give(connection, change)
        case log.Create():
            return _create(connection, change)
        case log.Register():
            return _register(connection, change)
        case log.SetStatus():
            query = "UPDATE accounts SET status = ? WHERE id = ?"
            connection.execute(query, (change.status, change.account))
            return rows.account(connection, change.account)
        case log.SetOperator():
            query = "UPDATE accounts SET operator = 1 WHERE id = ?"
            connection.execute(query, (change.account,))
            return rows.account(connection, change.account)
        case log.AddInvite():
            query = "INSERT OR REPLACE INTO invites VALUES (?, ?)"
            connection.execute(query, (change.code, change.uses))
            return None
        case log.Allow():
            connection.execute("INSERT OR IGNORE INTO allowed VALUES (?)", (fold(change.nick),))
            return None
        case log.AddKeyPackages():
            _add_key_packages(connection, change)
            return None
        case log.TakeKeyPackage():
            return _take_key_package(connection, change)
        case log.Expire():
            return expiry.expire(connection, change)
    assert_never(change)


def _register(connection: sqlite3.Connection, change: log.Register) -> Account | log.Refusal:
    new = change.account
    folded, look = fold(new.nick), skeleton(new.nick)
    known = rows.account(connection, new.id)
    if known and rules.is_repeated(known, new):
        return known
    refusal = _refuse_entry(connection, change)
    if refusal:
        return refusal
    if _is_taken(connection, folded, look):
        return log.NICK_TAKEN
    if known or rows.account_with_key(connection, new.channel_key):
        return log.KEY_TAKEN
    if change.code is not None:
        connection.execute("UPDATE invites SET uses = uses - 1 WHERE code = ?", (change.code,))
        connection.execute("DELETE FROM invites WHERE code = ? AND uses = 0", (change.code,))
    connection.execute(
        "INSERT INTO accounts VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            new.id,
            new.nick,
            folded,
            look,
            new.identity,
            new.channel_key,
            new.status,
            new.operator,
        ),
    )
    return new


def _refuse_entry(connection: sqlite3.Connection, change: log.Register) -> log.Refusal | None:
    """Why somebody may not come in, whatever the nick."""
    if change.listed:
        query = "SELECT 1 FROM allowed WHERE folded = ?"
        if not connection.execute(query, (fold(change.account.nick),)).fetchone():
            return log.NOT_LISTED
    if change.code is not None:
        query = "SELECT 1 FROM invites WHERE code = ?"
        if not connection.execute(query, (change.code,)).fetchone():
            return log.NOT_INVITED
    return None


def _create(connection: sqlite3.Connection, change: log.Create) -> Conversation | log.Refusal:
    new = change.conversation
    known = rows.created(connection, new, change.message_id)
    if known:
        query = "SELECT deleted FROM conversations WHERE id = ?"
        (is_deleted,) = connection.execute(query, (known.id,)).fetchone()
        return rules.repeat_create(known, deleted=bool(is_deleted))
    if change.most is not None and rows.usage(connection, new.creator).created >= change.most:
        return log.TOO_MANY
    folded = look = None
    if new.kind is Kind.ROOM:
        folded, look = fold(new.name), skeleton(new.name)
        if _is_taken(connection, folded, look):
            return log.NAME_TAKEN
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


def _is_taken(connection: sqlite3.Connection, folded: str, look: str) -> bool:
    """Whether a person or a room has this name, or one that looks like it."""
    query = (
        "SELECT 1 FROM accounts WHERE folded = ?1 OR skeleton = ?2"
        " UNION ALL SELECT 1 FROM conversations WHERE folded = ?1 OR skeleton = ?2"
    )
    return connection.execute(query, (folded, look)).fetchone() is not None


def _add_key_packages(connection: sqlite3.Connection, change: log.AddKeyPackages) -> None:
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


def _take_key_package(
    connection: sqlite3.Connection, change: log.TakeKeyPackage
) -> log.Taken | log.Refusal:
    row = connection.execute(
        "SELECT number, package, last_resort FROM key_packages"
        " WHERE account = ? AND (last_resort OR time >= ?) ORDER BY last_resort, number LIMIT 1",
        (change.account, change.after),
    ).fetchone()
    if row is None:
        return log.NO_KEY_PACKAGE
    number, package, _ = row
    connection.execute(
        "DELETE FROM key_packages WHERE account = ? AND last_resort = 0"
        " AND (time < ? OR number = ?)",
        (change.account, change.after, number),
    )
    return log.Taken(package, rows.key_packages(connection, change.account, change.after))
