"""What ordinary accounts can do to others on an honest server.

Usage:
  hostile.py [--attacks NAMES] [--accounts LIST] [--members N] [--seconds S] [--json]
             [--quick]
  hostile.py attack NAME ADDRESS ROOM COUNT SECONDS [VICTIM...]

Two honest people talk in a room, ten messages a second, before, during and after an attack. The
server, with its defaults, and the honest share one core; the attackers, who prepare what they can,
have another one. Attacks by accounts that are not in the room:
  everywhere      The two are made members of as many groups as may be; then one logs in anew.
  many-requests   Records of as many look-ups as they hold.
  many-names      The same with groups, each of 256 people whom there are not.
  unread-answers  Look-ups whose answers are not read.
  storage         Messages of 64 KiB to a room of one's own.
  states          States of 800 KiB for newcomers to a room of one's own.
  key-packages    As many key packages as the server takes.
  dms             Opening conversations with the two.
  subscriptions   A long log of one's own, read again and again.
  statuses        A status that changes all the time.
  odd-requests    Records of requests that there are not.
  broken-records  Records that are no requests, on one connection after the other.
And by members of the room, of whom 8 are among 40 honest ones, with somebody who joins meanwhile:
  last-word       Commits of noise that declare everybody removed.
  garbage         Bytes in the place of commits, and of the states that newcomers get.
  noise-for-all   Commits that count, and that nobody can open.
  noise-for-some  The same, but some can.
  strangers       The same for all, by members who have written nothing before.
  wrong-tags      Commits with a wrong confirmation tag.
  all-of-it       Any of these, commits of other epochs and histories, removals, re-entries.
  idle-turns      Turns that are taken and not used.
  late-turns      Turns that are used for noise when their time is nearly over.
  asks            Asking for help without need.
  unreadable      Messages that nobody can open.

A line for each attack and phase: how long messages took until everybody had read them, in
milliseconds; how much the server's memory has grown, and how long its log, in MiB; what did not
arrive; how many lines the attack put on the screen of one of the two; and in how many seconds
somebody has come in. The exit code is 1 if a bound is not kept, something is lost, or anybody
honest was hung up on or stopped; such a line ends with what is wrong.

Options:
  --attacks NAMES  Which ones, joined by commas; all if it is not given.
  --accounts LIST  So many attackers, one run for each number [default: 1,8,200].
  --members N      Honest members of the room beside 8 attackers in it [default: 40].
  --seconds S      How long a phase lasts [default: 10].
  --json           Print one JSON object for each run.
  --quick          One short run of some, to see that it works; the numbers mean little.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import gevent
from docopt import docopt
from gevent import subprocess
from kit import attackers, insiders
from kit.bystanders import Company, Phase
from kit.processes import Process, bounded_server, raise_file_limit

ROOM = "lobby"

QUICK = {
    "--attacks": "many-names,garbage",
    "--accounts": "1",
    "--seconds": "1",
}

MANY = 8
"""So many attackers in a room are among many honest members; more are not tried."""

GROWTH = 64
"""MiB of the server that an attack may cost."""

FACTOR, MORE = 5, 50
"""The p99 during an attack may be so many times that before, and so many milliseconds more."""

SHUT_OUT = {1: 5.0, MANY: 30.0}
"""Seconds for which so many attackers in a room may keep others from reading and coming."""

RECOVERY = 10.0
"""Seconds after which everything has to be as before; and the longest that a login may take."""

SCREEN = 100
"""Lines on a screen that an attack may cause."""

LOG = 1.0
"""MiB of the server's log that an attack may fill."""

HONEST_CORE, HOSTILE_CORE = 0, 1


@dataclass(frozen=True)
class Outcome:
    """One attack by so many ``accounts``; :data:`__doc__` says what was measured."""

    attack: str
    accounts: int
    phases: tuple[Phase, ...]
    memory: float
    log: float
    lost: int
    lines: int
    came_in: float | None
    harmed: tuple[str, ...]

    @property
    def faults(self) -> list[str]:
        """What is not as it should be."""
        before, during, after = self.phases
        bound = FACTOR * before.p99 + MORE
        if self.attack in insiders.ATTACKS and self.attack != "unreadable":
            longest = 1e3 * SHUT_OUT.get(self.accounts, max(SHUT_OUT.values()))
            slow = during.longest > longest
            late = self.came_in is not None and 1e3 * self.came_in > longest
        else:
            slow = during.p99 > bound
            late = self.came_in is not None and self.came_in > RECOVERY
        found = {
            "slow": slow,
            "slow afterwards": after.p99 > bound,
            "late": late,
            "memory": self.memory > GROWTH,
            "log": self.log > LOG,
            "lines": self.lines > SCREEN,
            "lost": self.lost > 0,
        }
        return [name for name, is_found in found.items() if is_found] + list(self.harmed)


