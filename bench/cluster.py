#!/usr/bin/env python3
"""What an entry costs on a Redis: the numbers of docs/scaling.md.

Usage:
  cluster.py [--entries N] [--size B] [--replica] [--json]

It starts a redis-server of its own on the loopback, writes N entries of B bytes in batches of
several sizes, and reads them as another node does. CPU times are those of the processes, so that
others on the machine matter little; that of a replica is not counted.

Options:
  --entries N  Entries for each batch size [default: 4000].
  --size B     Bytes in a message, as sealed by its author [default: 600].
  --replica    Have a replica, and wait for it.
  --json       Print one JSON object.
"""

import json
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import kit.checkout  # noqa: F401 - has to come before what is measured
import redis
from docopt import docopt

from geventim.chat.values import Account, Conversation, EntryKind, Kind
from geventim.log.changes import Append, Create
from geventim.log.people import Register
from geventim.log.shared import unpack_appended
from geventim.store.redis import feeds
from geventim.store.redis.layout import key
from geventim.store.redis.store import RedisStore
from tests.redis_process import RedisProcess

BATCHES = (1, 8, 64)
MEMBERS = 100


class Bench:
    """One store, its Redis, and a room of :data:`MEMBERS` for each batch size."""

    def __init__(self, process: RedisProcess, replicas: int, entries: int, size: int) -> None:
        self.store = RedisStore(f"{process.url}?replicas={replicas}")
        self.redis = redis.Redis(port=process.port)
        self.entries = entries
        self.size = size
        self.people = [account(number) for number in range(MEMBERS)]
        self.store.commit([Register(person) for person in self.people])

    def write(self, room: bytes, batch: int) -> dict[str, float]:
        """What an append costs when ``batch`` of them arrive together."""
        members = tuple(person.id for person in self.people)
        conversation = Conversation(room, Kind.GROUP, room.hex(), members[0], bytes(16))
        self.store.commit([Create(conversation, members)])
        start, cpu, theirs = time.perf_counter(), time.process_time(), self.redis_cpu()
        for first in range(0, self.entries, batch):
            self.store.commit([self.append(room, first + n) for n in range(batch)])
        return {
            "per_s": self.entries / (time.perf_counter() - start),
            "node_us": 1e6 * (time.process_time() - cpu) / self.entries,
            "redis_us": 1e6 * (self.redis_cpu() - theirs) / self.entries,
        }

    def spread(self, rooms: int) -> dict[str, float]:
        """What an append costs when one for each of so many conversations arrive together."""
        members = tuple(person.id for person in self.people)
        ids = [bytes([n]) * 15 + b"s" for n in range(rooms)]
        for room in ids:
            conversation = Conversation(room, Kind.GROUP, room.hex(), members[0], bytes(16))
            self.store.commit([Create(conversation, members)])
        self.store.commit([self.append(room, 0) for room in ids])
        start, cpu, theirs = time.perf_counter(), time.process_time(), self.redis_cpu()
        for number in range(self.entries // rooms):
            self.store.commit([self.append(room, number) for room in ids])
        written = self.entries // rooms * rooms
        return {
            "per_s": written / (time.perf_counter() - start),
            "node_us": 1e6 * (time.process_time() - cpu) / written,
            "redis_us": 1e6 * (self.redis_cpu() - theirs) / written,
        }

    def read(self, room: bytes, batch: int) -> dict[str, float]:
        """What an entry of another node costs when ``batch`` of them are read together."""
        feeds.COUNT = batch  # final for all but this measurement
        feed = self.store.feeds[room[0] % len(self.store.feeds)]
        last = self.store.last(feed)
        after = (last.number if last else 0) - self.entries
        cpu, theirs, count = time.process_time(), self.redis_cpu(), 0
        while count < self.entries:
            items = self.store.read(feed, after)
            for item in items:
                self.store.notice(unpack_appended(item.data))
            count, after = count + len(items), items[-1].number
        return {
            "node_us": 1e6 * (time.process_time() - cpu) / count,
            "redis_us": 1e6 * (self.redis_cpu() - theirs) / count,
        }

    def memory(self, room: bytes) -> dict[str, float]:
        """Bytes in Redis for an entry, and for an account."""
        feed = self.store.feeds[room[0] % len(self.store.feeds)]
        found = {noun: self.usage(key(noun, room)) / self.entries for noun in ("log", "said")}
        found["feed"] = self.usage(feed) / self.redis.xlen(feed)
        accounts = ("accounts", "nicks", "looks", "keys")
        found["account"] = sum(self.usage("{people}:" + noun) for noun in accounts) / MEMBERS
        found["membership"] = self.usage(key("roster", room)) / MEMBERS
        return found

    def append(self, room: bytes, number: int) -> Append:
        """A message that nobody has written before."""
        author = self.people[number % MEMBERS].id
        return Append(
            room, author, EntryKind.MESSAGE, os.urandom(16), time.time(), 0, os.urandom(self.size)
        )

    def redis_cpu(self) -> float:
        """Seconds that Redis has computed."""
        cpu = self.redis.info("cpu")
        return float(cpu["used_cpu_user"]) + float(cpu["used_cpu_sys"])

    def usage(self, name: str) -> int:
        """Bytes that a key takes."""
        return int(self.redis.memory_usage(name, samples=0) or 0)


def account(number: int) -> Account:
    """Somebody whose nick looks like no other."""
    nick = "user" + "".join("abcdefghij"[int(digit)] for digit in f"{number:04}")
    return Account(os.urandom(16), nick, os.urandom(32), os.urandom(32))


def measure(
    entries: int, size: int, *, with_replica: bool
) -> Iterator[tuple[str, dict[str, float]]]:
    """The numbers, by what they are of."""
    with tempfile.TemporaryDirectory() as directory:
        process = RedisProcess(Path(directory) / "redis")
        replicas: list[RedisProcess] = []
        try:
            if with_replica:
                replicas.append(RedisProcess(Path(directory) / "replica", primary=process))
            bench = Bench(process, len(replicas), entries, size)
            for number, batch in enumerate(BATCHES):
                yield f"write_{batch}", bench.write(bytes([number]) * 16, batch)
            yield "spread_64", bench.spread(64)
            for batch in BATCHES:
                yield f"read_{batch}", bench.read(bytes([len(BATCHES) - 1]) * 16, batch)
            yield "bytes", bench.memory(bytes(16))
        finally:
            for each in (process, *replicas):
                each.stop()


def main() -> None:
    """Measure and print."""
    options = docopt(__doc__)
    entries, size = int(options["--entries"]), int(options["--size"])
    found = dict(measure(entries, size, with_replica=options["--replica"]))
    if options["--json"]:
        print(json.dumps(found))
        return
    for name, numbers in found.items():
        print(f"{name:10}", *(f"{what} {value:,.1f}" for what, value in numbers.items()))


if __name__ == "__main__":
    main()
