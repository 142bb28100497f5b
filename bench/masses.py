"""What eim-server does when something happens to many clients at once.

Usage:
  masses.py [EVENT...] [--everyone N] [--reconnect N] [--leave N] [--slow N] [--audience N]
            [--seconds S] [--rate R] [--json] [--quick]

The events, of which all happen unless some are named:
  everyone   N are connected and hear every message; the same with a tenth of them, to compare.
  reconnect  The connections of N are cut at once, and they come back and read what they missed.
  leave      N leave the room at once, after which its messages are sealed under another key.
  slow       N do not read while 3 MiB are said, in messages of 32 KiB, and then read again.

Everybody is in one room of a server of its own, with its defaults. An audience stays and hears all
of it; its latencies are shown for each phase, beside those of the phase before anything happened.
Every client, also one that was away or behind, checks that it is told every entry of the log once
and in order, with a tag that verifies, and the same as the others; and it comes back with the
number and the running hash of the last one. The exit code is 1 if anything is lost, comes twice or
in another order, or if not all are back and have caught up within 10 seconds.

Columns: those who hear every message as it comes; messages said; duration; latency of messages;
processor time of the server; its resident memory at the end.

Options:
  --everyone N   Clients who hear a message at the same time [default: 10000].
  --reconnect N  Clients who come back [default: 2000].
  --leave N      Clients who leave [default: 500].
  --slow N       Clients who do not read [default: 500].
  --audience N   Clients who stay, in the last three [default: 500].
  --seconds S    Seconds of a phase in which nothing happens but talk [default: 10].
  --rate R       Messages a second, of 200 bytes where nothing else is said [default: 5].
  --json         Print one JSON object a line.
  --quick        A few clients for a moment, to see that it works; the numbers mean little.
"""

import json
import sys
from typing import Any

from docopt import docopt
from kit.events import EVENTS, Phase, Plan
from kit.processes import raise_file_limit
from kit.transcript import FaultError

QUICK = {
    "--everyone": "100",
    "--reconnect": "20",
    "--leave": "10",
    "--slow": "10",
    "--audience": "10",
    "--seconds": "1",
    "--rate": "50",
}
COLUMNS = {
    "event": "event",
    "phase": "phase",
    "audience": "audience",
    "messages": "messages",
    "seconds": "seconds",
    "p50_ms": "p50 ms",
    "p99_ms": "p99 ms",
    "max_ms": "max ms",
    "cpu_s": "CPU s",
    "mib": "MiB",
}


def describe(event: str, phase: Phase) -> dict[str, Any]:
    """One line of the table."""
    return {
        "event": event,
        "phase": phase.name,
        "audience": phase.audience,
        "messages": phase.messages,
        "seconds": round(phase.seconds, 2),
        "p50_ms": round(phase.p50 * 1e3, 1),
        "p99_ms": round(phase.p99 * 1e3, 1),
        "max_ms": round(phase.longest * 1e3, 1),
        "cpu_s": round(phase.cpu, 2),
        "mib": round(phase.memory / 1024 / 1024, 1),
    }


def show(row: dict[str, Any]) -> str:
    """A row, or the titles, in columns."""
    event, phase, *others = (str(row[name]) for name in COLUMNS)
    return f"{event:<11}{phase:<20}" + "".join(f"{each:>9}" for each in others)


def main() -> None:
    """Print a line for each phase of each event."""
    options = docopt(__doc__)
    raise_file_limit()
    if options["--quick"]:
        options |= QUICK
    chosen = options["EVENT"] or list(EVENTS)
    if unknown := set(chosen) - set(EVENTS):
        raise SystemExit(f"there is no such event: {', '.join(sorted(unknown))}")
    if not options["--json"]:
        print(show(COLUMNS))
    late = False
    for event in chosen:
        plan = Plan(
            int(options[f"--{event}"]),
            int(options["--audience"]),
            float(options["--rate"]),
            float(options["--seconds"]),
        )
        try:
            for phase in EVENTS[event](plan):
                late |= phase.most is not None and phase.seconds > phase.most
                row = describe(event, phase)
                print(json.dumps(row) if options["--json"] else show(row), flush=True)
        except FaultError as fault:
            raise SystemExit(f"{event}: {fault}") from fault
    sys.exit(late and not options["--quick"])


if __name__ == "__main__":
    main()
