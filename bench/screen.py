"""What the full screen costs, with a real client on a terminal of its own.

Usage:
  screen.py [--history N] [--starts K] [--minutes M] [--elsewhere N] [--here N] [--json] [--quick]

Somebody with N messages in their history, and somebody with none, start by turns until all is
seen; told are the processor time and the memory of that. Then others write, elsewhere and where the
first one looks, as many messages a second as is said, or as this machine lets them beside all else;
meanwhile keys are pressed, and it is told how long it takes until the screen shows them. At last it
is quiet, and one message after the other comes: told is how many bytes that sends to the terminal,
which is 80 by 24.

After that the model alone, with its drawing, pages through such a history at 120 by 40.

The exit code is 1 if a bound is not kept.

Options:
  --history N    Messages of the conversation that one looks at [default: 100000].
  --starts K     Starts of each [default: 5].
  --minutes M    How long others write [default: 1].
  --elsewhere N  Messages a second in another conversation [default: 200].
  --here N       Messages a second where one looks [default: 20].
  --json         Print one JSON object.
  --quick        Few of everything, to see that it works; the numbers mean little.
"""

import fcntl
import json
import os
import pty
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from statistics import median

import gevent
from docopt import docopt
from gevent import subprocess
from gevent.event import Event
from gevent.socket import wait_read
from history import Client, start
from kit import paging
from kit.checkout import ROOT
from kit.findings import Finding, judge, present
from kit.processes import Process, eim_server

from geventim.app.settings import Settings
from geventim.app.state import State, load_memory
from geventim.chat.links import parse_link
from geventim.client.history.history import History
from geventim.client.sealing.content import ContentKind
from geventim.load.marks import RUN_SIZE

QUICK = {
    "--history": "2000", "--starts": "1", "--minutes": "0.05", "--elsewhere": "20", "--here": "5",
}  # fmt: skip

COLUMNS, ROWS = 80, 24
PROMPT = len("#lobby> ")
WORD = "abcdefghij"
PAUSE = 0.1
"""Seconds between two keys: fast typing."""

PATIENCE = 60.0
EACH = 80
"""Messages a second that one person writes at most; a server takes a few more of each."""

FAR = 10**9
"""Numbers of entries that the server of this script never gets to."""


class Screen:
    """A client on the whole of a terminal; ``shown`` is all that it has been sent."""

    def __init__(self, link: str, nick: str, data: Path) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        words = [link, "--nick", nick, "--data", str(data), "--quiet"]
        self._process = subprocess.Popen(
            [sys.executable, str(ROOT / "bin" / "eim-client"), *words],
            stdin=slave, stdout=slave, env={**os.environ, "TERM": "xterm-256color"},
        )  # fmt: skip
        os.close(slave)
        self.process = Process(self._process.pid, link)
        self.shown = bytearray()
        self._news, self._when = Event(), 0.0
        self._reading = gevent.spawn(self._read)

    def press(self, key: bytes) -> None:
        """Press a key."""
        os.write(self._master, key)

    def wait(self, text: bytes, since: int = 0) -> float:
        """When that has been shown, behind the first ``since`` bytes."""
        try:
            with gevent.Timeout(PATIENCE):
                while self.shown.find(text, since) < 0:
                    self._news.clear()
                    self._news.wait()
        except gevent.Timeout:
            raise SystemExit(self._without(text, since)) from None
        return self._when

    def _without(self, text: bytes, since: int) -> str:
        """What is to be known where ``text`` is not shown."""
        state = "runs" if self._process.poll() is None else "has ended"
        behind = bytes(self.shown[since:])
        return f"{text!r} is not shown; the client {state}; since then there is {behind!r}"

    def close(self) -> None:
        """Leave."""
        self.press(b"\x03\x03\x03")
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(10)
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._reading.kill()
        os.close(self._master)

    def _read(self) -> None:
        with suppress(OSError):
            while True:
                wait_read(self._master)
                self._when = time.perf_counter()
                self.shown += os.read(self._master, 65_536)
                self._news.set()


@contextmanager
def screen(link: str, nick: str, data: Path) -> Iterator[Screen]:
    """A screen that is ready."""
    one = Screen(link, nick, data)
    try:
        one.wait(b" ready ")
        one.wait(b"#lobby> ")
        yield one
    finally:
        one.close()


def fill(link: str, nick: str, data: Path, count: int) -> None:
    """Have been in the lobby, and have so many messages of it."""
    with start(link, nick, data) as client:
        told = client.ask({"wish": "conversations", "id": 1})
    (place,) = (each["id"] for each in told["done"]["conversations"] if each["name"] == "lobby")
    state = State(Settings(parse_link(link), nick, "lobby", data), lambda _: None)
    assert state.known_key is not None
    vault = state.open_vault(state.known_key)
    memory = load_memory(vault)
    history = History(memory)
    for number in range(count):
        history.add(
            bytes.fromhex(place),
            "lobby",
            kind=ContentKind.ROOM,
            nick=f"nick{number % 40}",
            text=f"message number {number}, with *some* words of the usual length in it",
            date=1.7e9 + number,
            seq=FAR + number,
            message_id=number.to_bytes(16, "big"),
        )
        if number % 10_000 == 0:
            vault.put(memory.take_changes())
    vault.put(memory.take_changes())
    vault.close()


