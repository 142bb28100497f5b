"""The tables of the SQLite store.

A conversation's ``folded`` and ``skeleton`` are NULL when it holds no name: between two people, and
after a delete. Its ``seq`` and ``hash`` are those of the last entry, ``head`` is the last commit.
Its messages have ``size`` bytes of payload, and those up to ``floor`` have expired. Its ``states``
are what members gave for newcomers (:class:`.rules.Giver`), numbered as they came.

An interval with ``until`` NULL is a present membership; its account is entitled to the entries
above ``since``, up to and including ``until``. It ``is_left`` when the account itself ended it.
"""

import sqlite3
from typing import Final

from geventim.errors import StoreError

VERSION: Final = 2
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
    incarnation BLOB NOT NULL,
    gate BLOB NOT NULL,
    members INTEGER NOT NULL,
    seq INTEGER NOT NULL DEFAULT 0,
    hash BLOB NOT NULL,
    head INTEGER NOT NULL DEFAULT 0,
    size INTEGER NOT NULL DEFAULT 0,
    floor INTEGER NOT NULL DEFAULT 0,
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
    previous BLOB NOT NULL,
    head INTEGER NOT NULL,
    payload BLOB NOT NULL,
    added BLOB NOT NULL,
    removed BLOB NOT NULL,
    PRIMARY KEY (conversation, seq),
    UNIQUE (conversation, author, message_id)
) WITHOUT ROWID;

CREATE TABLE welcomes (
    conversation INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    welcome BLOB NOT NULL,
    UNIQUE (conversation, seq)
);

CREATE TABLE states (
    number INTEGER PRIMARY KEY,
    conversation INTEGER NOT NULL,
    account BLOB NOT NULL,
    at INTEGER NOT NULL,
    called INTEGER NOT NULL,
    group_info BLOB NOT NULL,
    UNIQUE (conversation, account)
);

CREATE TABLE intervals (
    conversation INTEGER NOT NULL,
    account BLOB NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER,
    is_left INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (conversation, account, since)
) WITHOUT ROWID;
CREATE UNIQUE INDEX present ON intervals (conversation, account) WHERE until IS NULL;
CREATE INDEX intervals_of ON intervals (account, conversation);

CREATE TABLE key_packages (
    number INTEGER PRIMARY KEY,
    account BLOB NOT NULL,
    time REAL NOT NULL,
    last_resort INTEGER NOT NULL,
    package BLOB NOT NULL
);
CREATE INDEX key_packages_of ON key_packages (account, last_resort, number);
"""


def prepare(connection: sqlite3.Connection) -> None:
    """Make the tables in an empty file, or see that those in it are ours.

    Raises :class:`StoreError` for a file of another version, and :class:`sqlite3.Error`.
    """
    connection.execute("PRAGMA journal_mode=WAL").fetchone()
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("BEGIN IMMEDIATE")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > VERSION:
        raise StoreError(f"this data was written by a newer program (version {version})")
    if 0 < version < VERSION:
        raise StoreError(f"this data was written before the first release (version {version})")
    if version == 0:
        for statement in TABLES.split(";"):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version={VERSION}")
    connection.execute("COMMIT")
