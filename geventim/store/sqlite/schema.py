"""The tables of the SQLite store.

An account's ``folded`` and ``skeleton`` are those of its nick; they are NULL once it was released.
It ``may_store``, ``may_create`` and ``may_keep`` what its allowance says, NULL is what all may.
A conversation's ``folded`` and ``skeleton`` are those of a room; they are NULL after a delete, and
for all others, whose names are labels. Its ``creation`` is the message id of the request that made
it, NULL between two people. Its ``seq`` and ``hash`` are those of the last entry, ``head`` is the
last commit. Its messages have ``size`` bytes of payload, and those up to ``floor`` have expired.
Its ``states`` are what members gave for newcomers, numbered as they came
(:class:`geventim.log.effect.Giver`).

An interval with ``until`` NULL is a present membership; its account is entitled to the entries
above ``since``, up to and including ``until``. It ``is_left`` when the account itself ended it.

The ``blobs`` are those of :mod:`geventim.log.blobs`. How many of an account have been ``begun`` and
not finished is in ``kept``, and how many are ``kept``, which counts for so many ``bytes``; the row
of no account (an empty id) has those of all.

The ``usage`` of an account has the bytes of the messages in ``entries`` that it wrote
(:class:`geventim.log.outcomes.Usage`).

Rows of ``entries`` lie in the order in which they came. In the order of a key they would be cut
where they are longer than a quarter of a page, and each rest would take a page of its own.
"""

import sqlite3
from pathlib import Path
from typing import Final

from geventim.chat import limits
from geventim.store.plan import Plan, version_of
from geventim.store.sqlite import tenure

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
    may_create INTEGER,
    may_keep INTEGER
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
);

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

BLOBS: Final = """
CREATE TABLE blobs (
    number INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    conversation BLOB NOT NULL,
    account BLOB NOT NULL,
    creation BLOB NOT NULL,
    size INTEGER NOT NULL,
    time REAL NOT NULL,
    state TEXT NOT NULL,
    UNIQUE (account, creation)
);

CREATE TABLE kept (
    account BLOB NOT NULL PRIMARY KEY,
    begun INTEGER NOT NULL,
    kept INTEGER NOT NULL,
    bytes INTEGER NOT NULL
) WITHOUT ROWID;
"""

TRIGGER: Final = f"""
    CREATE TRIGGER dropped AFTER DELETE ON entries WHEN old.kind = 'message' BEGIN
        UPDATE usage SET stored = stored - length(old.payload) - {limits.ENTRY_SIZE}
            WHERE account = old.author;
    END
"""  # noqa: S608 - made of constants
"""It takes from the ``usage`` of whoever wrote what is dropped; whoever writes an entry adds to it.

A trigger for that, too, would do for each message what is done once for all that come together.
"""


def _make(connection: sqlite3.Connection) -> None:
    for statement in (
        *TABLES.split(";"),
        *BLOBS.split(";"),
        TRIGGER,
        *tenure.TABLE.split(";"),
    ):
        connection.execute(statement)


def _keep_files(connection: sqlite3.Connection) -> None:
    connection.execute("ALTER TABLE accounts ADD COLUMN may_keep INTEGER")
    for statement in BLOBS.split(";"):
        connection.execute(statement)


def _count_together(connection: sqlite3.Connection) -> None:
    connection.execute("DROP TRIGGER kept")


STEPS: Final = {4: _keep_files, 5: _count_together}
PLAN: Final = Plan(version=6, first=4, make=_make, steps=STEPS, settle=tenure.settle)
"""The version of these tables, and how those of earlier ones become them."""


def prepare(connection: sqlite3.Connection, path: Path, stages: Plan = PLAN) -> Path | None:
    """Make the writing connection's file at ``path`` one of the version of ``stages``.

    Where its copy is, if it was of an earlier one. Raises :class:`geventim.errors.StoreError`,
    :class:`sqlite3.Error` and :class:`OSError`.
    """
    stages.judge(version_of(connection))
    # It has to be said before there is anything in the file, and does nothing later.
    connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
    connection.execute("PRAGMA journal_mode=WAL").fetchone()
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(f"PRAGMA journal_size_limit={tenure.WAL_SIZE}").fetchone()
    # That is a matter of the tenure, after which one knows what belongs together.
    connection.execute("PRAGMA wal_autocheckpoint=0").fetchone()
    return stages.carry_out(connection, path)
