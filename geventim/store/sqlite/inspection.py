"""Reading everything in a server's file, to see that it is whole."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from geventim.chat.limits import BLOB_WEIGHT
from geventim.chat.values import first_hash, next_hash
from geventim.errors import StoreError

FAULTS: Final = 20
"""Faults that are told at most."""

LOST: Final = """
    SELECT count(*) FROM intervals AS i
        WHERE NOT EXISTS (SELECT 1 FROM conversations WHERE number = i.conversation)
    UNION ALL SELECT count(*) FROM entries AS e
        WHERE NOT EXISTS (SELECT 1 FROM conversations WHERE number = e.conversation)
"""
MISCOUNTED: Final = """
    SELECT count(*) FROM conversations AS c WHERE members <> (
        SELECT count(*) FROM intervals WHERE conversation = c.number AND until IS NULL)
    UNION ALL SELECT count(*) FROM conversations AS c WHERE size <> (
        SELECT ifnull(sum(length(payload)), 0) FROM entries
            WHERE conversation = c.number AND kind = 'message')
    UNION ALL SELECT count(*) FROM kept AS k
        WHERE bytes <> (SELECT ifnull(sum(size + {weight}), 0) FROM blobs
            WHERE account = k.account AND state <> 'expired') AND account <> x''
    UNION ALL SELECT bytes <> (SELECT ifnull(sum(bytes), 0) FROM kept WHERE account <> x'')
        FROM kept WHERE account = x''
""".replace("{weight}", str(BLOB_WEIGHT))

LOGS: Final = """
    SELECT id, number, incarnation, seq, hash, floor,
        (SELECT min(since) FROM intervals WHERE conversation = c.number AND until IS NULL)
    FROM conversations AS c
"""


@dataclass(frozen=True, slots=True)
class Findings:
    """What there is in a file, and what is wrong with it: ``faults`` in words.

    There are so many ``files`` of clients that are whole.
    """

    accounts: int
    conversations: int
    entries: int
    size: int
    faults: tuple[str, ...]
    files: int = 0


def inspect(connection: sqlite3.Connection) -> Findings:
    """Read all that ``connection`` sees: pages, indexes, the hashes of each log, what is counted.

    Where pages are damaged, the rest is not looked at. Raises :class:`sqlite3.Error`.
    """
    connection.execute("BEGIN")
    try:
        faults = [
            f"page or index: {line}"
            for (line,) in connection.execute(f"PRAGMA integrity_check({FAULTS})")
            if line != "ok"
        ]
        if faults:
            return Findings(0, 0, 0, 0, tuple(faults))
        (accounts,) = connection.execute("SELECT count(*) FROM accounts").fetchone()
        (conversations,) = connection.execute("SELECT count(*) FROM conversations").fetchone()
        query = "SELECT count(*), ifnull(sum(length(payload)), 0) FROM entries"
        entries, size = connection.execute(query).fetchone()
        faults += _find_faults(connection)
        query = "SELECT count(*) FROM blobs WHERE state = 'finished'"
        (files,) = connection.execute(query).fetchone()
        return Findings(accounts, conversations, entries, size, tuple(faults[:FAULTS]), files)
    finally:
        connection.execute("ROLLBACK")


def require_whole(connection: sqlite3.Connection) -> Findings:
    """What :func:`inspect` finds. Raises :class:`StoreError` if that is not as it should be."""
    found = inspect(connection)
    if found.faults:
        raise StoreError(f"it is damaged ({found.faults[0]}): restore a backup")
    return found


def _find_faults(connection: sqlite3.Connection) -> Iterator[str]:
    for condition, query in (("belongs to no conversation", LOST), ("is miscounted", MISCOUNTED)):
        count = sum(number for (number,) in connection.execute(query))
        if count:
            yield f"{count} times something {condition}"
    with closing(connection.execute(LOGS)) as logs:
        for name, *log in logs:
            fault = _Log(*log).find_fault(connection)
            if fault:
                yield f"the log {name.hex()} {fault}"


@dataclass(frozen=True, slots=True)
class _Log:
    """A log as its conversation has it. Up to ``floor`` messages have expired.

    What is no message may have, too, up to ``unneeded``, after which every present member came;
    None if there is none.
    """

    number: int
    incarnation: bytes
    seq: int
    hash: bytes
    floor: int
    unneeded: int | None

    def find_fault(self, connection: sqlite3.Connection) -> str | None:
        """What is wrong with its entries, if something is."""
        gone = max(self.floor, self.seq if self.unneeded is None else self.unneeded)
        query = "SELECT seq, previous, payload FROM entries WHERE conversation = ? ORDER BY seq"
        last, running_hash = 0, first_hash(self.incarnation)
        with closing(connection.execute(query, (self.number,))) as entries:
            for seq, previous, payload in entries:
                if seq > max(last + 1, gone + 1):
                    return f"misses entries before its entry {seq}"
                if seq == last + 1 and previous != running_hash:
                    return f"does not fit together at its entry {seq}"
                last, running_hash = seq, next_hash(previous, seq, payload)
        if last > self.seq:
            return f"has an entry {last} behind its end"
        if last == self.seq and running_hash != self.hash:
            return "ends with another hash than it should"
        return f"misses entries after its entry {last}" if self.seq > max(last, gone) else None
