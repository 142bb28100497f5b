"""How the SQLite store lets old entries go."""

import sqlite3
from collections.abc import Generator
from contextlib import closing
from itertools import islice
from typing import Final

from geventim.chat.values import EntryKind
from geventim.log.changes import EXPIRED_AT_ONCE, Expire
from geventim.log.outcomes import Expired
from geventim.store import rules

PAGES: Final = 2048
"""Pages that are given back to the file system at a time."""


def expire(connection: sqlite3.Connection, change: Expire) -> Expired:
    """Drop what is to be dropped, a part of it at a time, and let the file shrink."""
    outcome = _expire_logs(connection, change)
    (free,) = connection.execute("PRAGMA freelist_count").fetchone()
    for _ in range(min(free, PAGES)):
        # Asked for more pages it would have to be stepped through, which this module cannot.
        connection.execute("PRAGMA incremental_vacuum(1)")
    return outcome


def _expire_logs(connection: sqlite3.Connection, change: Expire) -> Expired:
    count = 0
    found = connection.execute(
        "SELECT number, seq, size FROM conversations WHERE number >= ? ORDER BY number LIMIT ?",
        (change.start, EXPIRED_AT_ONCE),
    ).fetchall()
    for number, last, size in found:
        count += _expire_log(connection, (number, last, size), change, EXPIRED_AT_ONCE - count)
        if count == EXPIRED_AT_ONCE:
            return Expired(count, number)
    return Expired(count, found[-1][0] + 1 if len(found) == EXPIRED_AT_ONCE else 0)


def _expire_log(
    connection: sqlite3.Connection,
    conversation: tuple[int, int, int],
    change: Expire,
    most: int,
) -> int:
    number, last, size = conversation
    query = "SELECT min(since) FROM intervals WHERE conversation = ? AND until IS NULL"
    (unneeded,) = connection.execute(query, (number,)).fetchone()
    unneeded = last if unneeded is None else unneeded
    with closing(_read_lines(connection, number)) as lines:
        dropped = list(islice(rules.expired(lines, change, size, unneeded), most))
    keys = [(number, line.seq) for line in dropped]
    connection.executemany("DELETE FROM entries WHERE conversation = ? AND seq = ?", keys)
    connection.executemany("DELETE FROM welcomes WHERE conversation = ? AND seq = ?", keys)
    messages = [line for line in dropped if line.kind is EntryKind.MESSAGE]
    if messages:
        connection.execute(
            "UPDATE conversations SET size = size - ?, floor = ? WHERE number = ?",
            (sum(line.size for line in messages), messages[-1].seq, number),
        )
    return len(dropped)


def _read_lines(connection: sqlite3.Connection, number: int) -> Generator[rules.Line]:
    query = "SELECT seq, time, kind, length(payload) FROM entries WHERE conversation = ?"
    with closing(connection.execute(f"{query} ORDER BY seq", (number,))) as cursor:
        for seq, time, kind, size in cursor:
            yield rules.Line(seq, time, EntryKind(kind), size)
