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

from geventim.chat import log
from geventim.chat.values import Conversation, Entry, EntryKind, Kind
from geventim.store import heads, rows, rules

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
    SELECT c.id, c.kind, c.name, c.creator, c.incarnation, c.gate,
        c.number, c.seq, c.hash, c.members, c.deleted, {REPEATED}, {IS_MEMBER}, {IS_PEER_DND}
    FROM asked CROSS JOIN conversations AS c ON c.id = asked.conversation
"""  # noqa: S608 - made of constants
"""Everything that decides about an entry but the tips, in one question."""


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
    members: int
    is_deleted: bool
    repeated: int | None
    is_member: bool
    is_peer_dnd: bool


def append(connection: sqlite3.Connection, change: log.Append) -> log.Appended | log.Refusal:
    """Apply ``change``, or tell why not."""
    target = _find(connection, change)
    if not isinstance(target, Target):
        return target
    refusal = rules.refuse_append(
        change,
        target.conversation,
        is_member=target.is_member,
        is_peer_dnd=target.is_peer_dnd,
    )
    if refusal:
        return refusal
    match change.kind:
        case EntryKind.LEAVE:
            return _leave(connection, target, change)
        case EntryKind.DELETE:
            return _delete(connection, target, change)
    return _write_message(connection, target, change)


def commit(connection: sqlite3.Connection, change: log.Commit) -> log.Appended | log.Refusal:
    """Apply ``change``, or tell why not."""
    target = _find(connection, change)
    if not isinstance(target, Target):
        return target
    if not change.turn:
        return log.NO_TURN
    tips = rows.tips(connection, target.number)
    refusal = heads.refuse(tips, change.author, change.head)
    if refusal:
        return refusal
    kept = heads.kept(tips, change.author, change.head)
    undoing = heads.undo(heads.dropped(tips, change.head))
    has_member = partial(rows.is_member, connection, target.number)
    effect = rules.judge_commit(
        change,
        change_struct(target.conversation, gate=kept[-1].gate),
        rules.Members(has_member, target.members, undoing),
    )
    if isinstance(effect, log.Refusal):
        return effect
    entry = _write_entry(connection, target, change)
    gate = kept[-1].gate if change.gate is None else change.gate
    tip = heads.Tip(entry.seq, change.author, effect.joined, effect.gone, gate)
    add_tip(connection, target.number, tip, change.group_info)
    is_dm = target.conversation.kind is Kind.DM
    _keep(connection, target, tips, [tip] if is_dm else [*kept, tip])
    return _take_effect(connection, target, entry, undoing, effect, gate)


def contest(connection: sqlite3.Connection, change: log.Contest) -> log.Refusal | None:
    """Let a commit be contested, if it still can be."""
    target = _find(connection, change)
    if not isinstance(target, Target):
        return log.NO_CONVERSATION
    refusal = rules.refuse_contest(target.conversation, is_member=target.is_member)
    if refusal:
        return refusal
    tips = heads.contest(rows.tips(connection, target.number), change.account, change.seq)
    if tips is None:
        return log.STALE_HEAD
    (contested,) = (tip for tip in tips if tip.seq == change.seq)
    connection.execute(
        "UPDATE tips SET contesters = ? WHERE conversation = ? AND seq = ?",
        (rows.join(sorted(contested.contesters)), target.number, change.seq),
    )
    return None


def _find(
    connection: sqlite3.Connection, change: log.Append | log.Commit | log.Contest
) -> Target | log.Appended | log.Refusal:
    """What ``change`` is for, or what is answered at once."""
    if isinstance(change, log.Contest):
        values = (change.conversation, change.account, b"")
    else:
        values = (change.conversation, change.author, change.message_id)
    row = connection.execute(TARGET, values).fetchone()
    if row is None:
        return log.NO_CONVERSATION
    target = Target(rows.to_conversation(row), *row[6:])
    if target.repeated:
        entry = rows.entry(connection, (target.number, change.conversation), target.repeated)
        return log.Appended(entry, repeated=True)
    return log.NO_CONVERSATION if target.is_deleted else target


def _write_message(
    connection: sqlite3.Connection, target: Target, change: log.Append
) -> log.Appended | log.Refusal:
    tips = rows.tips(connection, target.number)
    refusal = heads.refuse(tips, change.author, change.head)
    if refusal:
        return refusal
    dropped = heads.dropped(tips, change.head)
    undoing = heads.undo(dropped)
    if change.author in undoing.ousted:
        return log.NOT_A_MEMBER
    kept = heads.kept(tips, change.author, change.head)
    entry = _write_entry(connection, target, change)
    _keep(connection, target, tips, kept)
    if not dropped:
        return log.Appended(entry)
    effect = rules.Effect((), ())
    return _take_effect(connection, target, entry, undoing, effect, kept[-1].gate)


def _leave(connection: sqlite3.Connection, target: Target, change: log.Append) -> log.Appended:
    entry = _write_entry(connection, target, change)
    connection.execute(
        "UPDATE intervals SET until = ?, is_left = 1"
        " WHERE conversation = ? AND account = ? AND until IS NULL",
        (entry.seq, target.number, change.author),
    )
    _count(connection, target, target.members - 1)
    # No commit that is taken back brings back who has left.
    for tip in rows.tips(connection, target.number):
        if change.author in tip.joined or change.author in tip.gone:
            connection.execute(
                "UPDATE tips SET joined = ?, gone = ? WHERE conversation = ? AND seq = ?",
                (
                    rows.join(each for each in tip.joined if each != change.author),
                    rows.join(each for each in tip.gone if each != change.author),
                    target.number,
                    tip.seq,
                ),
            )
    return log.Appended(entry, gone=(change.author,))


def _delete(connection: sqlite3.Connection, target: Target, change: log.Append) -> log.Appended:
    gone = tuple(rows.members(connection, change.conversation))
    entry = _write_entry(connection, target, change)
    query = "UPDATE intervals SET until = ? WHERE conversation = ? AND until IS NULL"
    connection.execute(query, (entry.seq, target.number))
    query = "UPDATE conversations SET deleted = 1, folded = NULL, skeleton = NULL WHERE number = ?"
    connection.execute(query, (target.number,))
    _count(connection, target, 0)
    return log.Appended(entry, gone=gone)


def _take_effect(
    connection: sqlite3.Connection,
    target: Target,
    entry: Entry,
    undoing: heads.Undoing,
    effect: rules.Effect,
    gate: bytes,
) -> log.Appended:
    """Change the membership as ``entry`` demands, which has taken something back or not."""
    has_member = partial(rows.is_member, connection, target.number)
    ousted = set(filter(has_member, undoing.ousted.difference(effect.joined)))
    _end(connection, target, ousted, entry.seq)
    joined = {
        account: _reopen(connection, target, account, entry.head) for account in undoing.restored
    }
    _end(connection, target, effect.gone, entry.seq)
    for account in effect.gone:
        joined.pop(account, None)
    for account in effect.joined:
        if not has_member(account):
            query = "INSERT INTO intervals (conversation, account, since) VALUES (?, ?, ?)"
            connection.execute(query, (target.number, account, entry.seq - 1))
            joined[account] = entry.seq - 1
    members = target.members
    if joined or ousted or effect.gone:
        query = "SELECT count(*) FROM intervals WHERE conversation = ? AND until IS NULL"
        (members,) = connection.execute(query, (target.number,)).fetchone()
        _count(connection, target, members)
    if gate != target.conversation.gate:
        query = "UPDATE conversations SET gate = ? WHERE number = ?"
        connection.execute(query, (gate, target.number))
    return log.Appended(
        entry,
        joined=tuple(sorted(joined.items())),
        gone=tuple(sorted(ousted.union(effect.gone))),
        conversation=change_struct(target.conversation, gate=gate),
        members=members,
    )


def _end(
    connection: sqlite3.Connection, target: Target, accounts: Iterable[bytes], until: int
) -> None:
    connection.executemany(
        "UPDATE intervals SET until = ? WHERE conversation = ? AND account = ? AND until IS NULL",
        [(until, target.number, account) for account in accounts],
    )


def _reopen(connection: sqlite3.Connection, target: Target, account: bytes, head: int) -> int:
    """Let the membership that the account had at ``head`` go on until now; its since."""
    query = (
        "SELECT min(since) FROM intervals"
        " WHERE conversation = ? AND account = ? AND ifnull(until, ?3 + 1) > ?3"
    )
    (since,) = connection.execute(query, (target.number, account, head)).fetchone()
    query = "DELETE FROM intervals WHERE conversation = ? AND account = ? AND since > ?"
    connection.execute(query, (target.number, account, since))
    query = "UPDATE intervals SET until = NULL WHERE conversation = ? AND account = ? AND since = ?"
    connection.execute(query, (target.number, account, since))
    return int(since)


def add_tip(connection: sqlite3.Connection, number: int, tip: heads.Tip, group_info: bytes) -> None:
    """Keep what may be built on from now on in the conversation ``number``."""
    connection.execute(
        "INSERT INTO tips (conversation, seq, author, joined, gone, gate, group_info)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            number,
            tip.seq,
            tip.author,
            rows.join(tip.joined),
            rows.join(tip.gone),
            tip.gate,
            group_info,
        ),
    )


def _keep(
    connection: sqlite3.Connection, target: Target, tips: heads.Tips, kept: heads.Tips
) -> None:
    seqs = {tip.seq for tip in kept}
    connection.executemany(
        "DELETE FROM tips WHERE conversation = ? AND seq = ?",
        [(target.number, tip.seq) for tip in tips if tip.seq not in seqs],
    )


def _count(connection: sqlite3.Connection, target: Target, members: int) -> None:
    query = "UPDATE conversations SET members = ? WHERE number = ?"
    connection.execute(query, (members, target.number))


def _write_entry(
    connection: sqlite3.Connection, target: Target, change: log.Append | log.Commit
) -> Entry:
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
