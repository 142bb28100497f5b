"""What it takes to send a file and to fetch it, with whole clients, and who notices.

Usage:
  files.py [--size MIB] [--cuts] [--nodes N] [--quick]

Somebody says a file in a room, and somebody else fetches it, both over the loopback. For each way:
MB/s, and the processor time of clients and server for each second that the cryptography of the same
bytes takes alone, as this machine does it in the same run: both seal or open the chunks of the
file, and records around them, and the server records. Then the same once more, while both say
something to each other, ten times a second: the median time until it is heard, the 95th percentile
and the worst, and the same without a transfer. The resident memory of all three, at most, is that
above what it was without one.

The exit code is 1 if what arrives is not what was sent.

Options:
  --size MIB  MiB of the file [default: 1024].
  --cuts      Cut each connection after 50 MB, or a twentieth of the file if that is less. Kill and
              start again the sender and the server while it is sent, and the receiver while it is
              fetched. It is said what the rate was, the memory, and how long messages took that
              came all the same.
  --nodes N   Have so many nodes on one Redis, which share the directory of blobs; the receiver is
              at the last one [default: 1].
  --quick     A small file, to see that it works; the numbers mean little.
"""

import hashlib
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from pathlib import Path
from statistics import median, quantiles
from typing import Any, Final

from docopt import docopt
from kit.cutter import Cutter
from kit.processes import Process, eim_server
from kit.users import User

from geventim.channel.file import CHUNK, FileOpener, FileSealer
from geventim.channel.records import FRAMES, REKEY_INTERVAL, RecordOpener, RecordSealer
from geventim.chat.links import parse_link
from tests.redis_process import RedisProcess

MEBIBYTE: Final = 2**20
PAUSE: Final = 0.1
"""Seconds from one thing that is said to the next."""

CUT: Final = 50_000_000
"""Bytes of a connection at most, where they are cut."""

TALK: Final = 5.0
"""Seconds for which they talk without a transfer."""

QUICK: Final = 24
"""MiB of a small file."""

PATIENCE: Final = 1_800.0
"""Seconds for the whole way."""

SAMPLE: Final = 64
"""Chunks with which cryptography alone is measured."""


class Cryptography:
    """Seconds of processor time for ``size`` bytes, of each kind of work."""

    def __init__(self, size: int) -> None:
        whole, chunk = SAMPLE * CHUNK, os.urandom(CHUNK)
        sealer, opener = FileSealer(bytes(32), whole, os.urandom), FileOpener(bytes(32), whole)
        records = RecordSealer(bytes(32), REKEY_INTERVAL, os.urandom)
        reader = RecordOpener(bytes(32), REKEY_INTERVAL)
        took = [0.0] * 4
        for _ in range(SAMPLE):
            marks = [time.process_time()]
            sealed = sealer.seal(chunk)
            marks.append(time.process_time())
            record = records.seal(FRAMES, sealed)
            marks.append(time.process_time())
            reader.open(FRAMES, record[5:])
            marks.append(time.process_time())
            opener.open(sealed)
            marks.append(time.process_time())
            took = [
                sum(pair) for pair in zip(took, map(_difference, marks, marks[1:]), strict=True)
            ]
        seal, wrap, unwrap, open_ = (each * size / whole for each in took)
        self.sender, self.taker = seal + wrap, unwrap
        self.receiver, self.giver = open_ + unwrap, wrap


def _difference(before: float, after: float) -> float:
    return after - before


class Talk:
    """What two users say to each other, and how long it takes to be heard."""

    def __init__(self) -> None:
        self.delays: list[float] = []
        self._said: dict[str, float] = {}
        self._users: list[User] = []
        self._over = threading.Event()

    def hear(self, told: dict[str, Any]) -> None:
        """Take what a user was told."""
        if told.get("event") == "message" and "delivery" not in told:
            began = self._said.pop(told["message"], None)
            if began is not None:
                self.delays.append(time.perf_counter() - began)

    @contextmanager
    def between(self, *users: User) -> Iterator[None]:
        """Have them talk until the block ends."""
        self._over.clear()
        thread = threading.Thread(target=self._speak, args=(users,))
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()

    def describe(self) -> str:
        """How long it took since this was last asked."""
        delays, self.delays = [1e3 * delay for delay in self.delays], []
        if len(delays) < 2:
            return "none"
        percentile = quantiles(delays, n=20)[-1]
        return (
            f"{median(delays):.0f} ms (95%: {percentile:.0f} ms, worst: {max(delays):.0f} ms,"
            f" of {len(delays)})"
        )

    def _speak(self, users: tuple[User, ...]) -> None:
        number = 0
        while not self._over.wait(PAUSE / len(users)):
            number += 1
            text = f"{number} {os.urandom(8).hex()}"
            self._said[text] = time.perf_counter()
            with suppress(OSError):  # who was killed says nothing
                users[number % len(users)].wish(wish="say", to="lobby", text=text)


