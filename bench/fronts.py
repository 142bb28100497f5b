"""What a front end that is stopped costs the others of the same user.

Usage:
  fronts.py [--seconds S] [--rate R] [--writers N] [--json] [--quick]

Some people write to a room. A user reads it with three front ends on one session: line mode, whose
process holds it, a program in Python and "eim-client --json", which are attached. In the first run
all three read; in the second one the last is stopped (SIGSTOP) all the while, and has to catch up
when it goes on: with what waits for it, or if it is told that it is behind, with pages of what was
written. Times are from the writing of a message to the line of a front end. The exit code is 1 if a
front end misses something, or if those that go on have to wait for the one that is stopped.

Options:
  --seconds S  Seconds for which the one is stopped [default: 60].
  --rate R     Messages a second of all writers; a server takes 100 of each for as long as they like
               [default: 200].
  --writers N  How many write [default: 3].
  --json       Print one JSON object.
  --quick      Five seconds, to see that it works.
"""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from statistics import median, quantiles
from typing import Any

from docopt import docopt
from kit.checkout import ROOT
from kit.processes import Process, eim_server

from geventim import Client
from geventim.client.events import Message
from geventim.load.marks import RUN_SIZE, SIZE, Mark, Marker

CLIENT = ROOT / "bin" / "eim-client"
SCRIBES = ROOT / "bench" / "kit" / "scribes.py"

SLOWER = 1.5
"""How many times as long the 99th percentile may be; what else goes on is in it."""

BLINK = 100.0
"""Milliseconds of it that do not count."""

PATIENCE = 60
"""Seconds for the last message to be seen, and for what was missed."""

PAGE = 500
"""Messages that are asked for at a time."""


class Front:
    """One front end of the reader; ``took`` has for each message the seconds until it was shown."""

    def __init__(self, run: bytes) -> None:
        self.took: dict[tuple[int, int], float] = {}
        self._marker = Marker(run, SIZE)
        self._news = threading.Condition()

    def see(self, text: str) -> None:
        """It has shown a message."""
        mark = self._read(text)
        if mark is None:
            return
        took = time.monotonic() - mark.time
        with self._news:
            self.took.setdefault((mark.sender, mark.number), took)
            self._news.notify_all()

    def await_messages(self, count: int) -> bool:
        """Wait until so many were seen; whether they were."""
        with self._news:
            return self._news.wait_for(lambda: len(self.took) == count, PATIENCE)

    def describe(self) -> dict[str, Any]:
        """How long it took, in milliseconds."""
        took = [1000 * each for each in self.took.values()]
        return {
            "shown": len(took),
            "p50_ms": round(median(took), 1),
            "p99_ms": round(quantiles(took, n=100)[-1], 1),
        }

    def _read(self, text: str) -> Mark | None:
        try:
            return self._marker.read(bytes.fromhex(text))
        except ValueError:
            return None


class Program(Front):
    """An ``eim-client`` of the reader in a process of its own."""

    def __init__(self, run: bytes, address: str, data: str, *words: str) -> None:
        super().__init__(run)
        self._entered = threading.Event()
        self.process = subprocess.Popen(
            [sys.executable, CLIENT, address, "--nick", "reader", "--data", data, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._thread = threading.Thread(target=self._read_all, daemon=True)
        self._thread.start()
        if not self._entered.wait(PATIENCE):
            raise TimeoutError(CLIENT)

    def close(self) -> None:
        """Be gone."""
        self.process.kill()
        self.process.wait()
        self._thread.join()

    def _read_all(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._take(line)

    def _take(self, line: str) -> None:
        """Take a line of its output."""
        if "connected" in line:
            self._entered.set()
        elif told := re.search(r": ([0-9a-f]+)$", line):
            self.see(told[1])


class Attached(Program):
    """One that reads and writes JSON."""

    def __init__(self, run: bytes, address: str, data: str) -> None:
        self.behind = 0
        self._newest = 0
        super().__init__(run, address, data, "--json")

    def _take(self, line: str) -> None:
        told = json.loads(line)
        match told.get("event"):
            case "connected":
                self._entered.set()
            case "behind":
                self.behind += 1
                self._ask()
            case "message":
                self.see(told["message"])
            case None if "done" in told:
                self._take_page(told["done"]["messages"])

    def _take_page(self, page: list[dict[str, Any]]) -> None:
        for each in page:
            self.see(each["message"])
        if len(page) == PAGE:
            self._newest = page[-1]["order"]
            self._ask()

    def _ask(self) -> None:
        where = {"conversation": "lobby", "limit": PAGE, "after": self._newest}
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"id": 1, "wish": "timeline", **where}) + "\n")
        self.process.stdin.flush()


