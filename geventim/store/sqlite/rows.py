"""What the SQLite store reads: questions to the tables of :mod:`.schema`, and rows as values.

A name is asked for in its folded form (:func:`geventim.chat.names.fold`).
"""

import sqlite3
from collections.abc import Generator, Iterable
from contextlib import closing
from typing import Any, Final

from geventim.chat.values import (
    ID_SIZE,
    Account,
    Allowance,
    Conversation,
    Entry,
    EntryKind,
    Kind,
    Membership,
    Nearness,
    Sanction,
    Status,
    Totals,
)
from geventim.log.effect import Giver
from geventim.log.outcomes import Head, Page, Position, State, Usage
from geventim.log.pages import Interval, fill, find_position, spans
from geventim.log.people import Invite, Seen

ACCOUNT: Final = (
    "SELECT id, nick, identity, channel_key, status, operator, sanction,"
    " may_store, may_create, may_keep FROM accounts"
)
CONVERSATION: Final = "SELECT id, kind, name, creator, incarnation, gate FROM conversations"
ENTRY: Final = """
    SELECT seq, time, author, kind, message_id, previous, head, payload, added, removed FROM entries
"""
GIVERS: Final = """
    SELECT account, at, called FROM states WHERE conversation = ? ORDER BY number DESC
"""
MEMBERSHIPS: Final = """
    SELECT c.id, c.kind, c.name, c.creator, c.incarnation, c.gate,
        i.since, ifnull(i.until, c.seq), c.members, i.until IS NULL,
        CASE c.kind WHEN 'dm' THEN
            (SELECT account FROM intervals WHERE conversation = c.number AND account <> i.account)
        END
    FROM intervals AS i JOIN conversations AS c ON c.number = i.conversation
    WHERE i.account = ? AND NOT i.is_left
        AND i.conversation > ifnull((SELECT number FROM conversations WHERE id = ?), 0)
        AND NOT EXISTS (
        SELECT 1 FROM intervals AS later WHERE later.conversation = i.conversation
            AND later.account = i.account AND later.since > i.since)
    ORDER BY i.conversation LIMIT ?
"""


def account(connection: sqlite3.Connection, account_id: bytes) -> Account | None:
    """The account with this id."""
    return _account(connection, "id = ?", account_id)


def account_named(connection: sqlite3.Connection, folded: str) -> Account | None:
    """The account with this nick."""
    return _account(connection, "folded = ?", folded)


def account_with_key(connection: sqlite3.Connection, channel_key: bytes) -> Account | None:
    """The account that logs in with this key."""
    return _account(connection, "channel_key = ?", channel_key)


def accounts(connection: sqlite3.Connection) -> list[Account]:
    """Every account, sorted by nick and id."""
    return [_to_account(row) for row in connection.execute(f"{ACCOUNT} ORDER BY nick, id")]


def invites(connection: sqlite3.Connection) -> dict[str, Invite]:
    """What invite codes are good for."""
    found = connection.execute("SELECT code, uses, end FROM invites")
    return {code: Invite(*invite) for code, *invite in found}


def last_seen(connection: sqlite3.Connection) -> dict[bytes, Seen]:
    """When which accounts were there last."""
    found = connection.execute("SELECT account, time, nearness FROM seen")
    return {account_id: Seen(time, Nearness(near)) for account_id, time, near in found}


def conversation(connection: sqlite3.Connection, conversation_id: bytes) -> Conversation | None:
    """The conversation with this id, also when it was deleted."""
    query = f"{CONVERSATION} WHERE id = ?"
    row = connection.execute(query, (conversation_id,)).fetchone()
    return to_conversation(row) if row else None


def created(
    connection: sqlite3.Connection, new: Conversation, message_id: bytes | None
) -> Conversation | None:
    """What came of creating ``new`` under this message id, if that was done before."""
    query = f"{CONVERSATION} WHERE creator = ? AND creation = ?"
    row = connection.execute(query, (new.creator, message_id)).fetchone()
    return to_conversation(row) if row else conversation(connection, new.id)


def groups(connection: sqlite3.Connection) -> list[Conversation]:
    """Every group that was not deleted."""
    query = f"{CONVERSATION} WHERE kind = 'group' AND NOT deleted ORDER BY number"
    return [to_conversation(row) for row in connection.execute(query)]


def room_named(connection: sqlite3.Connection, folded: str) -> Conversation | None:
    """The room that has this name."""
    query = f"{CONVERSATION} WHERE folded = ?"
    row = connection.execute(query, (folded,)).fetchone()
    return to_conversation(row) if row else None


def rooms(connection: sqlite3.Connection, after: str, most: int) -> list[Conversation]:
    """The first rooms whose folded names come behind ``after``."""
    query = f"{CONVERSATION} WHERE folded > ? ORDER BY folded LIMIT ?"
    return [to_conversation(row) for row in connection.execute(query, (after, most))]


