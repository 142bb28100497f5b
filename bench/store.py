"""What an append costs: ``python bench/store.py [DIRECTORY]``.

One line for each store and batch size: microseconds of real time and of processor time for each
entry, while nothing else runs and while another thread computes, as the event loop of a busy server
does. The directory should be on the disk that the server would use.
"""

import os
import secrets
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from geventim.chat.log import Append, Create, Store
from geventim.chat.values import Conversation, EntryKind, Kind
from geventim.store.memory import MemoryStore
from geventim.store.sqlite import SqliteStore

ROOM = bytes(16)
AUTHORS = [bytes([n]) * 16 for n in range(1, 21)]
PAYLOAD = secrets.token_bytes(400)
SECONDS = 1.0


@contextmanager
def busy_thread(wanted: bool) -> Iterator[None]:
    """Something that computes for as long as the block runs, if ``wanted``."""
    done = not wanted

    def compute() -> None:
        while not done:
            pass

    thread = threading.Thread(target=compute)
    thread.start()
    try:
        yield
    finally:
        done = True
        thread.join()


def measure(store: Store, size: int) -> tuple[float, float]:
    """Microseconds of real and of this thread's processor time for an entry in batches."""
    count = 0
    start, cpu = time.perf_counter(), time.thread_time()
    while time.perf_counter() - start < SECONDS:
        store.commit(
            [
                Append(ROOM, author, EntryKind.MESSAGE, secrets.token_bytes(16), 0.0, PAYLOAD)
                for author in (AUTHORS * size)[:size]
            ]
        )
        count += size
    real, used = time.perf_counter() - start, time.thread_time() - cpu
    return real / count * 1e6, used / count * 1e6


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if sys.argv[1:] else None) as directory:
        print(f"{os.cpu_count()} processors, {len(PAYLOAD)} bytes each, in {directory}")
        print("store   batch  other thread   real µs    cpu µs")
        stores = {"memory": MemoryStore(), "sqlite": SqliteStore(Path(directory, "server.db"))}
        for name, store in stores.items():
            lobby = Conversation(ROOM, Kind.ROOM, "lobby", AUTHORS[0])
            store.commit([Create(lobby, tuple(AUTHORS), bytes(16), 0.0)])
            for busy in (False, True):
                for size in (1, 10, 100):
                    with busy_thread(busy):
                        real, used = measure(store, size)
                    other = "busy" if busy else "none"
                    print(f"{name:8}{size:5}  {other:12}{real:9.1f} {used:9.1f}", flush=True)
            store.close()


if __name__ == "__main__":
    main()
