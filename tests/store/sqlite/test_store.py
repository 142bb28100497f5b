"""What only the store on disk promises: that it survives, and how it fails."""

import os
import random
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from geventim.chat.values import Account, Conversation, EntryKind, Kind, Membership, account_id
from geventim.errors import StoreError
from geventim.log.changes import AddKeyPackages, Append, Commit, Create
from geventim.log.outcomes import Appended, State
from geventim.log.people import AddInvite, Invite, Register, SetOperator
from geventim.store.sqlite import schema
from geventim.store.sqlite.store import IDLE_READERS, SqliteStore, examine, inspect
from tests.store.test_plan import MORTAL, kill_everywhere

ROOT = Path(__file__).resolve().parents[3]
ALICE, BOB = b"alice".ljust(16), b"bob".ljust(16)
LOBBY = Conversation(b"lobby".ljust(16), Kind.ROOM, "lobby", ALICE)
CREATE = Create(LOBBY, (ALICE,))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "server.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore(path)
    opened.commit([CREATE])
    yield opened
    opened.close()


def append(number: int, payload: bytes = b"") -> Append:
    return Append(LOBBY.id, ALICE, EntryKind.MESSAGE, number.to_bytes(16, "big"), 0.0, 0, payload)


def sequence(store: SqliteStore) -> list[int]:
    found: list[int] = []
    while page := store.entries(LOBBY.id, ALICE, found[-1] if found else 0).entries:
        found += [entry.seq for entry in page]
    return found


def last(store: SqliteStore) -> int:
    head = store.head(LOBBY.id)
    assert head
    return head.seq


class TestFile:
    def test_everything_outlives_the_process(self, path: Path) -> None:
        identity = b"i" * 32
        alice = Account(account_id(identity), "alice", identity, b"c" * 32)
        group = Conversation(b"group".ljust(16), Kind.GROUP, "g", alice.id)
        store = SqliteStore(path)
        outcomes = store.commit(
            [
                Register(alice),
                SetOperator(alice.id),
                AddInvite("code", 3),
                CREATE,
                append(1, b"one"),
                Commit(
                    LOBBY.id, alice.id, bytes(16), 1.5, 0, b"", b"info", added=(alice.id,), limit=5
                ),
                Create(group, (alice.id,)),
                AddKeyPackages(alice.id, (b"package",), 1.0),
            ]
        )
        store.close()
        again = SqliteStore(path)
        assert again.account(alice.id) == outcomes[1]
        assert again.invites() == {"code": Invite(3)}
        assert again.memberships(alice.id) == [
            Membership(LOBBY, 1, 2, 2),
            Membership(group, 0, 0, 1),
        ]
        head = again.head(LOBBY.id)
        assert head
        assert head.commit == 2
        assert again.state(LOBBY.id, alice.id) == State(alice.id, 2, b"info")
        assert again.key_packages(alice.id, 0.0) == 1
        entry, *_ = again.entries(LOBBY.id, ALICE, 0).entries
        assert outcomes[4] == Appended(entry)
        assert again.commit([append(1)]) == [Appended(entry, repeated=True)]
        again.close()

    def test_files_are_the_owners_alone(self, path: Path) -> None:
        mask = os.umask(0)
        try:
            store = SqliteStore(path)
            store.commit([CREATE])
            store.head(LOBBY.id)
        finally:
            os.umask(mask)
        modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()}
        assert modes == dict.fromkeys(["server.db", "server.db-wal", "server.db-shm"], 0o600)
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        store.close()

    def test_commits_are_flushed(self, store: SqliteStore) -> None:
        assert store._writer.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert store._writer.execute("PRAGMA synchronous").fetchone() == (2,)

    def test_newer_file_is_refused(self, path: Path) -> None:
        SqliteStore(path).close()
        connection = sqlite3.connect(path)
        connection.execute(f"PRAGMA user_version={schema.PLAN.version + 1}")
        connection.close()
        with pytest.raises(StoreError, match="newer"):
            SqliteStore(path)

    def test_file_that_is_no_database_is_refused(self, path: Path) -> None:
        path.parent.mkdir()
        path.write_bytes(b"no database" * 1000)
        with pytest.raises(StoreError, match="not a database"):
            SqliteStore(path)
        assert path.read_bytes() == b"no database" * 1000

    def test_place_that_cannot_be_used_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(StoreError, match="file"):
            SqliteStore(tmp_path / "file" / "server.db")
        with pytest.raises(StoreError, match="directory"):
            SqliteStore(tmp_path)