@contextmanager
def attacking(*words: str) -> Iterator["subprocess.Popen[str]"]:
    """A process of attackers that are ready; a line begins the attack, and one comes at its end."""
    command = [sys.executable, sys.argv[0], "attack", *words]
    with subprocess.Popen(
        ["taskset", "-c", str(HOSTILE_CORE), *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            await_line(process)
            yield process
        finally:
            process.kill()


def await_line(process: "subprocess.Popen[str]") -> None:
    """Wait for the next line of ``process``."""
    assert process.stdout is not None
    if not process.stdout.readline():
        raise SystemExit("nobody attacks")


def settle_down(server: Process) -> None:
    """Let the server have the same core as we."""
    for thread in os.listdir(f"/proc/{server.pid}/task"):
        os.sched_setaffinity(int(thread), {HONEST_CORE})


def run(name: str, accounts: int, others: int, seconds: float, recovery: float) -> Outcome:
    """Have ``accounts`` attack two who talk among ``others``."""
    with (
        tempfile.TemporaryDirectory() as place,
        bounded_server("--access", "open", "--log-file", f"{place}/log") as server,
    ):
        settle_down(server)
        company = Company(server.address, ROOM, others)
        nicks = [person.nick for person in company.talkers]
        words = name, server.address, ROOM, str(accounts), str(seconds), *nicks
        with attacking(*words) as process:
            gevent.sleep(recovery)  # nobody may come back at once who has just come
            before = company.talk("before", seconds)
            memory, lines, log = server.memory(), company.talkers[1].lines, size(place)
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
            arrivals = [company.admit()] if name in insiders.ATTACKS else []
            during = company.talk("during", seconds, arrivals)
            came_in = max((each.get() for each in arrivals), default=None)
            await_line(process)
            growth = server.peak() - memory
        lines = company.talkers[1].lines - lines
        if name == "everywhere":
            came_in = company.talkers[1].come_back()
        gevent.sleep(recovery)
        after = company.talk("after", seconds)
        harmed = tuple(company.harmed)
        company.leave()
        return Outcome(
            name,
            accounts,
            (before, during, after),
            round(growth / 2**20, 1),
            round((size(place) - log) / 2**20, 2),
            company.lost,
            lines,
            None if came_in is None else round(came_in, 2),
            harmed,
        )


def size(place: str) -> int:
    """Bytes of the server's log."""
    return Path(place, "log").stat().st_size


def attack(name: str, address: str, room: str, count: int, seconds: float, who: list[str]) -> None:
    """Be the attackers."""
    if name in insiders.ATTACKS:
        steps = insiders.carry_out(name, address, room, count, seconds)
    else:
        steps = attackers.carry_out(name, address, who, count, seconds)
    next(steps)
    print("ready", flush=True)
    # What goes on in the room is read meanwhile.
    gevent.get_hub().threadpool.apply(sys.stdin.readline)
    next(steps)
    print("over", flush=True)
    time.sleep(60)  # until we are ended


def main() -> None:
    """Print what each attack does."""
    options = docopt(__doc__)
    raise_file_limit()
    if options["attack"]:
        attack(
            options["NAME"],
            options["ADDRESS"],
            options["ROOM"],
            int(options["COUNT"]),
            float(options["SECONDS"]),
            options["VICTIM"],
        )
        return
    recovery = RECOVERY
    if options["--quick"]:
        options |= QUICK
        recovery = 0.5
    os.sched_setaffinity(0, {HONEST_CORE})
    known = [*attackers.ATTACKS, *insiders.ATTACKS]
    names = options["--attacks"].split(",") if options["--attacks"] else known
    if unknown := set(names) - set(known):
        raise SystemExit(f"there is no such attack: {', '.join(sorted(unknown))}")
    if not options["--json"]:
        print(
            f"{'attack':16}{'by':>4}{'phase':>8}{'p50':>9}{'p99':>9}{'longest':>9}"
            f"{'memory':>8}{'log':>6}{'lost':>6}{'lines':>7}{'in s':>7}"
        )
    fits = True
    for name in names:
        for accounts in map(int, options["--accounts"].split(",")):
            others = 0
            if name in insiders.ATTACKS and accounts >= MANY:
                if accounts > MANY:
                    continue
                others = int(options["--members"]) - 2
            outcome = run(name, accounts, others, float(options["--seconds"]), recovery)
            fits = fits and not outcome.faults
            show(outcome, as_json=options["--json"])
    sys.exit(0 if options["--quick"] or fits else 1)


def show(outcome: Outcome, *, as_json: bool) -> None:
    """Print ``outcome``."""
    if as_json:
        print(json.dumps(asdict(outcome) | {"faults": outcome.faults}), flush=True)
        return
    came_in = "" if outcome.came_in is None else outcome.came_in
    rest = (
        f"{outcome.memory:>8}{outcome.log:>6}{outcome.lost:>6}{outcome.lines:>7}{came_in:>7}"
        f"  {'; '.join(outcome.faults)}"
    )
    for phase in outcome.phases:
        print(
            f"{outcome.attack:16}{outcome.accounts:>4}{phase.name:>8}{phase.p50:>9}{phase.p99:>9}"
            f"{phase.longest:>9}{rest if phase.name == 'after' else ''}",
            flush=True,
        )


if __name__ == "__main__":
    main()
