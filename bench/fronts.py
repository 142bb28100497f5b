"""What a front end that is stopped costs the others of the same user.

Usage:
  fronts.py [--seconds S] [--rate R] [--json] [--quick]

Somebody writes to a room. A user reads it with three front ends on one session: the process that
holds it, one that is attached, and one more. In the first run all three read; in the second one the
last is stopped (SIGSTOP) all the while, and has to catch up when it goes on. Times are from the
writing of a message to the line of a front end. The exit code is 1 if a front end has missed
something without being told so, or if those that go on have to wait for the one that is stopped.

Options:
  --seconds S  Seconds for which the one is stopped [default: 60].
  --rate R     Messages a second [default: 200].
  --json       Print one JSON object.
  --quick      Five seconds, to see that it works.
"""

import json
import signal
import subprocess
import sys
import tempfile
import threading
import time
from statistics import median, quantiles
from typing import Any

from docopt import docopt
from kit.checkout import ROOT
from kit.processes import eim_server

from geventim import Client

CLIENT = ROOT / "bin" / "eim-client"
SLOWER = 1.5
"""How many times as long the 99th percentile may be; what else goes on is in it."""

BLINK = 100.0
"""Milliseconds of it that do not count."""


class Front:
    """A process of the user; ``arrivals`` says when it has shown each number."""

    def __init__(self, address: str, data: str) -> None:
        words = [address, "--nick", "reader", "--wishes", "--listen", "--data", data]
        self.process = subprocess.Popen(
            [sys.executable, str(CLIENT), *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.arrivals: dict[int, float] = {}
        self.behind = 0
        self.connected = threading.Event()
        self.last = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            told = json.loads(line)
            match told.get("event"):
                case "connected":
                    self.connected.set()
                case "behind":
                    self.behind += 1
                case "message" if told["message"] == "last":
                    self.last.set()
                case "message" if told["message"].isdecimal():
                    self.arrivals[int(told["message"])] = time.monotonic()

    def close(self) -> None:
        """Be gone."""
        self.process.kill()
        self.process.wait()


def measure(seconds: float, rate: float, *, stops: bool) -> dict[str, Any]:
    """One run, in which the last front end ``stops`` or not."""
    with eim_server() as server, tempfile.TemporaryDirectory() as data:
        fronts = []
        for _ in range(3):
            fronts.append(Front(server.address, data))
            fronts[-1].connected.wait(30)
        holder, other, stopped = fronts
        try:
            with Client(server.address, nick="writer", data=data) as writer:
                while len(writer.members("lobby")) < 2:
                    time.sleep(0.1)
                if stops:
                    stopped.process.send_signal(signal.SIGSTOP)
                sent = write(writer, seconds, rate)
                stopped.process.send_signal(signal.SIGCONT)
                start = time.monotonic()
                writer.say("lobby", "last")
                caught_up = all(front.last.wait(60) for front in fronts)
            took = time.monotonic() - start
        finally:
            for front in fronts:
                front.close()
    return {
        "sent": len(sent),
        "holder": describe(sent, holder),
        "attached": describe(sent, other),
        "last": {"shown": len(stopped.arrivals), "behind": stopped.behind},
        "caught_up": caught_up,
        "catching_up": round(took, 3),
    }


def write(writer: Client, seconds: float, rate: float) -> dict[int, float]:
    """Write numbers at that rate, from several threads; when each was written."""
    sent: dict[int, float] = {}
    begin = time.monotonic()
    room = threading.BoundedSemaphore(64)

    def say(number: int) -> None:
        with room:
            sent[number] = time.monotonic()
            writer.say("lobby", str(number))

    threads = []
    for number in range(int(seconds * rate)):
        time.sleep(max(0.0, begin + number / rate - time.monotonic()))
        threads.append(threading.Thread(target=say, args=(number,)))
        threads[-1].start()
        threads = [thread for thread in threads if thread.is_alive()]
    for thread in threads:
        thread.join()
    return sent


def describe(sent: dict[int, float], front: Front) -> dict[str, Any]:
    """How long it took for what was sent to be shown, in milliseconds."""
    took = [1000 * (front.arrivals[number] - sent[number]) for number in front.arrivals]
    ninety_nine = quantiles(took, n=100)[-1] if len(took) > 1 else 0.0
    shown = len(front.arrivals)
    return {
        "shown": shown,
        "behind": front.behind,
        "p50_ms": round(median(took), 1) if took else None,
        "p99_ms": round(ninety_nine, 1),
    }


def main() -> int:
    """Measure, and print it."""
    options = docopt(__doc__)
    seconds = 5.0 if options["--quick"] else float(options["--seconds"])
    rate = float(options["--rate"])
    runs = {name: measure(seconds, rate, stops=name == "stopped") for name in ("all", "stopped")}
    print(json.dumps(runs, indent=None if options["--json"] else 2))
    is_whole = all(
        run["caught_up"] and (run[name]["shown"] == run["sent"] or run[name]["behind"])
        for run in runs.values()
        for name in ("holder", "attached", "last")
    )
    is_prompt = all(
        runs["stopped"][name]["p99_ms"] <= SLOWER * runs["all"][name]["p99_ms"] + BLINK
        for name in ("holder", "attached")
    )
    return 0 if is_whole and is_prompt else 1


if __name__ == "__main__":
    sys.exit(main())