class TestFailure:
    def test_full_disk_changes_nothing(self, store: SqliteStore) -> None:
        store.commit([append(1)])
        (pages,) = store._writer.execute("PRAGMA page_count").fetchone()
        store._writer.execute(f"PRAGMA max_page_count={pages}")
        with pytest.raises(StoreError, match="full"):
            store.commit([AddInvite("code", 1), append(2), append(3, bytes(60_000))])
        assert sequence(store) == [1]
        assert last(store) == 1
        assert store.invites() == {}
        store._writer.execute("PRAGMA max_page_count=1000000")
        (outcome,) = store.commit([append(3)])
        assert isinstance(outcome, Appended)
        assert outcome.entry.seq == 2
        assert not outcome.repeated

    def test_failed_write_of_a_file_changes_nothing(self, path: Path) -> None:
        # A limit on the size of a file is the disk that is full in the middle of a flush.
        program = """
import resource, signal, sys
from pathlib import Path
from geventim.errors import StoreError
from geventim.store.sqlite.store import SqliteStore
from tests.store.sqlite.test_store import CREATE, append, sequence
store = SqliteStore(Path(sys.argv[1]))
store.commit([CREATE, append(1)])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
_, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, hard))
acknowledged = [1]
try:
    for number in range(2, 100):
        store.commit([append(number, bytes(20_000))])
        acknowledged.append(number)
except StoreError:
    pass
else:
    sys.exit("nothing failed")
assert sequence(store) == acknowledged, (sequence(store), acknowledged)
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
(outcome,) = store.commit([append(1000)])
assert outcome.entry.seq == len(acknowledged) + 1
"""
        run([sys.executable, "-c", program, str(path)])

    def test_other_errors_change_nothing_either(self, store: SqliteStore) -> None:
        with pytest.raises(UnicodeEncodeError):
            store.commit([append(1), AddInvite("\ud800", 1)])
        assert sequence(store) == []
        store.commit([append(1)])
        assert sequence(store) == [1]

    def test_reader_that_failed_is_not_used_again(self, store: SqliteStore) -> None:
        store.head(LOBBY.id)
        (reader,) = store._idle
        reader.close()
        with pytest.raises(StoreError):
            store.head(LOBBY.id)
        assert last(store) == 0

    def test_writer_waits_for_another_process(self, store: SqliteStore, path: Path) -> None:
        other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
        timer = threading.Timer(0.1, other.execute, ["ROLLBACK"])
        timer.start()
        store.commit([append(1)])
        timer.join()
        other.close()
        assert sequence(store) == [1]


class TestThreads:
    def test_everyone_reads_whole_batches(self, store: SqliteStore) -> None:
        failures: list[str] = []
        done = threading.Event()

        def read() -> None:
            while not done.is_set():
                head = last(store)
                found = sequence(store)
                if len(found) < head or len(found) % 5 or found != list(range(1, len(found) + 1)):
                    failures.append(f"{head} {found[-3:]}")

        def write(start: int) -> None:
            for number in range(start, start + 100, 5):
                store.commit([append(n) for n in range(number, number + 5)])

        readers = [threading.Thread(target=read) for _ in range(IDLE_READERS + 2)]
        writers = [threading.Thread(target=write, args=(start,)) for start in (1000, 2000, 3000)]
        for thread in readers + writers:
            thread.start()
        for thread in writers:
            thread.join()
        done.set()
        for thread in readers:
            thread.join()
        assert failures == []
        assert sequence(store) == list(range(1, 301))
        assert 1 <= len(store._idle) <= IDLE_READERS

    def test_threads_of_a_patched_program(self, path: Path) -> None:
        # gevent's pool has real threads; the loop must go on turning while they wait.
        program = """
from gevent import monkey; monkey.patch_all()
import sys
from pathlib import Path
import gevent
from gevent.threadpool import ThreadPool
from geventim.store.sqlite.store import SqliteStore
from tests.store.sqlite.test_store import CREATE, LOBBY, append, sequence
store = SqliteStore(Path(sys.argv[1]))
writers, readers = ThreadPool(2), ThreadPool(3)
writers.apply(store.commit, ([CREATE],))
turns = 0
def turn():
    global turns
    while True:
        turns += 1
        gevent.sleep(0.001)
turning = gevent.spawn(turn)
writing = [writers.spawn(store.commit, [append(n)]) for n in range(100)]
reading = [readers.spawn(store.head, LOBBY.id) for n in range(100)]
store.commit([append(1000)])
gevent.joinall(writing + reading, raise_error=True)
assert turns > 5
assert readers.apply(sequence, (store,)) == list(range(1, 102))
writers.apply(store.close)
"""
        run([sys.executable, "-c", program, str(path)])


