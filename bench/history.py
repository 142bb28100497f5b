"""What a long history costs: to start with it, and to search it; and what a message costs.

Usage: history.py [options]

A client starts with N messages in its history, and another one with an empty history, by turns.
Told are the processor time and the memory, until it says that it is connected, and how many times
as much the one needs as the other; medians.

Then a client with M messages searches them: for a word that one message in a hundred has, until the
first of them is told, and for one that only the oldest message has, until that is told. Meanwhile
it is asked for its status every 20 ms, and says something that its server has to keep; told is how
long it takes to answer, without a search and with one.

With --before, bench/e2e.py runs in another checkout and in this one, by turns: told is the
processor time that a client takes to read and to write a message there and here, medians. The exit
code is 1 if a bound is not kept.

Options:
  --messages N  Messages of which a start is measured [default: 100000].
  --starts K    Starts of each [default: 7].
  --search M    Messages that are searched [default: 1000000].
  --before DIR  Another checkout, to be compared with.
  --rounds R    Runs of each checkout [default: 5].
  --json        Print one JSON object.
  --quick       A few messages, to see that it works; the numbers mean little.
"""

import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import gevent
from docopt import docopt
from gevent import subprocess
from gevent.event import AsyncResult, Event
from kit.checkout import ROOT
from kit.findings import Finding, judge, present
from kit.processes import Process, eim_server

from geventim.app.settings import Settings
from geventim.app.state import State, load_memory
from geventim.chat.links import parse_link
from geventim.chat.values import ID_SIZE
from geventim.client.history.history import History
from geventim.client.sealing.content import ContentKind

QUICK = {"--messages": "2000", "--starts": "1", "--search": "20000", "--rounds": "1"}

PLACES = 10
"""Conversations that messages are in, one like the other."""

WORDS = 15
"""Words of a message; with its author and all else it takes about 120 bytes."""

COMMON, RARE = "haystack", "needle"

OFTEN = 100
"""One message in so many has the common word, or more if there are only a few."""

STATUS = "Your current status is 'normal'."

TOGETHER = 10_000
"""Messages that are kept at a time."""

PAUSE = 0.02
"""Seconds from one question to the next."""

DEARER = 1.15
"""As many times as much may a message cost; single runs differ by as much."""

CALM = 3.0
"""Seconds in which it is asked without a search."""

PATIENCE = 120.0
"""Seconds in which something must have happened at last."""