def head(connection: sqlite3.Connection, conversation_id: bytes) -> Head | None:
    """The end of a log."""
    query = "SELECT seq, hash, head, members, floor, deleted FROM conversations WHERE id = ?"
    row = connection.execute(query, (conversation_id,)).fetchone()
    if row is None:
        return None
    seq, running_hash, commit, count, floor, is_deleted = row
    return Head(seq, running_hash, commit, count, floor, deleted=bool(is_deleted))


def givers(connection: sqlite3.Connection, number: int) -> list[Giver]:
    """Of whom a state is kept in the conversation with this number, the latest first."""
    return [Giver(*row) for row in connection.execute(GIVERS, (number,))]


def givers_of(connection: sqlite3.Connection, conversation_id: bytes) -> list[bytes]:
    """The accounts of those of whom a state is kept, the latest first."""
    query = (
        "SELECT account FROM states WHERE conversation ="
        " (SELECT number FROM conversations WHERE id = ?) ORDER BY number DESC"
    )
    return [giver for (giver,) in connection.execute(query, (conversation_id,))]


def state(
    connection: sqlite3.Connection, conversation_id: bytes, account_id: bytes
) -> State | None:
    """The state that is kept of an account."""
    query = (
        "SELECT account, at, group_info FROM states WHERE account = ? AND conversation ="
        " (SELECT number FROM conversations WHERE id = ?)"
    )
    row = connection.execute(query, (account_id, conversation_id)).fetchone()
    return State(*row) if row else None


def has_written(connection: sqlite3.Connection, conversation_id: bytes, account_id: bytes) -> bool:
    """Whether the log has a message of the account."""
    query = (
        "SELECT 1 FROM entries WHERE author = ? AND kind = 'message'"
        " AND conversation = (SELECT number FROM conversations WHERE id = ?) LIMIT 1"
    )
    return connection.execute(query, (account_id, conversation_id)).fetchone() is not None


def position(connection: sqlite3.Connection, conversation_id: bytes, after: int) -> Position:
    """The first place at or above ``after`` of which the running hash is known.

    It takes several questions, which the caller asks in one transaction.
    """
    query = "SELECT number, seq, hash, floor FROM conversations WHERE id = ?"
    number, last, running_hash, floor = connection.execute(query, (conversation_id,)).fetchone()

    def first() -> Entry | None:
        query = f"{ENTRY} WHERE conversation = ? AND seq >= ? ORDER BY seq LIMIT 1"
        row = connection.execute(query, (number, after)).fetchone()
        return _to_entry(conversation_id, row, b"") if row else None

    return find_position(after, last, running_hash, floor, first)


def members(connection: sqlite3.Connection, conversation_id: bytes) -> list[bytes]:
    """The account ids of the present members, sorted."""
    query = (
        "SELECT account FROM intervals WHERE until IS NULL AND conversation ="
        " (SELECT number FROM conversations WHERE id = ?) ORDER BY account"
    )
    return [member for (member,) in connection.execute(query, (conversation_id,))]


def memberships(
    connection: sqlite3.Connection, account_id: bytes, after: bytes = b"", most: int | None = None
) -> list[Membership]:
    """The conversations that the account is a member of, or was until it was put out."""
    found = []
    for row in connection.execute(MEMBERSHIPS, (account_id, after, -1 if most is None else most)):
        since, until, count, is_present, peer = row[6:]
        conversation = to_conversation(row)
        found.append(Membership(conversation, since, until, count, bool(is_present), peer))
    return found


def is_member(connection: sqlite3.Connection, number: int, account_id: bytes) -> bool:
    """Whether the account is a member of a conversation now."""
    query = "SELECT 1 FROM intervals WHERE conversation = ? AND account = ? AND until IS NULL"
    return connection.execute(query, (number, account_id)).fetchone() is not None


def entry(
    connection: sqlite3.Connection, conversation: tuple[int, bytes], seq: int
) -> Entry | None:
    """The entry ``seq`` of a conversation (number, id), if there is one."""
    number, conversation_id = conversation
    query = f"{ENTRY} WHERE conversation = ? AND seq = ?"
    row = connection.execute(query, (number, seq)).fetchone()
    return _to_entry(conversation_id, row, _welcome(connection, number, seq)) if row else None


def page(
    connection: sqlite3.Connection, conversation_id: bytes, account_id: bytes, after: int
) -> Page:
    """A page of what the account is entitled to, above ``after``.

    It takes several questions, which the caller asks in one transaction.
    """
    query = "SELECT number, seq FROM conversations WHERE id = ?"
    number, last = connection.execute(query, (conversation_id,)).fetchone() or (0, 0)
    query = (
        "SELECT since, until, is_left FROM intervals WHERE account = ? AND conversation = ?"
        " ORDER BY since"
    )
    found = connection.execute(query, (account_id, number))
    intervals = [Interval(since, until, bool(is_left)) for since, until, is_left in found]
    is_present = bool(intervals) and intervals[-1].until is None
    with closing(
        _between(connection, (number, conversation_id), account_id, spans(intervals, after, last))
    ) as entries:
        return fill(entries, account_id, present=is_present)


