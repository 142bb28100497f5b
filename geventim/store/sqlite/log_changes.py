"""What the SQLite store writes into logs: what the judge says of a change, all of it or nothing."""

import sqlite3
from typing import Any, Final

from geventim.chat.values import Entry, EntryKind
from geventim.log.changes import Append, GiveState
from geventim.log.effect import Effect
from geventim.log.entries import size_of, weight
from geventim.log.judge import TWO, LogChange, Standing, judge, named
from geventim.log.outcomes import NO_CONVERSATION, Appended, Given, Refusal
from geventim.store.sqlite import rows

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
IS_ALONE: Final = f"(c.kind = 'dm' AND c.members < {TWO})"
TARGET: Final = f"""
    WITH asked (conversation, author, message_id) AS (VALUES (?, ?, ?))
    SELECT c.id, c.kind, c.name, c.creator, c.incarnation, c.gate,
        c.number, c.seq, c.hash, c.head, c.members, c.deleted,
        {REPEATED}, {IS_MEMBER}, {IS_PEER_DND}
    FROM asked CROSS JOIN conversations AS c ON c.id = asked.conversation
"""  # noqa: S608 - made of constants
"""Everything that decides about an entry, in one question."""


def apply(connection: sqlite3.Connection, change: LogChange) -> Appended | Given | Refusal:
    """What comes of ``change``. Raises :class:`sqlite3.Error`."""
    if isinstance(change, GiveState):
        asked = change.conversation, change.account, b""
    else:
        asked = change.conversation, change.author, change.message_id
    row = connection.execute(TARGET, asked).fetchone()
    if row is None:
        return NO_CONVERSATION
    standing = _read_standing(connection, change, row)
    outcome, effect = judge(change, standing)
    if effect is not None:
        _write(connection, row[6], effect, standing)
    return outcome


def _read_standing(
    connection: sqlite3.Connection, change: LogChange, row: tuple[Any, ...]
) -> Standing:
    """The log that a row of :data:`TARGET` is about."""
    number, seq, running_hash, head, members, is_deleted, repeated, is_member, is_dnd = row[6:]
    place = number, change.conversation
    author = change.account if isinstance(change, GiveState) else change.author
    names = named(change)
    if names is None:
        present = rows.members(connection, change.conversation)
    else:
        others = (each for each in names if each != author)
        present = [each for each in others if rows.is_member(connection, number, each)]
        present += [author] if is_member else []
    return Standing(
        rows.to_conversation(row),
        seq,
        running_hash,
        head,
        members,
        bool(is_deleted),
        present,
        rows.entry(connection, place, repeated) if repeated else None,
        bool(is_dnd),
        [] if isinstance(change, Append) else rows.givers(connection, number),
        rows.entry(connection, place, change.seq) if isinstance(change, GiveState) else None,
    )


def _write(connection: sqlite3.Connection, number: int, effect: Effect, before: Standing) -> None:
    if effect.entry is not None:
        _write_entry(connection, number, effect.entry)
        if effect.entry.kind is not EntryKind.MESSAGE:
            _write_membership(connection, number, effect, effect.entry.seq)
    if effect.givers is not None:
        newest, *others = effect.givers
        kept = {giver.account for giver in others}
        connection.executemany(
            "DELETE FROM states WHERE conversation = ? AND account = ?",
            [(number, each.account) for each in before.givers if each.account not in kept],
        )
        connection.execute(
            "INSERT INTO states (conversation, account, at, called, group_info)"
            " VALUES (?, ?, ?, ?, ?)",
            (number, newest.account, newest.at, newest.called, effect.group_info),
        )


def _write_entry(connection: sqlite3.Connection, number: int, entry: Entry) -> None:
    connection.execute(
        "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        rows.from_entry(number, entry),
    )
    if entry.welcome:
        query = "INSERT INTO welcomes VALUES (?, ?, ?)"
        connection.execute(query, (number, entry.seq, entry.welcome))
    if entry.kind is EntryKind.MESSAGE:
        connection.execute(rows.ADD_USAGE, (entry.author, weight(entry)))
    connection.execute(
        "UPDATE conversations SET seq = ?, hash = ?, size = size + ? WHERE number = ?",
        (entry.seq, entry.hash, size_of(entry), number),
    )


def _write_membership(
    connection: sqlite3.Connection, number: int, effect: Effect, seq: int
) -> None:
    connection.execute(
        "UPDATE conversations SET head = ?, gate = ?, members = ? WHERE number = ?",
        (effect.commit, effect.conversation.gate, effect.members, number),
    )
    if effect.deleted:
        connection.execute(
            "UPDATE conversations SET deleted = 1, folded = NULL, skeleton = NULL WHERE number = ?",
            (number,),
        )
    connection.executemany(
        "UPDATE intervals SET until = ?, is_left = ?"
        " WHERE conversation = ? AND account = ? AND until IS NULL",
        [(seq, effect.is_left, number, account) for account in effect.gone],
    )
    connection.executemany(
        "INSERT INTO intervals (conversation, account, since) VALUES (?, ?, ?)",
        [(number, account, seq - 1) for account in effect.joined],
    )
