"""Whether connections that never log in keep anyone from logging in.

Usage:
  halfopen.py [--half-open N] [--noisy M] [--json] [--quick]

From one address: N connections that stop in the middle of their handshake, and M that send random
bytes, again and again. Meanwhile one real client after the other connects, registers and joins a
room. The comparison is the same client before the others came. The exit code is 1 if a
bound is not kept.

Options:
  --half-open N  Connections that have sent only the first message [default: 1000].
  --noisy M      Connections that send random bytes [default: 100].
  --json         Print one JSON object.
  --quick        A few connections, to see that it works; the numbers mean little.
"""

import os
import sys
import time
from statistics import median

import gevent
from docopt import docopt
from gevent import socket
from kit.crowds import make_clients
from kit.findings import Finding, judge, present
from kit.processes import eim_server, raise_file_limit

from geventim.channel.handshake import Initiator
from geventim.chat.links import Link, parse_link
from geventim.load.ledger import Ledger

QUICK = {"--half-open": "50", "--noisy": "10"}

SLOWEST = 2000
"""Milliseconds in which every real client must be in."""

MOST = 16
"""KiB that a connection may cost the server."""

LOGINS = 9
"""Real clients whose time is taken."""

NOISE = 4000
"""Random bytes that are sent at a time."""

PAUSE = 0.1
"""Seconds between two attempts of one noisy connection."""


def open_half(link: Link, count: int) -> list[socket.socket]:
    """Connections whose handshake has begun and is the client's to finish."""
    socks = []
    for _ in range(count):
        sock = socket.create_connection((link.host, link.port))
        sock.sendall(Initiator(os.urandom).data_to_send())
        socks.append(sock)
    for sock in socks:
        sock.recv(1024)
    return socks


def make_noise(link: Link) -> None:
    """Send random bytes, and connect again when the server hangs up."""
    while True:
        try:
            with socket.create_connection((link.host, link.port)) as sock:
                sock.sendall(os.urandom(NOISE))
                sock.recv(1024)
        except OSError:
            pass
        gevent.sleep(PAUSE)


def log_in(link: Link) -> float:
    """Seconds in which a new client is connected, registered and in a room."""
    (client,) = make_clients(link, Ledger(1))
    start = time.monotonic()
    client.enter()
    client.found([client.account])
    seconds = time.monotonic() - start
    client.leave()
    client.listen()
    return seconds


def main() -> None:
    """Print the times of logins before and during, and what a half-open connection takes."""
    options = docopt(__doc__)
    if options["--quick"]:
        options |= QUICK
    raise_file_limit()
    half_open, noisy = int(options["--half-open"]), int(options["--noisy"])
    with eim_server() as server:
        link = parse_link(server.address)
        before = [log_in(link) for _ in range(LOGINS)]
        memory = server.memory()
        socks = open_half(link, half_open)
        each = (server.memory() - memory) / half_open / 1024
        noise = [gevent.spawn(make_noise, link) for _ in range(noisy)]
        gevent.sleep(PAUSE)
        during = [log_in(link) for _ in range(LOGINS)]
        with_noise = (server.memory() - memory) / (half_open + noisy) / 1024
        gevent.killall(noise)
        for sock in socks:
            sock.close()
    findings = [
        Finding("half_open", half_open),
        Finding("kib_each", round(each, 2), MOST),
        Finding("noisy", noisy),
        Finding("kib_each_with_noise", round(with_noise, 2), MOST),
        Finding("login_alone_ms", round(median(before) * 1e3, 1)),
        Finding("login_ms", round(median(during) * 1e3, 1)),
        Finding("slowest_login_ms", round(max(during) * 1e3, 1), SLOWEST),
    ]
    present(findings, as_json=options["--json"])
    sys.exit(0 if options["--quick"] else judge(findings))


if __name__ == "__main__":
    main()