def _between(
    connection: sqlite3.Connection,
    conversation: tuple[int, bytes],
    account_id: bytes,
    parts: Iterable[tuple[int, int]],
) -> Generator[Entry]:
    """The entries of these parts of a log, with a Welcome if it is for the account."""
    number, conversation_id = conversation
    query = f"{ENTRY} WHERE conversation = ? AND seq > ? AND seq <= ? ORDER BY seq"
    for after, until in parts:
        with closing(connection.execute(query, (number, after, until))) as cursor:
            for row in cursor:
                is_added = account_id in split(row[8])
                welcome = _welcome(connection, number, row[0]) if is_added else b""
                yield _to_entry(conversation_id, row, welcome)


ADD_USAGE: Final = """
    INSERT INTO usage VALUES (?, ?)
        ON CONFLICT (account) DO UPDATE SET stored = stored + excluded.stored
"""
"""Adds bytes to the usage of an account."""


def usage(connection: sqlite3.Connection, account_id: bytes) -> Usage:
    """What the account makes the store keep."""
    query = "SELECT stored FROM usage WHERE account = ?"
    (stored,) = connection.execute(query, (account_id,)).fetchone() or (0,)
    query = "SELECT count(*) FROM conversations WHERE creator = ? AND kind <> 'dm' AND NOT deleted"
    (created,) = connection.execute(query, (account_id,)).fetchone()
    query = "SELECT bytes FROM kept WHERE account = ?"
    (files,) = connection.execute(query, (account_id,)).fetchone() or (0,)
    return Usage(stored, created, files)


def totals(connection: sqlite3.Connection) -> Totals:
    """What there is in all."""
    (accounts,) = connection.execute("SELECT count(*) FROM accounts").fetchone()
    query = "SELECT kind, count(*) FROM conversations WHERE NOT deleted GROUP BY kind"
    kinds = dict(connection.execute(query))
    query = "SELECT coalesce(sum(seq), 0), coalesce(sum(size), 0) FROM conversations"
    entries, size = connection.execute(query).fetchone()
    query = "SELECT kept, bytes FROM kept WHERE account = x''"
    files = connection.execute(query).fetchone() or (0, 0)
    return Totals(accounts, kinds, entries, size, *files)


def is_crowded(connection: sqlite3.Connection, account_id: bytes, places: int) -> bool:
    """Whether the account is a member of so many conversations now."""
    query = "SELECT 1 FROM intervals WHERE account = ? AND until IS NULL LIMIT 1 OFFSET ?"
    return connection.execute(query, (account_id, places - 1)).fetchone() is not None


def key_packages(connection: sqlite3.Connection, account_id: bytes, after: float) -> int:
    """How many key packages can be taken once, not counting what came before ``after``."""
    query = "SELECT count(*) FROM key_packages WHERE account = ? AND last_resort = 0 AND time >= ?"
    (count,) = connection.execute(query, (account_id, after)).fetchone()
    return int(count)


def split(ids: bytes) -> tuple[bytes, ...]:
    """The ids that a column holds, one behind the other."""
    return tuple(ids[start : start + ID_SIZE] for start in range(0, len(ids), ID_SIZE))


def join(ids: Iterable[bytes]) -> bytes:
    """The column that holds ``ids``."""
    return b"".join(ids)


def to_conversation(row: tuple[Any, ...]) -> Conversation:
    """The conversation of a row that begins with the columns of :data:`CONVERSATION`."""
    conversation_id, kind, name, creator, incarnation, gate = row[:6]
    return Conversation(conversation_id, Kind(kind), name, creator, incarnation, gate)


def _welcome(connection: sqlite3.Connection, number: int, seq: int) -> bytes:
    query = "SELECT welcome FROM welcomes WHERE conversation = ? AND seq = ?"
    row = connection.execute(query, (number, seq)).fetchone()
    return row[0] if row else b""


def from_entry(number: int, entry: Entry) -> tuple[Any, ...]:
    """The row of an entry in the conversation with this number."""
    return (
        number,
        entry.seq,
        entry.time,
        entry.author,
        entry.kind.value,
        entry.message_id,
        entry.previous,
        entry.head,
        entry.payload,
        join(entry.added),
        join(entry.removed),
    )


def _account(connection: sqlite3.Connection, condition: str, value: bytes | str) -> Account | None:
    row = connection.execute(f"{ACCOUNT} WHERE {condition}", (value,)).fetchone()
    return _to_account(row) if row else None


def _to_account(row: tuple[Any, ...]) -> Account:
    account_id, nick, identity, channel_key, status, operator, sanction, *allowance = row
    return Account(
        account_id,
        nick,
        identity,
        channel_key,
        Status(status),
        bool(operator),
        Sanction(sanction),
        Allowance(*allowance),
    )


def _to_entry(conversation_id: bytes, row: tuple[Any, ...], welcome: bytes) -> Entry:
    seq, time, author, kind, message_id, previous, head_seq, payload, added, removed = row
    return Entry(
        conversation_id,
        seq,
        time,
        author,
        EntryKind(kind),
        message_id,
        previous,
        head_seq,
        payload,
        welcome,
        split(added),
        split(removed),
    )
