"""What the SQLite store writes, and that it writes nothing of what it refuses."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from geventim.chat import limits
from geventim.chat.values import EntryKind
from geventim.log.changes import Change, GiveState
from geventim.log.outcomes import Appended, Given
from geventim.store.sqlite.store import SqliteStore
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
    create,
    delete,
    do,
    leave,
    person,
    refused,
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """Alice, bob and carol in a group with two commits, and alice in a keyed room."""
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


REFUSED: dict[str, Callable[[], Change]] = {
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
    "a kick of nobody": lambda: append(CREW, DAVE, kind=EntryKind.KICK),
    "a removal by who has founded nothing": lambda: commit(CREW, BOB, 2, remove=(CAROL,)),
    "a state given by nobody": lambda: GiveState(CREW.id, DAVE.id, 0, b"info"),
    "a state instead of none": lambda: GiveState(DM.id, ALICE.id, 0, b"info"),
    "a state instead of what is no commit": lambda: GiveState(CREW.id, BOB.id, 3, b"info"),
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
    assert isinstance(first, Appended)
    assert isinstance(again, Appended)
    assert (again.entry, again.repeated) == (first.entry, True)
    assert store._writer.total_changes == before


def test_a_welcome_is_kept_once_and_only_where_there_is_one(store: SqliteStore) -> None:
    assert store._writer.execute("SELECT seq, welcome FROM welcomes").fetchall() == [
        (2, b"welcome")
    ]


def test_a_void_that_is_repeated_writes_nothing(store: SqliteStore) -> None:
    change = GiveState(CREW.id, CAROL.id, 2, b"info")
    assert do(store, change) == Given(ALICE.id)
    before = store._writer.total_changes
    assert do(store, change) == Given(ALICE.id, repeated=True)
    assert store._writer.total_changes == before


def test_states_of_one_conversation_are_bounded(store: SqliteStore) -> None:
    for number in range(limits.STATES + 3):
        joined = person(f"newcomer{number}")
        do(store, commit(KEYED, joined, number + 1, add=(joined,), proven=GATE))
    query = (
        "SELECT count(*) FROM states JOIN conversations AS c ON c.number = conversation"
        " WHERE c.id = ?"
    )
    assert store._writer.execute(query, (KEYED.id,)).fetchone() == (limits.STATES,)