class Stage:
    """Servers, and two users who are in a room."""

    def __init__(self, stack: ExitStack, directory: Path, size: int, nodes: int, most: int) -> None:
        self._directory, self._stack = directory, stack
        self._options = ["--blob-size", str(2 * size // MEBIBYTE + 64)]
        if nodes > 1:
            redis = RedisProcess(directory / "redis")
            stack.callback(redis.stop)
            self._options += ["--store", redis.url, "--blobs", str(directory / "blobs")]
        self._running: list[ExitStack] = []
        self.servers: list[Process] = []
        for number in range(nodes):
            self._running.append(ExitStack())
            self.servers.append(self._start(number))
        stack.callback(lambda: [each.close() for each in self._running])
        self.talk = Talk()
        addresses = [server.address for server in self.servers]
        self._relays: list[Cutter | None] = [None] * nodes
        if most:
            self._relays = [Cutter(_target(address), most) for address in addresses]
            stack.callback(lambda: [each.close() for each in self._relays if each])
            addresses = [
                _at(address, relay.port) if relay else address
                for address, relay in zip(addresses, self._relays, strict=True)
            ]
        self.sender = User(addresses[0], "ann", str(directory / "ann"), self.talk.hear)
        stack.callback(self.sender.kill)
        self.receiver = User(addresses[-1], "ben", str(directory / "ben"), self.talk.hear)
        stack.callback(self.receiver.kill)

    @property
    def cuts(self) -> int:
        """How often a connection was cut."""
        return sum(relay.cuts for relay in self._relays if relay)

    @property
    def processes(self) -> dict[str, Process]:
        """Everybody."""
        servers = {f"server {n}": server for n, server in enumerate(self.servers, 1)}
        return {"sender": self.sender.process, **servers, "receiver": self.receiver.process}

    def restart_server(self) -> None:
        """Kill the first server, and start it again on the same data."""
        self.servers[0].kill()
        self._running[0].close()
        self.servers[0] = self._start(0)
        if relay := self._relays[0]:
            relay.target = _target(self.servers[0].address)

    def _start(self, number: int) -> Process:
        data = self._directory / f"node-{number}"
        if number and not data.exists():
            (data / "server").mkdir(parents=True, mode=0o700)
            shutil.copy(self._directory / "node-0" / "server" / "key", data / "server" / "key")
        server = eim_server(*self._options, data=str(data))
        return self._running[number].enter_context(server)


def _target(address: str) -> tuple[str, int]:
    link = parse_link(address)
    return link.host, link.port


def _at(address: str, port: int) -> str:
    """The same link, at another port."""
    return address.replace(f":{parse_link(address).port}", f":{port}", 1)


class Measure:
    """What something took; it is printed when the block ends.

    What those have computed that were killed meanwhile is not known: without a ``floor`` it is left
    out.
    """

    def __init__(self, stage: Stage, name: str, size: int, floor: dict[str, float]) -> None:
        self._stage, self._name, self._size, self._floor = stage, name, size, floor

    def __enter__(self) -> None:
        self._cpu = {name: each.cpu() for name, each in self._stage.processes.items()}
        self._began = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        took = time.perf_counter() - self._began
        rate = f"{self._name}: {self._size / 1e6 / took:.1f} MB/s"
        meanwhile = f"messages meanwhile: {self._stage.talk.describe()}"
        if not self._floor:
            print(f"{rate}; {meanwhile}", flush=True)
            return
        cpu = {name: each.cpu() - self._cpu[name] for name, each in self._stage.processes.items()}
        floor = sum(self._floor.values())
        each = ", ".join(
            f"{name} {spent:.1f} s"
            + (f" ({spent / self._floor[name]:.2f} times)" if name in self._floor else "")
            for name, spent in cpu.items()
        )
        print(
            f"{rate}; processor time"
            f" {sum(cpu.values()) / floor:.2f} times that of its cryptography alone: {each};"
            f" {meanwhile}",
            flush=True,
        )


def run(stage: Stage, path: Path, disturb: Callable[[str], None] | None) -> Iterator[Path]:
    """Have the file at ``path`` sent and fetched, twice if nothing disturbs; where it came to."""
    if not disturb:
        with stage.talk.between(stage.sender, stage.receiver):
            time.sleep(TALK)
        print("messages alone:", stage.talk.describe(), flush=True)
    idle = {name: each.memory() for name, each in stage.processes.items()}
    with stage.talk.between(stage.sender, stage.receiver) if disturb else nullcontext():
        yield move(stage, path, disturb)
    worst = {name: each.peak() - idle[name] for name, each in stage.processes.items()}
    more = ", ".join(f"{name} {each / MEBIBYTE:.0f} MiB" for name, each in worst.items())
    print(f"memory above idle, at most: {more}", flush=True)
    if not disturb:
        with stage.talk.between(stage.sender, stage.receiver):
            yield move(stage, path)


def move(stage: Stage, path: Path, disturb: Callable[[str], None] | None = None) -> Path:
    """Have the file at ``path`` sent and fetched; where it came to."""
    size = path.stat().st_size
    last = f"server {len(stage.servers)}"
    up, down = dict[str, float](), dict[str, float]()
    if not disturb:
        alone = Cryptography(size)
        up = {"sender": alone.sender, "server 1": alone.taker}
        down = {"receiver": alone.receiver, last: alone.giver}
    for process in stage.processes.values():
        process.forget_peak()
    with Measure(stage, "up", size, up):
        text = os.urandom(8).hex()
        stage.sender.wish(wish="say", to="lobby", text=text, files=[str(path)])
        if disturb:
            disturb("up")
        heard = stage.receiver.expect("message", PATIENCE, message=text)
    message_id = heard["message_id"]
    with Measure(stage, "down", size, down):
        stage.receiver.wish(wish="fetch_file", message_id=message_id)
        if disturb:
            disturb("down")

        def is_fetched(told: dict[str, Any]) -> bool:
            return bool(told.get("path")) and told["transfer"]["message_id"] == message_id

        ended = stage.receiver.await_told(is_fetched, PATIENCE)
    return Path(ended["path"])


class Disturbance:
    """Kills everybody once, when a part of the way is done, and starts them again."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def __call__(self, way: str) -> None:
        """Do so while something goes that ``way``."""
        stage = self._stage
        if way == "up":
            _await_part(stage.sender, 0.3)
            stage.sender.kill()
            stage.sender.start()
            _await_part(stage.sender, 0.6)
            stage.restart_server()
        else:
            _await_part(stage.receiver, 0.5)
            stage.receiver.kill()
            stage.receiver.start()


def _await_part(user: User, part: float) -> None:
    """Wait until that part of the file is done."""

    def test(told: dict[str, Any]) -> bool:
        moving = told.get("transfer", {})
        return bool(moving) and moving["done"] >= part * moving["size"]

    user.await_told(test, PATIENCE)


def main() -> int:
    """Start everybody and measure."""
    options = docopt(__doc__)
    size = MEBIBYTE * (QUICK if options["--quick"] else int(options["--size"])) + 12345
    most = min(CUT, size // 20) if options["--cuts"] else 0
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        path = directory / "file.bin"
        digest = make(path, size)
        stage = Stage(stack, directory, size, int(options["--nodes"]), most)
        is_same = True
        for arrived in run(stage, path, Disturbance(stage) if most else None):
            is_same = is_same and _hash(arrived) == digest
        cuts = f" after {stage.cuts} cuts" if most else ""
        print("what has arrived is", "the same" if is_same else "something else", end=f"{cuts}\n")
    return 0 if is_same else 1


def make(path: Path, size: int) -> bytes:
    """Write random bytes; their hash."""
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for done in range(0, size, MEBIBYTE):
            data = os.urandom(min(MEBIBYTE, size - done))
            digest.update(data)
            file.write(data)
    return digest.digest()


def _hash(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


if __name__ == "__main__":
    sys.exit(main())
