"""What the log takes on disk.

Usage:
  disk.py [DIRECTORY] [--quick]

Messages of many conversations are written in turns, in batches as they come while several people
write, sealed as a client seals texts of so many characters. One line for each length: bytes of
payload of a message, and the file's bytes for one of payload. Then how large the file is after half
of them have expired, seen beside what they would take, and how large the write-ahead log was while
somebody read the file from outside, and after that.

Options:
  --quick  Few messages, to see that it works; the numbers mean little.
"""

import secrets
import sqlite3
import sys
import tempfile
from pathlib import Path
from typing import Final

import kit.checkout  # noqa: F401 - has to come before what is measured
from docopt import docopt

from geventim.chat.values import Conversation, EntryKind, Kind
from geventim.log.changes import Append, Create, Expire
from geventim.log.outcomes import Expired
from geventim.store.sqlite.store import SqliteStore

LENGTHS: Final = {"to 80": 430, "140 to 700": 1200, "1000 to 3500": 4270}
"""Characters of a text, and the bytes that sealing and padding make of it."""

GROUPS: Final = 40
BATCH: Final = 8
COUNT: Final = 10_000
QUICK_COUNT: Final = 400
MOST: Final = 1.3
"""Bytes of the file for one of payload."""

AUTHOR: Final = bytes(16)


def fill(store: SqliteStore, size: int, count: int) -> None:
    """Write ``count`` messages of ``size`` bytes; their times are their numbers."""
    groups = [
        Conversation(number.to_bytes(16, "big"), Kind.GROUP, f"group-{number}", AUTHOR)
        for number in range(GROUPS)
    ]
    store.commit([Create(group, (AUTHOR,)) for group in groups])
    for start in range(0, count, BATCH):
        store.commit(
            [
                Append(
                    groups[number * 7 % GROUPS].id,
                    AUTHOR,
                    EntryKind.MESSAGE,
                    secrets.token_bytes(16),
                    float(number),
                    0,
                    secrets.token_bytes(size),
                )
                for number in range(start, min(start + BATCH, count))
            ]
        )


def expire(store: SqliteStore, before: float) -> None:
    """Drop what was written before this time, as a server does."""
    start = -1
    while start:
        (outcome,) = store.commit([Expire(before, start=max(start, 0))])
        assert isinstance(outcome, Expired)
        start = outcome.start


def taken(path: Path) -> int:
    """Bytes of the file with everything in it."""
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
    connection.close()
    return path.stat().st_size


def measure(path: Path, size: int, count: int) -> float:
    """Print what messages of ``size`` bytes take; the file's bytes for one of payload."""
    store = SqliteStore(path)
    empty = taken(path)
    fill(store, size, count)
    full = taken(path)
    expire(store, count / 2)
    half = taken(path)
    print(
        f"{size:8} {full / 1e6:8.1f} MB {(full - empty) / size / count:6.2f}"
        f" {half / 1e6:8.1f} MB {(half - empty) / size / (count / 2):6.2f}",
        flush=True,
    )
    store.close()
    return (full - empty) / size / count


def measure_journal(path: Path, count: int) -> None:
    """Print what somebody who reads the file from outside makes of the write-ahead log."""
    store = SqliteStore(path)
    fill(store, 100, BATCH)
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM entries").fetchone()
    fill(store, 1200, count)
    journal = Path(f"{path}-wal")
    during = journal.stat().st_size
    reader.close()
    fill(store, 100, 10 * BATCH)
    print(f"write-ahead log: {during / 1e6:.1f} MB beside a reader, {_size(journal):.1f} MB after")
    store.close()


def _size(path: Path) -> float:
    return path.stat().st_size / 1e6


def main() -> None:
    """Print the tables; exits with 1 where a bound is not kept."""
    options = docopt(__doc__)
    count = QUICK_COUNT if options["--quick"] else COUNT
    with tempfile.TemporaryDirectory(dir=options["DIRECTORY"]) as directory:
        print(f"{count} messages in {GROUPS} conversations, in {directory}")
        print(" payload        file  ratio  half expired  ratio")
        ratios = [measure(Path(directory, f"{size}.db"), size, count) for size in LENGTHS.values()]
        measure_journal(Path(directory, "journal.db"), count)
    if max(ratios[1:]) > MOST and not options["--quick"]:
        sys.exit(f"the file takes more than {MOST} times the payload")


if __name__ == "__main__":
    main()
