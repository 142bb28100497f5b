"""What the SQLite store writes: changes, each applied inside a transaction that is under way.

Everything that can refuse a change is asked before anything is written, so that a refused one has
nothing to take back.
"""

import sqlite3
from typing import Final, assert_never

from geventim.chat import log
from geventim.chat.names import fold, skeleton
from geventim.chat.values import Account, Conversation, Entry, EntryKind, Kind, Membership
from geventim.store import rows, rules

REPEATED: Final = """
    (SELECT seq FROM entries AS e WHERE e.conversation = c.number
        AND e.author = asked.author AND e.message_id = asked.message_id)
"""
IS_MEMBER: Final = """
    EXISTS (SELECT 1 FROM intervals AS i
        WHERE i.conversation = c.number AND i.account = asked.author AND i.until IS NULL)
"""
IS_PEER_DND: Final = """
    (c.kind = 'dm' AND EXISTS (SELECT 1 FROM intervals AS i JOIN accounts AS a ON a.id = i.account
        WHERE i.conversation = c.number AND i.account <> asked.author AND a.status = 'dnd'))
"""
TARGET: Final = f"""
    WITH asked (conversation, author, message_id) AS (VALUES (?, ?, ?))
    SELECT c.id, c.kind, c.name, c.creator, c.number, c.head, c.deleted,
        {REPEATED}, {IS_MEMBER}, {IS_PEER_DND}
    FROM asked CROSS JOIN conversations AS c ON c.id = asked.conversation
"""  # noqa: S608 - made of constants
"""Everything that decides about an append, in one question."""


def apply(connection: sqlite3.Connection, change: log.Change) -> log.Outcome:
    """The outcome of ``change``. Raises :class:`sqlite3.Error`."""
    match change:
        case log.Append():
            return _append(connection, change)
        case log.Join():
            return _join(connection, change)
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
    assert_never(change)


def _register(connection: sqlite3.Connection, change: log.Register) -> Account | log.Refusal:
    new = change.account
    folded, look = fold(new.nick), skeleton(new.nick)
    known = rows.account(connection, new.id)
    if known and rules.is_repeated(known, new):
        return known
    query = "SELECT 1 FROM accounts WHERE folded = ? OR skeleton = ?"
    if connection.execute(query, (folded, look)).fetchone():
        return log.NICK_TAKEN
    if known or rows.account_with_key(connection, new.channel_key):
        return log.KEY_TAKEN
    if change.listed:
        query = "SELECT 1 FROM allowed WHERE folded = ?"
        if not connection.execute(query, (folded,)).fetchone():
            return log.NOT_LISTED
    if change.code is not None:
        query = "UPDATE invites SET uses = uses - 1 WHERE code = ?"
        if not connection.execute(query, (change.code,)).rowcount:
            return log.NOT_INVITED
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


def _create(connection: sqlite3.Connection, change: log.Create) -> Conversation | log.Refusal:
    new = change.conversation
    known = rows.conversation(connection, new.id)
    if known:
        query = "SELECT deleted FROM conversations WHERE id = ?"
        (is_deleted,) = connection.execute(query, (new.id,)).fetchone()
        return rules.repeat_create(known, new, deleted=bool(is_deleted))
    folded = look = None
    if new.kind is not Kind.DM:
        folded, look = fold(new.name), skeleton(new.name)
        query = "SELECT 1 FROM conversations WHERE kind = ?1 AND (folded = ?2 OR skeleton = ?3)"
        if connection.execute(query, (new.kind, folded, look)).fetchone():
            return log.NAME_TAKEN
    query = (
        "INSERT INTO conversations (id, kind, name, folded, skeleton, creator)"
        " VALUES (?, ?, ?, ?, ?, ?)"
    )
    values = (new.id, new.kind, new.name, folded, look, new.creator)
    (number,) = connection.execute(f"{query} RETURNING number", values).fetchone()
    connection.executemany(
        "INSERT INTO intervals VALUES (?, ?, 0, NULL)",
        [(number, account) for account in dict.fromkeys(change.members)],
    )
    if new.kind is Kind.GROUP:
        _write_entry(connection, number, rules.first_entry(change))
    return new


def _join(connection: sqlite3.Connection, change: log.Join) -> Membership | log.Refusal | None:
    query = "SELECT number, kind, head FROM conversations WHERE id = ? AND NOT deleted"
    row = connection.execute(query, (change.conversation,)).fetchone()
    if row is None:
        return log.NO_CONVERSATION
    number, kind, head = row
    known = rows.membership(connection, number, change.account)
    if known:
        return known
    if kind != Kind.ROOM:
        return log.NOT_ALLOWED
    query = "SELECT count(*) FROM intervals WHERE conversation = ? AND until IS NULL"
    (count,) = connection.execute(query, (number,)).fetchone()
    if count >= change.limit:
        return log.ROOM_FULL
    query = "INSERT INTO intervals VALUES (?, ?, ?, NULL)"
    connection.execute(query, (number, change.account, head))
    return rows.membership(connection, number, change.account)


def _append(connection: sqlite3.Connection, change: log.Append) -> log.Appended | log.Refusal:
    values = (change.conversation, change.author, change.message_id)
    row = connection.execute(TARGET, values).fetchone()
    if row is None:
        return log.NO_CONVERSATION
    number, head, is_deleted, repeated, is_member, is_peer_dnd = row[4:]
    if repeated:
        entry = rows.entry(connection, (number, change.conversation), repeated)
        return log.Appended(entry, repeated=True)
    if is_deleted:
        return log.NO_CONVERSATION
    refusal = rules.refuse_append(
        change,
        rows.to_conversation(row),
        is_member=bool(is_member),
        is_peer_dnd=bool(is_peer_dnd),
    )
    if refusal:
        return refusal
    entry = rules.new_entry(change, head + 1)
    _write_entry(connection, number, entry)
    if change.kind is EntryKind.LEAVE:
        query = (
            "UPDATE intervals SET until = ? WHERE conversation = ? AND account = ?"
            " AND until IS NULL"
        )
        connection.execute(query, (entry.seq, number, change.author))
    elif change.kind is EntryKind.DELETE:
        query = "UPDATE intervals SET until = ? WHERE conversation = ? AND until IS NULL"
        connection.execute(query, (entry.seq, number))
        query = (
            "UPDATE conversations SET deleted = 1, folded = NULL, skeleton = NULL WHERE number = ?"
        )
        connection.execute(query, (number,))
    return log.Appended(entry)


def _write_entry(connection: sqlite3.Connection, number: int, entry: Entry) -> None:
    query = "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
    connection.execute(query, rows.from_entry(number, entry))
    connection.execute("UPDATE conversations SET head = ? WHERE number = ?", (entry.seq, number))
