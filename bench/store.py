"""What an append costs.

Usage:
  store.py [DIRECTORY] [--quick]

One line for each store and batch size: microseconds of real time and of processor time for each
entry, beside an event loop that waits, sends, or computes all the time. The directory should be on
the disk that the server would use.

Options:
  --quick  A moment of each, to see that it works; the numbers mean little.
"""

import os
import secrets
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import kit.checkout  # noqa: F401 - has to come before what is measured
from docopt import docopt

from geventim.chat.values import Conversation, EntryKind, Kind
from geventim.log.changes import Append, Create
from geventim.log.store import Store
from geventim.store.memory.store import MemoryStore
from geventim.store.sqlite.store import SqliteStore

ROOM = bytes(16)
AUTHORS = [bytes([n]) * 16 for n in range(1, 21)]
PAYLOAD = secrets.token_bytes(400)
SECONDS = 1.0
QUICK_SECONDS = 0.05
NEAR, FAR = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)


def wait() -> None:
    """What an idle server does."""
    FAR.recv(1)


def send() -> None:
    """What a server does that fans out: a little work, then a system call."""
    for _ in range(500):
        pass
    NEAR.send(PAYLOAD)
    FAR.recv(len(PAYLOAD))


def compute() -> None:
    """The worst case: nothing but Python."""
    for _ in range(500):
        pass


@contextmanager
def beside(work: Callable[[], None]) -> Iterator[None]:
    """Repeat ``work`` on another thread for as long as the block runs."""
    done = False

    def repeat() -> None:
        while not done:
            work()

    thread = threading.Thread(target=repeat)
    thread.start()
    try:
        yield
    finally:
        done = True
        NEAR.send(b"end")
        thread.join()


def measure(store: Store, size: int, seconds: float) -> tuple[float, float]:
    """Microseconds of real and of this thread's processor time for an entry in batches."""
    count = 0
    start, cpu = time.perf_counter(), time.thread_time()
    while time.perf_counter() - start < seconds:
        store.commit(
            [
                Append(ROOM, author, EntryKind.MESSAGE, secrets.token_bytes(16), 0.0, 0, PAYLOAD)
                for author in (AUTHORS * size)[:size]
            ]
        )
        count += size
    real, used = time.perf_counter() - start, time.thread_time() - cpu
    return real / count * 1e6, used / count * 1e6


def main() -> None:
    """Print the table."""
    options = docopt(__doc__)
    seconds = QUICK_SECONDS if options["--quick"] else SECONDS
    with tempfile.TemporaryDirectory(dir=options["DIRECTORY"]) as directory:
        print(f"{os.cpu_count()} processors, {len(PAYLOAD)} bytes each, in {directory}")
        print("store   batch  beside      real µs    cpu µs")
        stores: dict[str, Store] = {
            "memory": MemoryStore(),
            "sqlite": SqliteStore(Path(directory, "server.db")),
        }
        for name, store in stores.items():
            lobby = Conversation(ROOM, Kind.ROOM, "lobby", AUTHORS[0])
            store.commit([Create(lobby, tuple(AUTHORS))])
            for work in (wait, send, compute):
                for size in (1, 10, 100):
                    with beside(work):
                        real, used = measure(store, size, seconds)
                    print(
                        f"{name:8}{size:5}  {work.__name__:9}{real:10.1f} {used:9.1f}", flush=True
                    )
            store.close()


if __name__ == "__main__":
    main()
