"""Where logs end, so that a message that comes alone is written by one statement.

Each statement lets go of the interpreter's lock and has to win it back from a busy event loop. So a
message to a log whose end is known from the last one is looked up, written and committed at once:
SQLite sees whether everything is as it was expected. If it is not, nothing is written, and the
message is applied as any other change.
"""

import sqlite3
from collections.abc import Sequence
from typing import Final

from geventim.chat import limits
from geventim.chat.values import Entry, EntryKind
from geventim.log.changes import Append, Change
from geventim.log.entries import new_entry
from geventim.log.outcomes import Appended, Outcome
from geventim.store.sqlite.log_changes import IS_ALONE, IS_MEMBER, IS_PEER_DND, REPEATED

KNOWN: Final = 4096
"""Logs whose end is known at most."""

VIEW: Final = """
    CREATE TEMP VIEW expected AS
        SELECT NULL AS conversation, NULL AS seq, NULL AS time, NULL AS author, NULL AS message_id,
            NULL AS previous, NULL AS head, NULL AS payload, NULL AS hash
"""
TRIGGER: Final = f"""
    CREATE TEMP TRIGGER expected INSTEAD OF INSERT ON expected BEGIN
        SELECT raise(ROLLBACK, 'unexpected') WHERE NOT EXISTS (
            SELECT 1
            FROM (SELECT new.conversation AS conversation, new.author AS author,
                new.message_id AS message_id) AS asked
            CROSS JOIN conversations AS c ON c.id = asked.conversation
            WHERE c.seq = new.seq - 1 AND c.hash = new.previous AND c.head = new.head
                AND NOT c.deleted AND NOT {IS_ALONE} AND {IS_MEMBER} AND NOT {IS_PEER_DND}
                AND {REPEATED} IS NULL
        );
        INSERT INTO entries
            (conversation, seq, time, author, kind, message_id, previous, head, payload,
                added, removed)
            SELECT number, new.seq, new.time, new.author, '{EntryKind.MESSAGE}', new.message_id,
                new.previous, new.head, new.payload, x'', x''
            FROM conversations WHERE id = new.conversation;
        INSERT INTO usage VALUES (new.author, length(new.payload) + {limits.ENTRY_SIZE})
            ON CONFLICT (account) DO UPDATE SET stored = stored + excluded.stored;
        UPDATE conversations
            SET seq = new.seq, hash = new.hash, size = size + length(new.payload)
            WHERE id = new.conversation;
    END
"""  # noqa: S608 - made of constants
"""What is written to ``expected`` is a message and the running hash behind it."""


class Ends:
    """The ends of logs, as what was written through ``connection`` has left them."""

    def __init__(self, connection: sqlite3.Connection, most: int = KNOWN) -> None:
        self._most = most
        self._connection = connection
        self._known: dict[bytes, tuple[int, bytes]] = {}
        connection.execute(VIEW)
        connection.execute(TRIGGER)

    def append(self, changes: Sequence[Change]) -> list[Outcome] | None:
        """What came of ``changes`` if they are one message that is as expected, which is committed.

        Otherwise None, and nothing has changed. To be called outside of a transaction. Raises
        :class:`sqlite3.Error`.
        """
        if len(changes) != 1:
            return None
        (change,) = changes
        if not isinstance(change, Append) or change.kind is not EntryKind.MESSAGE:
            return None
        end = self._known.pop(change.conversation, None)
        if end is None:
            return None
        entry = new_entry(change, end[0] + 1, end[1])
        running_hash = entry.hash
        values = (
            entry.conversation,
            entry.seq,
            entry.time,
            entry.author,
            entry.message_id,
            entry.previous,
            entry.head,
            entry.payload,
            running_hash,
        )
        try:
            self._connection.execute("INSERT INTO expected VALUES (?,?,?,?,?,?,?,?,?)", values)
        except sqlite3.IntegrityError:
            return None
        self._known[change.conversation] = entry.seq, running_hash
        return [Appended(entry)]

    def note(self, outcomes: Sequence[Outcome]) -> None:
        """These changes are committed."""
        last: dict[bytes, Entry] = {}
        for outcome in outcomes:
            if isinstance(outcome, Appended) and not outcome.repeated:
                last[outcome.entry.conversation] = outcome.entry
        for conversation, entry in last.items():
            self._known.pop(conversation, None)
            self._known[conversation] = entry.seq, entry.hash
        while len(self._known) > self._most:
            del self._known[next(iter(self._known))]
