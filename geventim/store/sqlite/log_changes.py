"""What the SQLite store writes into logs: entries, and what they do to the membership.

Everything that can refuse a change is asked before anything is written, so that a refused one has
nothing to take back.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Final

from msgspec.structs import replace as change_struct

from geventim.chat.values import Conversation, Entry, EntryKind
from geventim.log.changes import Append, Commit, GiveState
from geventim.log.outcomes import (
    NO_CONVERSATION,
    NO_TURN,
    STALE_HEAD,
    Appended,
    Given,
    Refusal,
    State,
)
from geventim.store import rules
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
IS_ALONE: Final = f"(c.kind = 'dm' AND c.members < {rules.TWO})"
TARGET: Final = f"""
    WITH asked (conversation, author, message_id) AS (VALUES (?, ?, ?))
    SELECT c.id, c.kind, c.name, c.creator, c.incarnation, c.gate,
        c.number, c.seq, c.hash, c.head, c.members, c.deleted,
        {REPEATED}, {IS_MEMBER}, {IS_PEER_DND}
    FROM asked CROSS JOIN conversations AS c ON c.id = asked.conversation
"""  # noqa: S608 - made of constants
"""Everything that decides about an entry, in one question."""


@dataclass(frozen=True, slots=True)
class Target:
    """The conversation that a change is for, as it is before the change.

    ``repeated`` is the entry that the change repeats. The author of the change is a member or not,
    the other one of two does not want to be disturbed or does.
    """

    conversation: Conversation
    number: int
    seq: int
    hash: bytes
    head: int
    members: int
    is_deleted: bool
    repeated: int | None
    is_member: bool
    is_peer_dnd: bool


def append(connection: sqlite3.Connection, change: Append) -> Appended | Refusal:
    """Apply ``change``, or tell why not."""
    target = _find(connection, change)
    if not isinstance(target, Target):
        return target
    refusal = rules.refuse_append(
        change,
        target.conversation,
        is_member=target.is_member,
        is_alone=rules.is_alone(target.conversation, lambda: target.members),
        is_peer_dnd=target.is_peer_dnd,
    )
    if refusal:
        return refusal
    if change.kind is EntryKind.MESSAGE:
        if change.head != target.head:
            return STALE_HEAD
        return Appended(_write_entry(connection, target, change))
    if change.kind is EntryKind.DELETE:
        return _delete(connection, target, change)
    return _depart(connection, target, change)


def commit(connection: sqlite3.Connection, change: Commit) -> Appended | Refusal:
    """Apply ``change``, or tell why not."""
    target = _find(connection, change)
    if not isinstance(target, Target):
        return target
    if not change.turn:
        return NO_TURN
    if change.head != target.head:
        return STALE_HEAD
    has_member = partial(rows.is_member, connection, target.number)
    effect = rules.judge_commit(change, target.conversation, has_member, target.members)
    if isinstance(effect, Refusal):
        return effect
    entry = _write_entry(connection, target, change)
    gate = target.conversation.gate if change.gate is None else change.gate
    members = target.members + len(effect.joined) - len(effect.gone)
    query = "UPDATE conversations SET head = ?, gate = ?, members = ? WHERE number = ?"
    connection.execute(query, (entry.seq, gate, members, target.number))
    _keep_state(connection, target, State(change.author, entry.seq, change.group_info))
    _end(connection, target, effect.gone, entry.seq)
    connection.executemany(
        "INSERT INTO intervals (conversation, account, since) VALUES (?, ?, ?)",
        [(target.number, account, entry.seq - 1) for account in effect.joined],
    )
    return Appended(
        entry,
        joined=tuple((account, entry.seq - 1) for account in sorted(effect.joined)),
        gone=tuple(sorted(effect.gone)),
        conversation=change_struct(target.conversation, gate=gate),
        members=members,
    )


def give(connection: sqlite3.Connection, change: GiveState) -> Given | Refusal:
    """Keep a state, unless something speaks against it."""
    row = connection.execute(TARGET, (change.conversation, change.account, b"")).fetchone()
    target = Target(rows.to_conversation(row), *row[6:]) if row else None
    if target is None or target.is_deleted:
        return NO_CONVERSATION
    called = rows.entry(connection, (target.number, change.conversation), change.seq)
    outcome = rules.judge_state(change, is_member=target.is_member, head=target.head, called=called)
    if isinstance(outcome, Given):
        if rules.has_called(rows.givers(connection, target.number), change):
            return change_struct(outcome, repeated=True)
        state = State(change.account, target.head, change.group_info)
        _keep_state(connection, target, state, change.seq)
    return outcome


def _keep_state(
    connection: sqlite3.Connection, target: Target, state: State, called: int = 0
) -> None:
    known = rows.givers(connection, target.number)
    newest, *others = rules.give(known, state.account, state.at, called)
    kept = {giver.account for giver in others}
    connection.executemany(
        "DELETE FROM states WHERE conversation = ? AND account = ?",
        [(target.number, giver.account) for giver in known if giver.account not in kept],
    )
    connection.execute(
        "INSERT INTO states (conversation, account, at, called, group_info) VALUES (?, ?, ?, ?, ?)",
        (target.number, newest.account, newest.at, newest.called, state.group_info),
    )


def _find(connection: sqlite3.Connection, change: Append | Commit) -> Target | Appended | Refusal:
    """What ``change`` is for, or what is answered at once."""
    values = (change.conversation, change.author, change.message_id)
    row = connection.execute(TARGET, values).fetchone()
    if row is None:
        return NO_CONVERSATION
    target = Target(rows.to_conversation(row), *row[6:])
    place = target.number, change.conversation
    repeated = rows.entry(connection, place, target.repeated) if target.repeated else None
    if repeated is not None:
        return Appended(repeated, repeated=True)
    return NO_CONVERSATION if target.is_deleted else target


def _depart(connection: sqlite3.Connection, target: Target, change: Append) -> Appended:
    entry = _write_entry(connection, target, change)
    connection.execute(
        "UPDATE intervals SET until = ?, is_left = ?"
        " WHERE conversation = ? AND account = ? AND until IS NULL",
        (entry.seq, change.kind is EntryKind.LEAVE, target.number, change.author),
    )
    _count(connection, target, target.members - 1)
    return Appended(entry, gone=(change.author,))


def _delete(connection: sqlite3.Connection, target: Target, change: Append) -> Appended:
    gone = tuple(rows.members(connection, change.conversation))
    entry = _write_entry(connection, target, change)
    query = "UPDATE intervals SET until = ? WHERE conversation = ? AND until IS NULL"
    connection.execute(query, (entry.seq, target.number))
    query = "UPDATE conversations SET deleted = 1, folded = NULL, skeleton = NULL WHERE number = ?"
    connection.execute(query, (target.number,))
    _count(connection, target, 0)
    return Appended(entry, gone=gone, conversation=target.conversation)


def _end(
    connection: sqlite3.Connection, target: Target, accounts: Iterable[bytes], until: int
) -> None:
    connection.executemany(
        "UPDATE intervals SET until = ? WHERE conversation = ? AND account = ? AND until IS NULL",
        [(until, target.number, account) for account in accounts],
    )


def _count(connection: sqlite3.Connection, target: Target, members: int) -> None:
    query = "UPDATE conversations SET members = ? WHERE number = ?"
    connection.execute(query, (members, target.number))


def _write_entry(connection: sqlite3.Connection, target: Target, change: Append | Commit) -> Entry:
    entry = rules.new_entry(change, target.seq + 1, target.hash)
    connection.execute(
        "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        rows.from_entry(target.number, entry),
    )
    if entry.welcome:
        query = "INSERT INTO welcomes VALUES (?, ?, ?)"
        connection.execute(query, (target.number, entry.seq, entry.welcome))
    size = len(entry.payload) if entry.kind is EntryKind.MESSAGE else 0
    connection.execute(
        "UPDATE conversations SET seq = ?, hash = ?, size = size + ? WHERE number = ?",
        (entry.seq, entry.hash, size, target.number),
    )
    return entry
