"""What one client that does not read costs the server and the others.

Usage:
  stalled.py [--pairs P] [--messages M] [--rate R] [--clients N] [--json]
             [--quick]

One run with a client that stops reading, and the same run without it, taken in pairs; each on a
server of its own. Afterwards the stalled client reads again, and must get everything once and in
order. Each line of the first table is one run; what follows are medians of the pairs. The exit code
is 1 if something is lost or a bound is not kept.

Options:
  --pairs P     Pairs of runs, of which the medians are taken [default: 3].
  --messages M  Messages of 200 bytes in each run [default: 50000].
  --rate R      Messages a second [default: 2000].
  --clients N   Clients that read [default: 5].
  --json        Print one JSON object.
  --quick       One short pair, to see that it works; the numbers mean little.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import gevent
from docopt import docopt
from kit.crowds import connect, gather, make_clients
from kit.findings import Finding, judge, present
from kit.processes import eim_server

from geventim.chat.links import parse_link
from geventim.load.ledger import Ledger
from geventim.load.pace import due

SIZE = 200
SENDERS = 2
QUICK = {"--pairs": "1", "--messages": "1000", "--rate": "1000"}

PATIENCE = 120.0
"""Seconds in which everything must have arrived."""

GROWTH = 8
"""MiB that a stalled client may take."""

SLOWER = 2
"""How many times as long the others' p99 may be."""


@dataclass(frozen=True)
class Outcome:
    """One run: the server's peak memory in bytes, and the others' p99 in seconds.

    ``cpu`` is the processor time in seconds that the server took for it, ``seconds`` how long the
    stalled client then needed to catch up.
    """

    peak: int
    p99: float
    cpu: float
    seconds: float = 0.0


def run(readers: int, messages: int, rate: float, *, stalled: bool) -> Outcome:
    """Send ``messages`` to ``readers``, and with ``stalled`` to one client that does not read."""
    with eim_server() as server:
        link = parse_link(server.address)
        ledger = Ledger(readers + stalled)
        clients = make_clients(link, ledger, SIZE)
        connect(clients)
        gather(clients, stalled=int(stalled))
        before = server.cpu()
        for number in due(messages, rate, time.monotonic, gevent.sleep):
            clients[number % SENDERS].send()
        wait_until(lambda: ledger.acknowledged == ledger.sent)
        wait_until(lambda: ledger.received >= messages * (readers - 1))
        peak, p99 = server.peak(), ledger.latencies.percentile(99)
        cpu = server.cpu() - before
        if not stalled:
            check(ledger)
            return Outcome(peak, p99, cpu)
        start = time.monotonic()
        gevent.spawn(clients[-1].listen)
        wait_until(lambda: ledger.settled)
        check(ledger)
        return Outcome(peak, p99, cpu, time.monotonic() - start)


def wait_until(condition: Callable[[], bool]) -> None:
    """Let the clients work until ``condition`` holds."""
    with gevent.Timeout(PATIENCE):
        while not condition():
            gevent.sleep(0.02)


def check(ledger: Ledger) -> None:
    """Stop everything if a client did not get every message once and in order."""
    faults = ledger.lost(), ledger.duplicated, ledger.misordered, ledger.foreign
    if any(faults):
        raise SystemExit(f"lost, duplicated, misordered, foreign: {faults}")


def main() -> None:
    """Print the medians of all pairs."""
    options = docopt(__doc__)
    if options["--quick"]:
        options |= QUICK
    as_json = options["--json"]
    readers, messages = int(options["--clients"]), int(options["--messages"])
    pairs = []
    if not as_json:
        print(f"{'':8}{'peak MiB':>10}{'p99 ms':>10}{'CPU s':>10}")
    for number in range(int(options["--pairs"])):
        # Whichever run comes first might be favoured.
        order = (False, True) if number % 2 else (True, False)
        runs = {}
        for stalled in order:
            runs[stalled] = one = run(readers, messages, float(options["--rate"]), stalled=stalled)
            if not as_json:
                name = "stalled" if stalled else "without"
                print(
                    f"{name:8}{mib(one.peak):>10}{milliseconds(one.p99):>10}{one.cpu:>10.1f}",
                    flush=True,
                )
        pairs.append((runs[False], runs[True]))
    findings = [
        Finding("messages", messages),
        Finding("peak_mib_without", mib(median(without.peak for without, _ in pairs))),
        Finding("peak_mib_stalled", mib(median(stalled.peak for _, stalled in pairs))),
        Finding(
            "growth_mib",
            mib(median(stalled.peak - without.peak for without, stalled in pairs)),
            GROWTH,
        ),
        Finding("p99_ms_without", milliseconds(median(without.p99 for without, _ in pairs))),
        Finding("p99_ms_stalled", milliseconds(median(stalled.p99 for _, stalled in pairs))),
        Finding(
            "p99_ratio",
            round(median(stalled.p99 / without.p99 for without, stalled in pairs), 2),
            SLOWER,
        ),
        Finding("caught_up_in_s", round(median(stalled.seconds for _, stalled in pairs), 2)),
    ]
    present(findings, as_json=as_json)
    sys.exit(0 if options["--quick"] else judge(findings))


def mib(size: float) -> float:
    """Bytes as MiB."""
    return round(size / 1024 / 1024, 2)


def milliseconds(seconds: float) -> float:
    """Seconds as milliseconds."""
    return round(seconds * 1e3, 2)


if __name__ == "__main__":
    main()
