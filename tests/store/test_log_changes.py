"""What the SQLite store writes, and that it writes nothing of what it refuses."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from geventim.chat import log
from geventim.store.sqlite import SqliteStore
from tests.store.builders import (
    ALICE,
    BOB,
    CAROL,
    CREW,
    DAVE,
    DM,
    GATE,
    KEYED,
    LOBBY,
    append,
    commit,
    contest,
    create,
    delete,
    do,
    leave,
    refused,
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """Alice and bob in a group, where alice's second commit is open, and in a keyed room."""
    opened = SqliteStore(tmp_path / "server.db")
    opened.commit([create(CREW, ALICE, BOB), create(DM, ALICE, BOB), create(KEYED)])
    opened.commit(
        [
            commit(CREW, BOB, 0, group_info=b"one"),
            commit(CREW, ALICE, 1, add=(CAROL,), group_info=b"two", welcome=b"welcome"),
            commit(KEYED, ALICE, 0, add=(ALICE,), proven=GATE),
        ]
    )
    yield opened
    opened.close()


def count(store: SqliteStore, table: str) -> int:
    query = f"SELECT count(*) FROM {table}"
    (found,) = store._writer.execute(query).fetchone()
    return int(found)


REFUSED: dict[str, Callable[[], log.Change]] = {
    "a message of nobody": lambda: append(CREW, DAVE, head=2),
    "a message on what is past": lambda: append(CREW, BOB, head=1),
    "a commit out of turn": lambda: commit(CREW, BOB, 2, turn=False),
    "a commit on what is past": lambda: commit(CREW, BOB, 1),
    "a commit of nobody": lambda: commit(CREW, DAVE, 2, add=(DAVE,)),
    "a third one in a pair": lambda: commit(DM, ALICE, 0, add=(CAROL,)),
    "a join past the gate": lambda: commit(KEYED, BOB, 1, add=(BOB,), proven=b"x" * 32),
    "one more than there is room for": lambda: commit(
        KEYED, BOB, 1, add=(BOB,), proven=GATE, limit=1
    ),
    "a leave of one of two": lambda: leave(DM, ALICE),
    "a delete by somebody else": lambda: delete(CREW, BOB),
    "a contest of what is decided": lambda: contest(CREW, BOB, 1),
    "a contest by nobody": lambda: contest(CREW, DAVE, 2),
    "anything nowhere": lambda: append(LOBBY, ALICE),
}


@pytest.mark.parametrize("name", REFUSED)
def test_nothing_is_written_of_what_is_refused(store: SqliteStore, name: str) -> None:
    before = store._writer.total_changes
    assert refused(store, REFUSED[name]())
    assert store._writer.total_changes == before


def test_what_is_repeated_is_not_written_again(store: SqliteStore) -> None:
    change = append(CREW, ALICE, b"text", head=2)
    first = do(store, change)
    before = store._writer.total_changes
    again = do(store, change)
    assert isinstance(first, log.Appended)
    assert isinstance(again, log.Appended)
    assert (again.entry, again.repeated) == (first.entry, True)
    assert store._writer.total_changes == before


def test_a_welcome_is_kept_once_and_only_where_there_is_one(store: SqliteStore) -> None:
    assert store._writer.execute("SELECT seq, welcome FROM welcomes").fetchall() == [
        (2, b"welcome")
    ]


def test_a_message_decides_what_is_open(store: SqliteStore) -> None:
    tips = count(store, "tips")
    do(store, append(CREW, ALICE, head=2))
    assert count(store, "tips") == tips, "its author decides nothing"
    do(store, append(CREW, BOB, head=2))
    assert count(store, "tips") == tips - 1


def test_a_membership_that_is_given_back_is_the_one_it_was(store: SqliteStore) -> None:
    for change in (
        commit(CREW, BOB, 2, add=(DAVE,)),
        commit(CREW, ALICE, 3, remove=(BOB,)),
        contest(CREW, CAROL, 4),
    ):
        do(store, change)
    query = (
        "SELECT i.since, i.until FROM intervals AS i JOIN conversations AS c"
        " ON c.number = i.conversation WHERE i.account = ? AND c.id = ?"
    )
    assert store._writer.execute(query, (BOB.id, CREW.id)).fetchall() == [(0, 4)]
    do(store, append(CREW, DAVE, head=3))
    assert store._writer.execute(query, (BOB.id, CREW.id)).fetchall() == [(0, None)]
    assert store.members(CREW.id) == sorted([ALICE.id, BOB.id, CAROL.id, DAVE.id])
