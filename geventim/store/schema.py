"""The tables of the SQLite store.

An account's ``folded`` and ``skeleton`` are those of its nick; they are NULL once it was released.
It ``may_store`` and ``may_create`` what its allowance says, NULL is what all may.
A conversation's ``folded`` and ``skeleton`` are those of a room; they are NULL after a delete, and
for all others, whose names are labels. Its ``creation`` is the message id of the request that made
it, NULL between two people. Its ``seq`` and ``hash`` are those of the last entry, ``head`` is the
last commit. Its messages have ``size`` bytes of payload, and those up to ``floor`` have expired.
Its ``states`` are what members gave for newcomers (:class:`.rules.Giver`), numbered as they came.

An interval with ``until`` NULL is a present membership; its account is entitled to the entries
above ``since``, up to and including ``until``. It ``is_left`` when the account itself ended it.

The ``usage`` of an account has the bytes of the messages in ``entries`` that it wrote
(:class:`geventim.chat.log.Usage`).
"""

import sqlite3
from typing import Final

from geventim.chat import limits
from geventim.errors import StoreError

VERSION: Final = 4
"""The version of these tables; it stands in the file as its ``user_version``."""

TABLES: Final = """
CREATE TABLE accounts (
    id BLOB NOT NULL PRIMARY KEY,
    nick TEXT NOT NULL,
    folded TEXT UNIQUE,
    skeleton TEXT UNIQUE,
    identity BLOB NOT NULL,
    channel_key BLOB NOT NULL UNIQUE,
    status TEXT NOT NULL,
    operator INTEGER NOT NULL,
    sanction TEXT NOT NULL,
    may_store INTEGER,
    may_create INTEGER
) WITHOUT ROWID;

CREATE TABLE seen (
    account BLOB NOT NULL PRIMARY KEY,
    time REAL NOT NULL,
    nearness TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE invites (
    code TEXT NOT NULL PRIMARY KEY,
    uses INTEGER NOT NULL,
    end REAL NOT NULL
) WITHOUT ROWID;

CREATE TABLE allowed (folded TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID;

CREATE TABLE conversations (
    number INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    folded TEXT,
    skeleton TEXT,
    creator BLOB NOT NULL,
    creation BLOB,
    incarnation BLOB NOT NULL,
    gate BLOB NOT NULL,
    members INTEGER NOT NULL,
    seq INTEGER NOT NULL DEFAULT 0,
    hash BLOB NOT NULL,
    head INTEGER NOT NULL DEFAULT 0,
    size INTEGER NOT NULL DEFAULT 0,
    floor INTEGER NOT NULL DEFAULT 0,
    deleted INTEGER NOT NULL DEFAULT 0,
    UNIQUE (folded),
    UNIQUE (skeleton),
    UNIQUE (creator, creation)
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

CREATE INDEX conversations_by ON conversations (creator) WHERE kind <> 'dm' AND NOT deleted;

CREATE TABLE usage (account BLOB NOT NULL PRIMARY KEY, stored INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE intervals (
    conversation INTEGER NOT NULL,
    account BLOB NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER,
    is_left INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (conversation, account, since)
) WITHOUT ROWID;
CREATE UNIQUE INDEX present ON intervals (conversation, account) WHERE until IS NULL;
CREATE INDEX present_of ON intervals (account) WHERE until IS NULL;
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


TRIGGERS: Final = (
    f"""
    CREATE TRIGGER kept AFTER INSERT ON entries WHEN new.kind = 'message' BEGIN
        INSERT INTO usage SELECT new.author, 0
            WHERE NOT EXISTS (SELECT 1 FROM usage WHERE account = new.author);
        UPDATE usage SET stored = stored + length(new.payload) + {limits.ENTRY_SIZE}
            WHERE account = new.author;
    END
    """,  # noqa: S608 - made of constants
    f"""
    CREATE TRIGGER dropped AFTER DELETE ON entries WHEN old.kind = 'message' BEGIN
        UPDATE usage SET stored = stored - length(old.payload) - {limits.ENTRY_SIZE}
            WHERE account = old.author;
    END
    """,  # noqa: S608 - made of constants
)
"""They count what the messages of each account take."""


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
        raise StoreError(
            f"this data was written by a program before its first release (version {version});"
            " begin with an empty directory"
        )
    if version == 0:
        for statement in (*TABLES.split(";"), *TRIGGERS):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version={VERSION}")
    connection.execute("COMMIT")
