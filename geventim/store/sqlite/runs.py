"""What the SQLite store writes when messages arrive together: many of them by a few statements.

Each statement lets go of the interpreter's lock and has to win it back from a busy event loop,
which takes longer than the statement itself. So messages that follow each other are looked up by
one question and written by one statement. Where anything about them is out of the ordinary they are
applied one after the other instead.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Final, TypeGuard

from geventim.chat.values import EntryKind
from geventim.log.changes import Append, Change
from geventim.log.entries import new_entry, weight
from geventim.log.outcomes import Appended, Outcome
from geventim.store.sqlite import rows
from geventim.store.sqlite.changes import apply
from geventim.store.sqlite.log_changes import IS_ALONE, IS_MEMBER, IS_PEER_DND, REPEATED

LONGEST: Final = 64
"""Messages in one statement."""

STATEMENTS: Final = 3 * LONGEST
"""Statements that a connection keeps prepared: two for each number of messages, and all others."""


def apply_all(connection: sqlite3.Connection, changes: Sequence[Change]) -> list[Outcome]:
    """The outcomes of ``changes``, applied in order. Raises :class:`sqlite3.Error`."""
    outcomes: list[Outcome] = []
    for run in _runs(changes):
        appended = _append(connection, run) if len(run) > 1 else None
        if appended is None:
            outcomes += [apply(connection, change) for change in run]
        else:
            outcomes += appended
    return outcomes


def _runs(changes: Sequence[Change]) -> Iterator[list[Change]]:
    """``changes`` cut into messages that follow each other, and what stands between them."""
    for _, following in groupby(changes, _is_message):
        run = list(following)
        for start in range(0, len(run), LONGEST):
            yield run[start : start + LONGEST]


def _is_message(change: Change) -> TypeGuard[Append]:
    return isinstance(change, Append) and change.kind is EntryKind.MESSAGE


def _append(connection: sqlite3.Connection, run: list[Change]) -> list[Appended] | None:
    """What was appended; None, and nothing is, unless all of ``run`` are new and allowed."""
    messages = [change for change in run if _is_message(change)]
    if len({(m.conversation, m.author, m.message_id) for m in messages}) < len(run):
        return None
    values = [v for m in messages for v in (m.conversation, m.author, m.message_id, m.head)]
    ends = {
        conversation: _End(*end)
        for conversation, *end in connection.execute(_question(len(run)), values)
    }
    if sum(end.accepted for end in ends.values()) < len(run):
        return None
    appended: list[Appended] = []
    written: list[object] = []
    usage: dict[bytes, int] = {}
    for message in messages:
        end = ends[message.conversation]
        entry = new_entry(message, end.seq + 1, end.hash)
        end.seq, end.hash, end.size = entry.seq, entry.hash, end.size + len(entry.payload)
        written += rows.from_entry(end.number, entry)
        usage[entry.author] = usage.get(entry.author, 0) + weight(entry)
        appended.append(Appended(entry))
    connection.execute(_insertion(len(run)), written)
    connection.executemany(rows.ADD_USAGE, usage.items())
    connection.executemany(
        "UPDATE conversations SET seq = ?, hash = ?, size = ? WHERE number = ?",
        [(end.seq, end.hash, end.size, end.number) for end in ends.values()],
    )
    return appended


@dataclass(slots=True)
class _End:
    """Where a log ends, and how many of the messages in question it takes."""

    number: int
    seq: int
    hash: bytes
    size: int
    accepted: int


@lru_cache(maxsize=LONGEST)
def _question(count: int) -> str:
    """Which conversations take how many messages."""
    return f"""
        WITH asked (conversation, author, message_id, head) AS (VALUES {_places(count, 4)})
        SELECT c.id, c.number, c.seq, c.hash, c.size, count(*)
        FROM asked CROSS JOIN conversations AS c ON c.id = asked.conversation
        WHERE NOT c.deleted AND {IS_MEMBER} AND NOT {IS_ALONE} AND NOT {IS_PEER_DND}
            AND {REPEATED} IS NULL AND c.head = asked.head
        GROUP BY c.number
    """  # noqa: S608 - made of constants and question marks


@lru_cache(maxsize=LONGEST)
def _insertion(count: int) -> str:
    # Everything that could be in the way was looked up; OR ROLLBACK spares SQLite the journal that
    # it needs to take back half a statement.
    return f"INSERT OR ROLLBACK INTO entries VALUES {_places(count, 11)}"  # noqa: S608 - question marks


def _places(count: int, width: int) -> str:
    row = ", ".join("?" * width)
    return ", ".join([f"({row})"] * count)
