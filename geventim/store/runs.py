"""What the SQLite store writes when messages arrive together: many of them by a few statements.

Each statement lets go of the interpreter's lock and has to win it back from a busy event loop,
which takes longer than the statement itself. So messages that follow each other are looked up by
one question and written by one statement. Where anything about them is out of the ordinary they are
applied one after the other instead.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Final, TypeGuard

from geventim.chat import log
from geventim.chat.values import EntryKind
from geventim.store import rows, rules
from geventim.store.changes import IS_MEMBER, IS_PEER_DND, REPEATED, apply

LONGEST: Final = 64
"""Messages in one statement."""

STATEMENTS: Final = 3 * LONGEST
"""Statements that a connection keeps prepared: two for each number of messages, and all others."""


def apply_all(connection: sqlite3.Connection, changes: Sequence[log.Change]) -> list[log.Outcome]:
    """The outcomes of ``changes``, applied in order. Raises :class:`sqlite3.Error`."""
    outcomes: list[log.Outcome] = []
    for run in _runs(changes):
        appended = _append(connection, run) if len(run) > 1 else None
        if appended is None:
            outcomes += [apply(connection, change) for change in run]
        else:
            outcomes += appended
    return outcomes


def _runs(changes: Sequence[log.Change]) -> Iterator[list[log.Change]]:
    """``changes`` cut into messages that follow each other, and what stands between them."""
    for _, following in groupby(changes, _is_message):
        run = list(following)
        for start in range(0, len(run), LONGEST):
            yield run[start : start + LONGEST]


def _is_message(change: log.Change) -> TypeGuard[log.Append]:
    return isinstance(change, log.Append) and change.kind is EntryKind.MESSAGE


def _append(connection: sqlite3.Connection, run: list[log.Change]) -> list[log.Appended] | None:
    """What was appended; None, and nothing is, unless all of ``run`` are new and allowed."""
    messages = [change for change in run if _is_message(change)]
    asked = [(m.conversation, m.author, m.message_id) for m in messages]
    if len(messages) < len(run) or len(set(asked)) < len(run):
        return None
    found = connection.execute(_question(len(run)), [value for row in asked for value in row])
    targets = {target: (number, head, count) for target, number, head, count in found}
    if sum(count for _, _, count in targets.values()) < len(run):
        return None
    heads = {target: head for target, (_, head, _) in targets.items()}
    appended: list[log.Appended] = []
    values: list[object] = []
    for message in messages:
        heads[message.conversation] += 1
        entry = rules.new_entry(message, heads[message.conversation])
        values += rows.from_entry(targets[message.conversation][0], entry)
        appended.append(log.Appended(entry))
    connection.execute(_insertion(len(run)), values)
    connection.executemany(
        "UPDATE conversations SET head = ? WHERE id = ?",
        [(head, target) for target, head in heads.items()],
    )
    return appended


@lru_cache(maxsize=LONGEST)
def _question(count: int) -> str:
    """Which conversations may take how many of so many messages."""
    return f"""
        WITH asked (conversation, author, message_id) AS (VALUES {_places(count, 3)})
        SELECT c.id, c.number, c.head, count(*)
        FROM asked CROSS JOIN conversations AS c ON c.id = asked.conversation
        WHERE NOT c.deleted AND {IS_MEMBER} AND NOT {IS_PEER_DND} AND {REPEATED} IS NULL
        GROUP BY c.number
    """  # noqa: S608 - made of constants and question marks


@lru_cache(maxsize=LONGEST)
def _insertion(count: int) -> str:
    # Everything that could be in the way was looked up; OR ROLLBACK spares SQLite the journal that
    # it needs to take back half a statement.
    return f"INSERT OR ROLLBACK INTO entries VALUES {_places(count, 8)}"  # noqa: S608 - question marks


def _places(count: int, width: int) -> str:
    row = ", ".join("?" * width)
    return ", ".join([f"({row})"] * count)
