"""What the SQLite store reads: questions to the tables of :mod:`.schema`, and rows as values.

A name is asked for in its folded form (:func:`geventim.chat.names.fold`).
"""

import sqlite3
from contextlib import closing
from typing import Any, Final

from geventim.chat import limits
from geventim.chat.values import (
    ID_SIZE,
    Account,
    Conversation,
    Entry,
    EntryKind,
    Kind,
    Membership,
    Status,
)

ACCOUNT: Final = "SELECT id, nick, identity, channel_key, status, operator FROM accounts"
CONVERSATION: Final = "SELECT id, kind, name, creator FROM conversations"
ENTRY: Final = "SELECT seq, time, author, kind, message_id, payload, added FROM entries"
MEMBERSHIP: Final = """
    SELECT c.id, c.kind, c.name, c.creator, i.since, c.head
    FROM intervals AS i JOIN conversations AS c ON c.number = i.conversation
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
    """Every account, sorted by nick."""
    return [_to_account(row) for row in connection.execute(f"{ACCOUNT} ORDER BY nick")]


def invites(connection: sqlite3.Connection) -> dict[str, int]:
    """Invite codes and how often each can still be used."""
    return dict(connection.execute("SELECT code, uses FROM invites"))


def conversation(connection: sqlite3.Connection, conversation_id: bytes) -> Conversation | None:
    """The conversation with this id, also when it was deleted."""
    query = f"{CONVERSATION} WHERE id = ?"
    row = connection.execute(query, (conversation_id,)).fetchone()
    return to_conversation(row) if row else None


def conversation_named(
    connection: sqlite3.Connection, kind: Kind, folded: str
) -> Conversation | None:
    """The room or group that has this name."""
    query = f"{CONVERSATION} WHERE kind = ? AND folded = ?"
    row = connection.execute(query, (kind, folded)).fetchone()
    return to_conversation(row) if row else None


def head(connection: sqlite3.Connection, conversation_id: bytes) -> int:
    """The number of the last entry; 0 for an empty or unknown log."""
    query = "SELECT head FROM conversations WHERE id = ?"
    row = connection.execute(query, (conversation_id,)).fetchone()
    return row[0] if row else 0


def members(connection: sqlite3.Connection, conversation_id: bytes) -> list[bytes]:
    """The account ids of the present members, sorted."""
    query = (
        "SELECT account FROM intervals WHERE until IS NULL AND conversation ="
        " (SELECT number FROM conversations WHERE id = ?) ORDER BY account"
    )
    return [member for (member,) in connection.execute(query, (conversation_id,))]


def memberships(connection: sqlite3.Connection, account_id: bytes) -> list[Membership]:
    """The conversations that the account is a member of, or was when they were deleted."""
    query = (
        f"{MEMBERSHIP} WHERE i.account = ?"
        " AND (i.until IS NULL OR (c.deleted AND i.until = c.head)) ORDER BY c.number"
    )
    return [_to_membership(row) for row in connection.execute(query, (account_id,))]


def membership(
    connection: sqlite3.Connection, conversation_number: int, account_id: bytes
) -> Membership | None:
    """The present membership of an account."""
    query = f"{MEMBERSHIP} WHERE i.conversation = ? AND i.account = ? AND i.until IS NULL"
    row = connection.execute(query, (conversation_number, account_id)).fetchone()
    return _to_membership(row) if row else None


def entry(connection: sqlite3.Connection, conversation: tuple[int, bytes], seq: int) -> Entry:
    """The entry that is known to be number ``seq`` of a conversation (number, id)."""
    number, conversation_id = conversation
    query = f"{ENTRY} WHERE conversation = ? AND seq = ?"
    return _to_entry(conversation_id, connection.execute(query, (number, seq)).fetchone())


def page(
    connection: sqlite3.Connection, conversation_id: bytes, account_id: bytes, after: int
) -> list[Entry]:
    """A page of what the account is entitled to, above ``after``.

    It takes several questions, so the caller asks them in one transaction.
    """
    intervals = connection.execute(
        "SELECT conversation, since, ifnull(until, 9223372036854775807) FROM intervals"
        " WHERE account = ? AND conversation = (SELECT number FROM conversations WHERE id = ?)"
        " ORDER BY since",
        (account_id, conversation_id),
    ).fetchall()
    found: list[Entry] = []
    size = 0
    query = f"{ENTRY} WHERE conversation = ? AND seq > ? AND seq <= ? ORDER BY seq"
    for number, since, until in intervals:
        with closing(connection.execute(query, (number, max(since, after), until))) as cursor:
            for row in cursor:
                read = _to_entry(conversation_id, row)
                size += len(read.payload)
                if found and (len(found) == limits.PAGE_ENTRIES or size > limits.PAGE_SIZE):
                    return found
                found.append(read)
    return found


def to_conversation(row: tuple[Any, ...]) -> Conversation:
    """The conversation that begins with the columns ``id, kind, name, creator``."""
    conversation_id, kind, name, creator = row[:4]
    return Conversation(conversation_id, Kind(kind), name, creator)


def from_entry(number: int, entry: Entry) -> tuple[Any, ...]:
    """The row of an entry in the conversation with this number."""
    return (
        number,
        entry.seq,
        entry.time,
        entry.author,
        entry.kind.value,
        entry.message_id,
        entry.payload,
        b"".join(entry.added),
    )


def _account(connection: sqlite3.Connection, condition: str, value: bytes | str) -> Account | None:
    row = connection.execute(f"{ACCOUNT} WHERE {condition}", (value,)).fetchone()
    return _to_account(row) if row else None


def _to_account(row: tuple[Any, ...]) -> Account:
    account_id, nick, identity, channel_key, status, operator = row
    return Account(account_id, nick, identity, channel_key, Status(status), bool(operator))


def _to_membership(row: tuple[Any, ...]) -> Membership:
    since, last = row[4:]
    return Membership(to_conversation(row), since, last)


def _to_entry(conversation_id: bytes, row: tuple[Any, ...]) -> Entry:
    seq, time, author, kind, message_id, payload, joined = row
    starts = range(0, len(joined), ID_SIZE)
    added = tuple(joined[start : start + ID_SIZE] for start in starts)
    return Entry(conversation_id, seq, time, author, EntryKind(kind), message_id, payload, added)
