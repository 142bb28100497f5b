"""How the SQLite store lets old entries go."""

import sqlite3
from collections.abc import Generator
from contextlib import closing
from functools import partial
from typing import Final

from geventim.chat.values import EntryKind
from geventim.log.changes import Expire
from geventim.log.expiry import Line, cut, sweep
from geventim.log.outcomes import Expired

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
    found = connection.execute(
        "SELECT number, seq, size FROM conversations WHERE number >= ? ORDER BY number LIMIT ?",
        (change.start, change.most),
    ).fetchall()
    numbered = ((conversation[0], conversation) for conversation in found)
    return sweep(numbered, partial(_expire_log, connection, change), change.most)


def _expire_log(
    connection: sqlite3.Connection, change: Expire, conversation: tuple[int, int, int], most: int
) -> int:
    number, last, size = conversation
    query = "SELECT min(since) FROM intervals WHERE conversation = ? AND until IS NULL"
    (unneeded,) = connection.execute(query, (number,)).fetchone()
    with closing(_read_lines(connection, number)) as lines:
        found = cut(change, lines, size, last if unneeded is None else unneeded, most)
    keys = [(number, line.seq) for line in found.lines]
    connection.executemany("DELETE FROM entries WHERE conversation = ? AND seq = ?", keys)
    connection.executemany("DELETE FROM welcomes WHERE conversation = ? AND seq = ?", keys)
    if found.floor is not None:
        connection.execute(
            "UPDATE conversations SET size = size - ?, floor = ? WHERE number = ?",
            (found.size, found.floor, number),
        )
    return len(keys)


def _read_lines(connection: sqlite3.Connection, number: int) -> Generator[Line]:
    query = "SELECT seq, time, kind, length(payload) FROM entries WHERE conversation = ?"
    with closing(connection.execute(f"{query} ORDER BY seq", (number,))) as cursor:
        for seq, time, kind, size in cursor:
            yield Line(seq, time, EntryKind(kind), size)
