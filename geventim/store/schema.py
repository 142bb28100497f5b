"""The tables of the SQLite store.

A conversation's ``folded`` and ``skeleton`` are NULL when it holds no name: between two people, and
after a delete. An interval with ``until`` NULL is a present membership; its account is entitled to
the entries above ``since``, up to and including ``until``.
"""

import sqlite3
from typing import Final

from geventim.errors import StoreError

VERSION: Final = 1
"""The version of these tables; it stands in the file as its ``user_version``."""

TABLES: Final = """
CREATE TABLE accounts (
    id BLOB NOT NULL PRIMARY KEY,
    nick TEXT NOT NULL,
    folded TEXT NOT NULL UNIQUE,
    skeleton TEXT NOT NULL UNIQUE,
    identity BLOB NOT NULL,
    channel_key BLOB NOT NULL UNIQUE,
    status TEXT NOT NULL,
    operator INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE invites (code TEXT NOT NULL PRIMARY KEY, uses INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE allowed (folded TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID;

CREATE TABLE conversations (
    number INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    folded TEXT,
    skeleton TEXT,
    creator BLOB NOT NULL,
    head INTEGER NOT NULL DEFAULT 0,
    deleted INTEGER NOT NULL DEFAULT 0,
    UNIQUE (kind, folded),
    UNIQUE (kind, skeleton)
);

CREATE TABLE entries (
    conversation INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    time REAL NOT NULL,
    author BLOB NOT NULL,
    kind TEXT NOT NULL,
    message_id BLOB NOT NULL,
    payload BLOB NOT NULL,
    added BLOB NOT NULL,
    PRIMARY KEY (conversation, seq),
    UNIQUE (conversation, author, message_id)
) WITHOUT ROWID;

CREATE TABLE intervals (
    conversation INTEGER NOT NULL,
    account BLOB NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER,
    PRIMARY KEY (conversation, account, since)
) WITHOUT ROWID;
CREATE UNIQUE INDEX present ON intervals (conversation, account) WHERE until IS NULL;
CREATE INDEX intervals_of ON intervals (account, conversation);
"""


def prepare(connection: sqlite3.Connection) -> None:
    """Make the tables in an empty file, or see that those in it are ours.

    Raises :class:`StoreError` for a file of a newer version, and :class:`sqlite3.Error`.
    """
    connection.execute("PRAGMA journal_mode=WAL").fetchone()
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("BEGIN IMMEDIATE")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > VERSION:
        raise StoreError(f"this data was written by a newer program (version {version})")
    if version == 0:
        for statement in TABLES.split(";"):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version={VERSION}")
    connection.execute("COMMIT")