def measure_starts(link: str, place: Path, times: int) -> Iterator[Finding]:
    """Start with a history and without one."""
    cpu: dict[str, list[float]] = {"empty": [], "full": []}
    memory: dict[str, list[float]] = {"empty": [], "full": []}
    for _ in range(times):
        for nick, taken in cpu.items():
            with screen(link, nick, place / nick) as one:
                gevent.sleep(0.5)
                taken.append(1e3 * one.process.cpu())
                memory[nick].append(one.process.peak() / 2**20)
    for name, unit, taken in (("start", "ms", cpu), ("memory", "MiB", memory)):
        empty, full = median(taken["empty"]), median(taken["full"])
        yield Finding(f"{name}, empty, {unit}", round(empty, 1))
        yield Finding(f"{name}, full, {unit}", round(full, 1))
        yield Finding(f"{name}, full/empty", round(full / empty, 3), 1.3)


@contextmanager
def scribes(link: str, room: str, seconds: float, rate: int) -> Iterator[subprocess.Popen]:
    """People who write so many messages a second into ``room`` once there is a line to read."""
    run, count = os.urandom(RUN_SIZE).hex(), str(1 + rate // EACH)
    words = ["--room", room, link, run, count, str(seconds), str(rate)]
    # They stand for others on other machines, and take what is left of this one.
    command = ["nice", "-n", "15", sys.executable, str(ROOT / "bench" / "kit" / "scribes.py")]
    path = os.pathsep.join(str(ROOT / each) for each in (".", "bench"))
    with subprocess.Popen(
        command + words,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    ) as process:
        with gevent.Timeout(PATIENCE):
            assert process.stdout.readline() == "entered\n"
        yield process
        process.terminate()


def measure_keys(
    link: str, place: Path, minutes: float, rates: dict[str, int]
) -> Iterator[Finding]:
    """Press keys while others write."""
    with start(link, "cy", place / "cy") as cy, screen(link, "full", place / "full") as one:
        since = len(one.shown)
        one.press(b"@create room yonder\r")
        one.wait(b"yonder> ", since)
        since = len(one.shown)
        one.press(b"\x1b1")
        one.wait(b"lobby> ", since)
        with ExitStack() as stack:
            writers = [
                stack.enter_context(scribes(link, room, 60 * minutes, rate))
                for room, rate in rates.items()
            ]
            writing = [gevent.spawn(write, each) for each in writers]
            cpu, began = one.process.cpu(), time.perf_counter()
            times, sizes = type_for(one, writing)
            cpu, spent = one.process.cpu() - cpu, time.perf_counter() - began
            counts = [each.get() for each in writing]
        for room, (count, seconds) in zip(rates, counts, strict=True):
            yield Finding(f"messages/s in {room}", round(count / seconds, 1))
        yield Finding("processor time, %", round(100 * cpu / spent, 1))
        times.sort()
        for share in (0.5, 0.99, 1.0):
            value = 1e3 * times[min(int(len(times) * share), len(times) - 1)]
            most = 50.0 if share == 0.99 else None
            yield Finding(f"key to screen, p{share * 100:.0f}, ms", round(value, 1), most)
        yield Finding("memory, end/middle", round(sizes[-1] / sizes[len(sizes) // 2], 3), 1.1)
        yield Finding("memory at the end, MiB", round(sizes[-1] / 2**20, 1))
        yield from measure_bytes(one, cy)


def write(writer: subprocess.Popen) -> tuple[int, float]:
    """Have it write; how many messages it has brought to the server, and in how many seconds."""
    began = time.perf_counter()
    writer.stdin.write("go\n")
    writer.stdin.flush()
    return int(writer.stdout.readline()), time.perf_counter() - began


def type_for(one: Screen, others: list[gevent.Greenlet]) -> tuple[list[float], list[int]]:
    """Type until the ``others`` are done: how long each key took, and how much memory there was."""
    times: list[float] = []
    sizes: list[int] = []
    while not all(each.ready() for each in others):
        for number, char in enumerate([*WORD, *["\x7f"] * len(WORD)], 1):
            column = number if number <= len(WORD) else 2 * len(WORD) - number
            since, began = len(one.shown), time.perf_counter()
            one.press(char.encode())
            # At the end of a frame the cursor is put where one types on.
            end = f"\x1b[{ROWS};{PROMPT + column + 1}H".encode()
            times.append(one.wait(end, since) - began)
            gevent.sleep(PAUSE)
        sizes.append(one.process.memory())
        del one.shown[:-1024]
    return times, sizes


def measure_bytes(one: Screen, other: Client) -> Iterator[Finding]:
    """What one message sends to the terminal when it is quiet."""
    gevent.sleep(3)
    sizes = []
    for number in range(20):
        since = len(one.shown)
        text = chr(ord("A") + number) * 12
        other.type(json.dumps({"wish": "say", "id": f"b{number}", "to": "#lobby", "text": text}))
        one.wait(text.encode(), since)
        gevent.sleep(0.2)
        sizes.append(len(one.shown) - since)
    yield Finding("bytes for a message", median(sizes))
    yield Finding("bytes, at most", max(sizes), 2_048)


def main() -> int:
    """Measure all of it."""
    options = docopt(__doc__)
    options |= QUICK if options["--quick"] else {}
    rates = {"yonder": int(options["--elsewhere"]), "lobby": int(options["--here"])}
    count = int(options["--history"])
    findings: list[Finding] = []
    with tempfile.TemporaryDirectory() as directory, eim_server() as server:
        place, link = Path(directory), server.address
        fill(link, "empty", place / "empty", 0)
        fill(link, "full", place / "full", count)
        findings += measure_starts(link, place, int(options["--starts"]))
        findings += measure_keys(link, place, float(options["--minutes"]), rates)
    findings += paging.measure(count, 100 if options["--quick"] else 2_000)
    present(findings, as_json=options["--json"])
    return 0 if options["--quick"] else judge(findings)


if __name__ == "__main__":
    sys.exit(main())
