"""What a delivery costs a server.

Usage:
  fanout.py [--clients N] [--servers NAMES] [--seconds S] [--rate R] [--json] [--quick]

Everyone is in one room and over an encrypted connection; a few of them send messages of 200 bytes.
Each server runs in a process of its own and this process is the crowd, which checks that everyone
hears every message once and in the same order. ours is eim-server with its defaults, whose log is
on disk; the others are run where they are installed, set up in rivals.py.

Columns: microseconds of the server's processor time for a delivery, at R messages a second and when
there is always more to send; deliveries a second then; latency at R messages a second; memory of
the server for each connection before anything was said; and connections, each with its login and
join, that fit into a second of the server's processor time (ours: accounts that it knows).

Options:
  --clients N      Clients, or several numbers with commas [default: 100,200,500].
  --servers NAMES  Which, with commas [default: ours,ngircd,inspircd,mosquitto].
  --seconds S      Seconds of sending, of each kind [default: 10].
  --rate R         Messages a second at the moderate rate [default: 20].
  --json           Print one JSON object a line.
  --quick          Ours and a few clients for a moment, to see that it works; the numbers mean
                   little.
"""

import json
import sys
from typing import Any

from docopt import docopt
from kit.crowd import Crowd
from kit.processes import raise_file_limit
from kit.residents import inhabited
from kit.rivals import find, rival
from kit.transcript import FaultError

SPEAKERS = 20
WINDOW = 1024
"""Messages on their way when there is always more to send."""

WARM_UP = 1.0
SETTLING = 5.0
QUICK = {"--clients": "20", "--servers": "ours", "--seconds": "1"}
COLUMNS = {
    "server": "server",
    "clients": "clients",
    "cpu_us_moderate": "µs moderate",
    "cpu_us_saturated": "µs saturated",
    "deliveries_per_s": "deliveries/s",
    "p50_ms": "p50 ms",
    "p99_ms": "p99 ms",
    "kib_per_connection": "KiB/conn.",
    "connects_per_s": "connects/s",
}


def measure(server: str, clients: int, rate: float, seconds: float) -> dict[str, Any]:
    """One line of the table."""
    with inhabited(clients) if server == "ours" else rival(server) as process:
        crowd = Crowd(server, process.address, clients, min(SPEAKERS, clients // 2))
        crowd.enter(crowd.members[-1:])  # and the server has loaded what it needs only once
        crowd.settle(SETTLING)
        memory, before = process.memory(), process.cpu()
        crowd.enter(crowd.members[:-1])
        connecting = process.cpu() - before
        crowd.settle(SETTLING)
        each = (process.memory() - memory) / (clients - 1) / 1024
        crowd.talk(rate, WARM_UP, timed=False)

        before, done = process.cpu(), crowd.deliveries
        crowd.talk(rate, seconds, timed=True)
        moderate = (process.cpu() - before) / (crowd.deliveries - done) * 1e6

        crowd.flood(WINDOW, WARM_UP)
        before, done = process.cpu(), crowd.deliveries
        crowd.flood(WINDOW, seconds)
        delivered = crowd.deliveries - done
        saturated = (process.cpu() - before) / delivered * 1e6
        crowd.finish()
        crowd.leave()
        latencies = crowd.latencies
    return {
        "server": server,
        "clients": clients,
        "cpu_us_moderate": round(moderate, 2),
        "cpu_us_saturated": round(saturated, 2),
        "deliveries_per_s": round(delivered / seconds),
        "p50_ms": round(latencies.percentile(50) * 1e3, 2),
        "p99_ms": round(latencies.percentile(99) * 1e3, 2),
        "kib_per_connection": round(each, 2),
        "connects_per_s": round((clients - 1) / connecting),
    }


def main() -> None:
    """Print a line for each server and number of clients."""
    options = docopt(__doc__)
    raise_file_limit()
    if options["--quick"]:
        options |= QUICK
    if not options["--json"]:
        print("".join(f"{title:>14}" for title in COLUMNS.values()))
    failed = False
    for clients in map(int, options["--clients"].split(",")):
        for server in options["--servers"].split(","):
            if server != "ours" and find(server) is None:
                print(f"{server} is not installed: apt-get install {server}", file=sys.stderr)
                continue
            try:
                row = measure(
                    server, clients, float(options["--rate"]), float(options["--seconds"])
                )
            except FaultError as fault:
                print(f"{server} with {clients} clients: {fault}", file=sys.stderr)
                failed = True
                continue
            if options["--json"]:
                print(json.dumps(row), flush=True)
            else:
                print("".join(f"{row[name]:>14}" for name in COLUMNS), flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