class TestKill:
    WRITER = """
import sys
from pathlib import Path
from geventim.store.sqlite.store import SqliteStore
from tests.store.sqlite.test_store import CREATE, append
store = SqliteStore(Path(sys.argv[1]))
store.commit([CREATE])
number = int(sys.argv[2])
while True:
    outcomes = store.commit([append(number + n, bytes(300)) for n in range(7)])
    number += 7
    print(number, flush=True)
"""

    def test_what_was_acknowledged_is_there(self, path: Path, rounds) -> None:
        acknowledged = 0
        for _ in range(rounds(30)):
            writer = subprocess.Popen(
                [sys.executable, "-c", self.WRITER, str(path), str(acknowledged)],
                stdout=subprocess.PIPE,
                text=True,
                env=environment(),
            )
            assert writer.stdout
            for _ in range(random.randint(1, 60)):
                acknowledged = int(writer.stdout.readline())
            writer.send_signal(signal.SIGKILL)
            rest = writer.stdout.read().split()
            writer.wait()
            writer.stdout.close()
            acknowledged = int(rest[-1]) if rest else acknowledged
            store = SqliteStore(path)
            found = sequence(store)
            store.close()
            # A batch may be on disk whose answer did not come out any more.
            assert len(found) in (acknowledged, acknowledged + 7)
            assert found == list(range(1, len(found) + 1))
            acknowledged = len(found)


def add_table(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE writers (account BLOB NOT NULL PRIMARY KEY, time REAL)")
    connection.execute("INSERT INTO writers SELECT DISTINCT author, 0 FROM entries")


NEXT = replace(schema.PLAN, version=schema.PLAN.version + 1, steps={schema.PLAN.version: add_table})
"""The made-up next version."""


class TestNextVersion:
    def test_it_is_reached_after_a_copy_and_there_is_no_way_back(self, path: Path) -> None:
        store = SqliteStore(path)
        store.commit([CREATE, append(1)])
        store.close()
        store = SqliteStore(path, NEXT)
        assert store.kept == path.with_name(f"server.db.version-{schema.PLAN.version}")
        assert sequence(store) == [1]
        store.close()
        with pytest.raises(StoreError, match="there is no way back"):
            SqliteStore(path)
        old = SqliteStore(store.kept)
        assert sequence(old) == [1]
        old.close()

    def test_killed_at_any_statement_it_is_of_one_version_and_whole(self, path: Path) -> None:
        store = SqliteStore(path)
        store.commit([CREATE, append(1), append(2)])
        store.close()
        before = path.read_bytes()
        seen = []

        def check() -> None:
            version = examine(path, NEXT)
            stages = replace(NEXT, steps={}) if version == NEXT.version else schema.PLAN
            store = SqliteStore(path, stages)
            assert sequence(store) == [1, 2]
            assert inspect(path, stages).faults == ()
            is_new = store._writer.execute("SELECT 1 FROM sqlite_master WHERE name = 'writers'")
            assert (is_new.fetchone() is not None) is (version == NEXT.version)
            store.close()
            seen.append(version)
            path.write_bytes(before)

        assert kill_everywhere(self.PROGRAM, path, check) > 20
        assert set(seen) == {schema.PLAN.version, NEXT.version}

    PROGRAM = f"""{MORTAL}
from geventim.store.sqlite.store import SqliteStore
from tests.store.sqlite.test_store import NEXT
SqliteStore(Path(sys.argv[1]), NEXT).close()
"""


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def run(command: list[str]) -> None:
    done = subprocess.run(
        command, env=environment(), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