class Script(Front):
    """A program in Python: this one."""

    def __init__(self, run: bytes, client: Client) -> None:
        super().__init__(run)
        threading.Thread(target=self._read_all, args=(client,), daemon=True).start()

    def _read_all(self, client: Client) -> None:
        for event in client:
            if isinstance(event, Message):
                self.see(event.message)


@contextmanager
def running(program: Program) -> Iterator[Any]:
    """A program until the end of the block."""
    try:
        yield program
    finally:
        program.close()


@contextmanager
def scribes(*words: str) -> Iterator[Any]:
    """Those who write, once they are in the room."""
    command = [sys.executable, SCRIBES, *words]
    path = os.pathsep.join(str(ROOT / each) for each in (".", "bench"))
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "entered\n"
        yield process


def measure(seconds: float, rate: float, count: int, *, stops: bool) -> dict[str, Any]:
    """One run, in which the last front end ``stops`` or not."""
    run = os.urandom(RUN_SIZE)
    with ExitStack() as stack:
        server = stack.enter_context(eim_server())
        data = stack.enter_context(tempfile.TemporaryDirectory())
        lines = stack.enter_context(running(Program(run, server.address, data)))
        client = stack.enter_context(Client(server.address, nick="reader", data=data))
        script = Script(run, client)
        last = Attached(run, server.address, data)
        stack.enter_context(running(last))
        people = (str(count), str(seconds), str(rate))
        writers = stack.enter_context(scribes(server.address, run.hex(), *people))
        while len(client.members("lobby")) <= count:
            time.sleep(0.1)
        pids = {"server": server.pid, "session": lines.process.pid, "writers": writers.pid}
        before = {name: Process(pid, "").cpu() for name, pid in pids.items()}
        if stops:
            last.process.send_signal(signal.SIGSTOP)
        writers.stdin.write("go\n")
        writers.stdin.flush()
        sent = int(writers.stdout.readline())
        is_whole = lines.await_messages(sent) and script.await_messages(sent)
        cpu = {name: Process(pid, "").cpu() - before[name] for name, pid in pids.items()}
        last.process.send_signal(signal.SIGCONT)
        start = time.monotonic()
        is_whole = last.await_messages(sent) and is_whole
        took = time.monotonic() - start
    return {
        "sent": sent,
        "lines": lines.describe(),
        "python": script.describe(),
        "json": {"shown": len(last.took), "behind": last.behind},
        "whole": is_whole,
        "catching_up_s": round(took, 2),
        "cpu_s": {name: round(each, 1) for name, each in cpu.items()},
    }


def main() -> int:
    """Measure, and print it."""
    options = docopt(__doc__)
    seconds = 5.0 if options["--quick"] else float(options["--seconds"])
    rate, count = float(options["--rate"]), int(options["--writers"])
    runs = {
        name: measure(seconds, rate, count, stops=name == "stopped") for name in ("all", "stopped")
    }
    print(json.dumps(runs, indent=None if options["--json"] else 2))
    is_prompt = all(
        runs["stopped"][name]["p99_ms"] <= SLOWER * runs["all"][name]["p99_ms"] + BLINK
        for name in ("lines", "python")
    )
    return 0 if is_prompt and all(run["whole"] for run in runs.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