class Client:
    """A client in a process of its own; ``events`` is what it has told, and when."""

    def __init__(self, link: str, nick: str, data: Path, before: Sequence[str] = ()) -> None:
        words = [link, "--nick", nick, "--data", str(data), "--json"]
        self._process = subprocess.Popen(
            [*before, sys.executable, str(ROOT / "bin" / "eim-client"), *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.process = Process(self._process.pid, link)
        self._asked: dict[object, AsyncResult[dict[str, Any]]] = {}
        self._awaited: list[tuple[dict[str, object], AsyncResult[float]]] = []
        self._reading = gevent.spawn(self._read)

    def type(self, line: str) -> float:
        """Type a line; when that was."""
        assert self._process.stdin is not None
        now = time.perf_counter()
        self._process.stdin.write(f"{line}\n".encode())
        self._process.stdin.flush()
        return now

    def ask(self, wish: dict[str, object]) -> dict[str, Any]:
        """The answer to a wish."""
        answer: AsyncResult[dict[str, Any]] = AsyncResult()
        self._asked[wish["id"]] = answer
        self.type(json.dumps(wish))
        return answer.get(timeout=PATIENCE)

    def expect(self, **fields: object) -> "AsyncResult[float]":
        """When the next event with these fields comes."""
        when: AsyncResult[float] = AsyncResult()
        self._awaited.append((fields, when))
        return when

    def leave(self) -> None:
        """Quit, and wait for the end."""
        self.type("@quit")
        self._process.wait(PATIENCE)

    def kill(self) -> None:
        """End it, if it has not ended."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._reading.kill()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            now, event = time.perf_counter(), json.loads(line)
            asked = self._asked.pop(event.get("answer"), None)
            if asked is not None:
                asked.set(event)
            for fields, when in self._awaited:
                if fields.items() <= event.items():
                    self._awaited.remove((fields, when))
                    when.set(now)
                    break


@contextmanager
def start(link: str, nick: str, data: Path, before: Sequence[str] = ()) -> Iterator[Client]:
    """A client that is connected; ``before`` is what its command stands behind."""
    client = Client(link, nick, data, before)
    try:
        client.expect(event="connected").get(timeout=PATIENCE)
        yield client
        client.leave()
    finally:
        client.kill()


def fill(link: str, nick: str, data: Path, count: int) -> None:
    """Have been there, and have so many messages in the history."""
    with start(link, nick, data):
        pass
    dice = random.Random(1)
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["".join(dice.choices(letters, k=dice.randint(2, 9))) for _ in range(3_000)]
    texts = [" ".join(dice.choices(words, k=WORDS)) for _ in range(5_000)]
    places = [bytes([number]) * 16 for number in range(PLACES)]
    state = State(Settings(parse_link(link), nick, "lobby", data), lambda _: None)
    assert state.known_key is not None
    vault = state.open_vault(state.known_key)
    memory = load_memory(vault)
    history = History(memory)
    every = min(OFTEN, max(2, count // 2))
    for number in range(count):
        place = dice.randrange(PLACES)
        text = dice.choice(texts)
        if number % every == 0:
            text += f" {COMMON if number else RARE}"
        history.add(
            places[place],
            f"room{place}",
            kind=ContentKind.ROOM,
            nick=f"nick{number % 7}",
            text=text,
            date=1.7e9 + number,
            seq=number,
            message_id=dice.randbytes(ID_SIZE),
        )
        if number % TOGETHER == 0:
            vault.put(memory.take_changes())
    vault.put(memory.take_changes())
    vault.close()


def measure_starts(link: str, place: Path, count: int, times: int) -> Iterator[Finding]:
    """Start with a history and without one."""
    sizes = {"empty": 0, "full": count}
    for nick, size in sizes.items():
        fill(link, nick, place / nick, size)
    cpu: dict[str, list[float]] = {nick: [] for nick in sizes}
    memory: dict[str, list[float]] = {nick: [] for nick in sizes}
    for _ in range(times):
        for nick in sizes:
            with start(link, nick, place / nick) as client:
                cpu[nick].append(1e3 * client.process.cpu())
                memory[nick].append(client.process.peak() / 2**20)
    for name, unit, taken in (("start", "ms", cpu), ("memory", "MiB", memory)):
        empty, full = median(taken["empty"]), median(taken["full"])
        yield Finding(f"{name}, empty, {unit}", round(empty, 1))
        yield Finding(f"{name}, full, {unit}", round(full, 1))
        yield Finding(f"{name}, full/empty", round(full / empty, 3), 1.3)


@dataclass
class Questions:
    """Asks ``client`` something every now and then; how long it took to answer, in ms."""

    client: Client
    status: list[float]
    said: list[float]
    asked: Event
    """Set once it has answered everything."""

    def ask(self) -> None:
        """Go on until killed."""
        while True:
            for line, answer, taken in (
                ("@status", {"event": "notice", "text": STATUS}, self.status),
                ("hello", {"event": "sent"}, self.said),
            ):
                when = self.client.expect(**answer)
                asked = self.client.type(line)
                taken.append(1e3 * (when.get(timeout=PATIENCE) - asked))
                gevent.sleep(PAUSE)
            self.asked.set()


@contextmanager
def asking(client: Client) -> Iterator[Questions]:
    """Ask meanwhile."""
    questions = Questions(client, [], [], Event())
    asker = gevent.spawn(questions.ask)
    try:
        yield questions
        assert questions.asked.wait(PATIENCE)
    finally:
        asker.kill()


def measure_search(link: str, place: Path, count: int, calm: float) -> Iterator[Finding]:
    """Search, and see what else goes on."""
    fill(link, "seeker", place, count)
    with start(link, "seeker", place) as client:
        with asking(client) as before:
            gevent.sleep(calm)
        gevent.sleep(calm / 3)
        told = client.expect(event="message", history=True)
        first = -client.type(f"@search {COMMON}") + told.get(timeout=PATIENCE)
        gevent.sleep(calm / 3)
        spent = -client.process.cpu()
        told = client.expect(event="message", history=True)
        whole = -client.type(f"@search {RARE}") + told.get(timeout=PATIENCE)
        spent += client.process.cpu()
        with asking(client) as during:
            told = client.expect(event="message", history=True)
            client.type(f"@search {RARE}")
            told.get(timeout=PATIENCE)
        peak = client.process.peak() / 2**20
    yield Finding("first find, s", round(first, 3), 0.2)
    yield Finding("whole, s of CPU", round(spent, 2), 10.0)
    yield Finding("whole, s", round(whole, 2))
    for name, questions, most in (("before", before, None), ("during", during, 50.0)):
        yield Finding(f"status {name}, p50 ms", round(median(questions.status), 1))
        yield Finding(f"status {name}, longest ms", round(max(questions.status), 1), most)
        yield Finding(f"sent {name}, p50 ms", round(median(questions.said), 1))
        yield Finding(f"sent {name}, longest ms", round(max(questions.said), 1))
    yield Finding("memory, MiB", round(peak, 1))


def measure_messages(before: Path, rounds: int) -> Iterator[Finding]:
    """Read and write messages in another checkout and in this one."""
    roots = {"before": before, "now": ROOT}
    taken: dict[str, dict[str, list[float]]] = {}
    for _ in range(rounds):
        for when, root in roots.items():
            script = [sys.executable, str(root / "bench" / "e2e.py")]
            done = subprocess.run(
                [*script, "--members", "10", "--messages", "200", "--json"],
                check=True,
                stdout=subprocess.PIPE,
            )
            for row in json.loads(done.stdout)["messages"]:
                times = taken.setdefault(row["message"], {when: [] for when in roots})
                times[when].append(row["client"])
    for what, times in taken.items():
        then, now = median(times["before"]), median(times["now"])
        yield Finding(f"{what}, before, ms", round(then, 3))
        yield Finding(f"{what}, now, ms", round(now, 3))
        yield Finding(f"{what}, now/before", round(now / then, 3), DEARER)


def main() -> int:
    """Measure everything and print it."""
    options = docopt(__doc__)
    if options["--quick"]:
        options |= QUICK
    with tempfile.TemporaryDirectory() as temporary, eim_server() as server:
        place = Path(temporary)
        starts = int(options["--starts"])
        findings = [*measure_starts(server.address, place, int(options["--messages"]), starts)]
        calm = 0.3 if options["--quick"] else CALM
        searched = int(options["--search"])
        findings += measure_search(server.address, place / "seeker", searched, calm)
    if options["--before"]:
        findings += measure_messages(Path(options["--before"]), int(options["--rounds"]))
    present(findings, as_json=options["--json"])
    return 0 if options["--quick"] else judge(findings)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sys.exit(main())
