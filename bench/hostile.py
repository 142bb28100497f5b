"""What ordinary accounts can do to others on an honest server.

Usage:
  hostile.py [--attacks NAMES] [--accounts LIST] [--members N] [--seconds S] [--json]
             [--quick]
  hostile.py attack NAME ADDRESS ROOM COUNT SECONDS

Two honest people talk in a room, ten messages a second, before, during and after an attack. The
server and they share one core; the attackers, who prepare what they can, share another one. A line
for each attack and phase: how long messages took, and what the attack cost the server in memory.
Who talks with N honest members around is attacked from within the room. The exit code is 1 if a
bound is not kept, or a message is lost.

Options:
  --attacks NAMES  Which ones, joined by commas; all if it is not given.
  --accounts LIST  So many attackers, one run for each number [default: 1,8,200].
  --members N      Honest members of the room beside the two [default: 0].
  --seconds S      How long a phase lasts [default: 10].
  --json           Print one JSON object for each run.
  --quick          One short run of each, to see that it works; the numbers mean little.
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

import checkout  # noqa: F401 - has to come before what is measured
import gevent
from attackers import ATTACKS, carry_out
from docopt import docopt
from gevent import subprocess
from processes import Process, eim_server, raise_file_limit

from geventim.chat.links import parse_link
from geventim.load.latency import Latencies
from geventim.load.ledger import Ledger
from geventim.load.marks import RUN_SIZE
from geventim.load.member import LEAST_TEXT, Member
from geventim.load.room import Room
from geventim.load.target import Target

QUICK = {"--accounts": "1", "--seconds": "1"}

RATE = 10
"""Messages a second of the one who talks."""

PATIENCE = 60.0
"""Seconds in which everything that was sent has arrived, after all."""

GROWTH = 64
"""MiB of the server that an attack may cost."""

FACTOR, MORE = 5, 50
"""The p99 during an attack may be so many times that before, and so many milliseconds more."""

HONEST_CORE, HOSTILE_CORE = 0, 1


@dataclass(frozen=True)
class Phase:
    """Milliseconds that messages took; ``phase`` is before, during or after the attack."""

    phase: str
    p50: float
    p99: float
    longest: float


@dataclass(frozen=True)
class Outcome:
    """One attack by so many ``accounts``; ``growth`` is in MiB, ``lost`` counts messages."""

    attack: str
    accounts: int
    phases: tuple[Phase, ...]
    growth: float
    lost: int

    @property
    def fits(self) -> bool:
        """Whether the bounds are kept."""
        before, during, after = self.phases
        bound = FACTOR * before.p99 + MORE
        return (
            during.p99 <= bound and after.p99 <= bound and self.growth <= GROWTH and not self.lost
        )


class Honest:
    """Two who talk, and others who listen, in the room ``name`` of the server at ``address``."""

    def __init__(self, address: str, name: str, others: int) -> None:
        self.ledger = Ledger(2 + others, mixed=True)
        target = Target(parse_link(address), None, Room(name, bytes(16)))
        run = os.urandom(RUN_SIZE)
        self.members = [Member([target], run, LEAST_TEXT, tally) for tally in self.ledger.tallies]
        for member in self.members:
            member.enter()
            gevent.spawn(member.listen)

    def talk(self, phase: str, seconds: float) -> Phase:
        """Let the first one talk for so long, and see how long it took until the others read it."""
        self.ledger.latencies = latencies = Latencies()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.members[0].send()
            gevent.sleep(1 / RATE)
        with gevent.Timeout(PATIENCE, False):
            while not self.ledger.settled:
                gevent.sleep(0.02)
        percentiles = [latencies.percentile(50), latencies.percentile(99), latencies.longest]
        return Phase(phase, *(round(seconds * 1e3, 1) for seconds in percentiles))

    def leave(self) -> None:
        """Say goodbye."""
        for member in self.members:
            member.leave()


@contextmanager
def attackers(name: str, address: str, room: str, count: int, seconds: float) -> Iterator[object]:
    """Attackers in a process of their own, who begin when the result is called."""
    words = [name, address, room, str(count), str(seconds)]
    command = ["taskset", "-c", str(HOSTILE_CORE), sys.executable, sys.argv[0], "attack", *words]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            if process.stdout.readline().strip() != "ready":
                raise SystemExit(f"nobody can attack: {name}")
            yield process
        finally:
            process.kill()


def run(name: str, accounts: int, others: int, seconds: float) -> Outcome:
    """Have ``accounts`` attack two who talk among ``others``."""
    with eim_server("--access", "open") as server:
        os.sched_setaffinity(server.pid, {HONEST_CORE})
        for thread in os.listdir(f"/proc/{server.pid}/task"):
            os.sched_setaffinity(int(thread), {HONEST_CORE})
        honest = Honest(server.address, "lobby", others)
        with attackers(name, server.address, "lobby", accounts, seconds) as process:
            before = honest.talk("before", seconds)
            memory = server.memory()
            process.stdin.write("go\n")
            process.stdin.flush()
            during = honest.talk("during", seconds)
            growth = (peak(server) - memory) / 2**20
        after = honest.talk("after", seconds)
        lost = honest.ledger.lost()
        honest.leave()
    return Outcome(name, accounts, (before, during, after), round(growth, 1), lost)


def peak(server: Process) -> int:
    """The server's memory at its worst, in bytes."""
    return server.peak()


def main() -> None:
    """Print what each attack does."""
    options = docopt(__doc__)
    raise_file_limit()
    if options["attack"]:
        carry_out(
            options["NAME"],
            options["ADDRESS"],
            options["ROOM"],
            int(options["COUNT"]),
            float(options["SECONDS"]),
        )
        return
    if options["--quick"]:
        options |= QUICK
    os.sched_setaffinity(0, {HONEST_CORE})
    names = options["--attacks"].split(",") if options["--attacks"] else list(ATTACKS)
    fits = True
    if not options["--json"]:
        print(
            f"{'attack':18}{'accounts':>9}{'phase':>8}{'p50 ms':>9}{'p99 ms':>9}{'longest':>9}"
            f"{'MiB':>7}{'lost':>6}"
        )
    for name in names:
        for accounts in map(int, options["--accounts"].split(",")):
            outcome = run(name, accounts, int(options["--members"]), float(options["--seconds"]))
            fits = fits and outcome.fits
            show(outcome, as_json=options["--json"])
    sys.exit(0 if options["--quick"] or fits else 1)


def show(outcome: Outcome, *, as_json: bool) -> None:
    """Print ``outcome``."""
    if as_json:
        print(json.dumps(asdict(outcome)), flush=True)
        return
    for phase in outcome.phases:
        during = f"{outcome.growth:>7}{outcome.lost:>6}" if phase.phase == "during" else ""
        print(
            f"{outcome.attack:18}{outcome.accounts:>9}{phase.phase:>8}{phase.p50:>9}{phase.p99:>9}"
            f"{phase.longest:>9}{during}",
            flush=True,
        )


if __name__ == "__main__":
    main()
