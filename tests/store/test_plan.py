"""Files that become those of a made-up next version."""

import os
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from geventim.errors import StoreError
from geventim.store.plan import Plan, copy, copy_of, version_of

ROOT = Path(__file__).resolve().parents[2]


def make(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE words (word TEXT)")


def count_letters(connection: sqlite3.Connection) -> None:
    connection.execute("ALTER TABLE words ADD COLUMN letters INTEGER")
    connection.execute("UPDATE words SET letters = length(word)")


def add_index(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE INDEX by_letters ON words (letters)")


OLD = Plan(version=4, first=4, make=make, steps={})
NEW = Plan(version=6, first=4, make=make, steps={4: count_letters, 5: add_index})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "words.db"


@pytest.fixture
def connection(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None)) as opened:
        opened.execute("PRAGMA journal_mode=WAL")
        OLD.carry_out(opened, path)
        opened.executemany("INSERT INTO words VALUES (?)", [("one",), ("three",)])
        yield opened


def content(path: Path) -> tuple[int, list[tuple[object, ...]]]:
    with closing(sqlite3.connect(path)) as connection:
        return version_of(connection), connection.execute("SELECT * FROM words").fetchall()


BEFORE = (4, [("one",), ("three",)])
BETWEEN = (5, [("one", 3), ("three", 5)])
AFTER = (6, [("one", 3), ("three", 5)])


def test_steps_follow_each_other(connection: sqlite3.Connection, path: Path) -> None:
    kept = NEW.carry_out(connection, path)
    assert content(path) == AFTER
    assert NEW.carry_out(connection, path) is None
    assert kept == copy_of(path, 4)
    assert content(kept) == BEFORE
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_a_step_that_fails_leaves_the_version_before_it(
    connection: sqlite3.Connection, path: Path
) -> None:
    def fail(connection: sqlite3.Connection) -> None:
        add_index(connection)
        connection.execute("DELETE FROM nowhere")

    plan = Plan(version=6, first=4, make=make, steps={4: count_letters, 5: fail})
    with pytest.raises(sqlite3.OperationalError, match="nowhere"):
        plan.carry_out(connection, path)
    assert content(path) == BETWEEN
    assert content(copy_of(path, 4)) == BEFORE
    NEW.carry_out(connection, path)
    assert content(path) == AFTER


def test_without_room_for_the_copy_nothing_begins(
    connection: sqlite3.Connection, path: Path
) -> None:
    copy_of(path, 4).mkdir()
    with pytest.raises(OSError, match="directory"):
        NEW.carry_out(connection, path)
    assert content(path) == BEFORE
    assert not list(path.parent.glob("*.new*"))


def test_there_is_no_way_back(connection: sqlite3.Connection, path: Path) -> None:
    NEW.carry_out(connection, path)
    with pytest.raises(StoreError, match=r"version 6; this program has 4.* no way back"):
        OLD.carry_out(connection, path)
    assert content(path) == AFTER


def test_a_copy_needs_nothing_beside_it(
    connection: sqlite3.Connection, path: Path, tmp_path: Path
) -> None:
    place = tmp_path / "elsewhere" / "copy.db"
    place.parent.mkdir()
    copy(connection, place, count_letters)
    assert [path.name for path in place.parent.iterdir()] == ["copy.db"]
    assert content(place)[1] == AFTER[1]
    assert content(path) == BEFORE


MORTAL = """
import os, signal, sqlite3, sys
from pathlib import Path

class Mortal(sqlite3.Connection):
    left = int(sys.argv[2])

    def execute(self, *words):
        self.live()
        return super().execute(*words)

    def backup(self, *words):
        super().backup(*words)
        self.live()

    def live(self):
        Mortal.left -= 1
        if Mortal.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

real = sqlite3.connect
sqlite3.connect = lambda *words, **more: real(*words, factory=Mortal, **more)
"""
"""A program that is killed before the so-manieth statement of any of its connections."""

PROGRAM = f"""{MORTAL}
from tests.store.test_plan import NEW
path = Path(sys.argv[1])
NEW.carry_out(sqlite3.connect(path, isolation_level=None), path)
"""


def kill_everywhere(program: str, path: Path, check: Callable[[], None]) -> int:
    """Run ``program`` until it is killed nowhere any more; how often it was."""
    for number in range(1, 1000):
        done = subprocess.run(
            [sys.executable, "-c", program, str(path), str(number)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            timeout=60,
            check=False,
        )
        check()
        if done.returncode == 0:
            return number - 1
        assert done.returncode == -signal.SIGKILL, done.stderr
    raise AssertionError("it never came to an end")


def test_killed_at_any_statement_the_file_is_of_one_version_and_whole(
    connection: sqlite3.Connection, path: Path
) -> None:
    connection.close()
    before = path.read_bytes()
    seen = []

    def check() -> None:
        seen.append(content(path))
        if copy_of(path, 4).exists():
            assert content(copy_of(path, 4)) == BEFORE
        if seen[-1] != AFTER:
            path.write_bytes(before)

    assert kill_everywhere(PROGRAM, path, check) > 8
    assert seen[0] == BEFORE
    assert seen[-1] == AFTER
    assert all(each in (BEFORE, BETWEEN, AFTER) for each in seen)
    assert BETWEEN in seen
