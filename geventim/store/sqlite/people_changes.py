"""What the SQLite store writes about people: accounts, and who may become one.

Everything that can refuse a change is asked before anything is written, so that a refused one has
nothing to take back.
"""

import sqlite3
from typing import assert_never

from geventim.chat.names import fold, skeleton
from geventim.chat.values import Account, Sanction
from geventim.log.outcomes import KEY_TAKEN, NICK_TAKEN, NOT_INVITED, NOT_LISTED, Outcome, Refusal
from geventim.log.people import (
    AddInvite,
    Allow,
    Invite,
    NoteSeen,
    OfPeople,
    Register,
    RemoveInvite,
    SetAllowance,
    SetOperator,
    SetSanction,
    SetStatus,
    admits,
    is_repeated,
    sanctioned,
)
from geventim.store.sqlite import rows


def apply(connection: sqlite3.Connection, change: OfPeople) -> Outcome:
    """The outcome of ``change``. Raises :class:`sqlite3.Error`."""
    match change:
        case Register():
            return _register(connection, change)
        case SetStatus():
            query = "UPDATE accounts SET status = ? WHERE id = ?"
            connection.execute(query, (change.status, change.account))
            return rows.account(connection, change.account)
        case SetOperator():
            query = "UPDATE accounts SET operator = ? WHERE id = ?"
            connection.execute(query, (change.operator, change.account))
            return rows.account(connection, change.account)
        case SetSanction():
            return _set_sanction(connection, change)
        case AddInvite():
            query = "INSERT OR REPLACE INTO invites VALUES (?, ?, ?)"
            connection.execute(query, (change.code, change.uses, change.end))
            return None
        case RemoveInvite():
            connection.execute("DELETE FROM invites WHERE code = ?", (change.code,))
            return None
        case SetAllowance():
            query = "UPDATE accounts SET may_store = ?, may_create = ?, may_keep = ? WHERE id = ?"
            allowance = change.allowance
            values = (allowance.stored, allowance.created, allowance.files, change.account)
            connection.execute(query, values)
            return rows.account(connection, change.account)
        case NoteSeen():
            query = "INSERT OR REPLACE INTO seen VALUES (?, ?, ?)"
            seen = change.seen
            connection.execute(query, (change.account, seen.time, seen.nearness))
            return None
        case Allow():
            connection.execute("INSERT OR IGNORE INTO allowed VALUES (?)", (fold(change.nick),))
            return None
    assert_never(change)


def is_taken(connection: sqlite3.Connection, folded: str, look: str) -> bool:
    """Whether a person or a room has this name, or one that looks like it."""
    query = (
        "SELECT 1 FROM accounts WHERE folded = ?1 OR skeleton = ?2"
        " UNION ALL SELECT 1 FROM conversations WHERE folded = ?1 OR skeleton = ?2"
    )
    return connection.execute(query, (folded, look)).fetchone() is not None


def _register(connection: sqlite3.Connection, change: Register) -> Account | Refusal:
    new = change.account
    folded, look = fold(new.nick), skeleton(new.nick)
    known = rows.account(connection, new.id)
    if known and is_repeated(known, new):
        return known
    refusal = _refuse_entry(connection, change)
    if refusal:
        return refusal
    if is_taken(connection, folded, look):
        return NICK_TAKEN
    if known or rows.account_with_key(connection, new.channel_key):
        return KEY_TAKEN
    if change.code is not None:
        connection.execute("UPDATE invites SET uses = uses - 1 WHERE code = ?", (change.code,))
        connection.execute("DELETE FROM invites WHERE code = ? AND uses = 0", (change.code,))
    connection.execute(
        "INSERT INTO accounts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            new.id,
            new.nick,
            folded,
            look,
            new.identity,
            new.channel_key,
            new.status,
            new.operator,
            new.sanction,
            new.allowance.stored,
            new.allowance.created,
            new.allowance.files,
        ),
    )
    return new


def _set_sanction(connection: sqlite3.Connection, change: SetSanction) -> Account | Refusal | None:
    known = rows.account(connection, change.account)
    judged = known and sanctioned(known, change.sanction)
    if not isinstance(judged, Account):
        return judged
    query = "UPDATE accounts SET sanction = ?, operator = ? WHERE id = ?"
    connection.execute(query, (judged.sanction, judged.operator, judged.id))
    if judged.sanction.has_ended:
        connection.execute("DELETE FROM key_packages WHERE account = ?", (judged.id,))
    if judged.sanction is Sanction.RELEASED:
        query = "UPDATE accounts SET folded = NULL, skeleton = NULL WHERE id = ?"
        connection.execute(query, (judged.id,))
    return judged


def _refuse_entry(connection: sqlite3.Connection, change: Register) -> Refusal | None:
    """Why somebody may not come in, whatever the nick."""
    if change.listed:
        query = "SELECT 1 FROM allowed WHERE folded = ?"
        if not connection.execute(query, (fold(change.account.nick),)).fetchone():
            return NOT_LISTED
    if change.code is not None:
        query = "SELECT uses, end FROM invites WHERE code = ?"
        row = connection.execute(query, (change.code,)).fetchone()
        if not admits(Invite(*row) if row else None, change):
            return NOT_INVITED
    return None
