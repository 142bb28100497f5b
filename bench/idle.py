"""What a connection costs the server while nothing is said.

Usage:
  idle.py [--clients N] [--json] [--quick]
  idle.py --relay

Resident memory of the server process for each client that is logged in and subscribed to one room,
and for each connection that stopped in the middle of its handshake; and for each connection to a
bare gevent server in which a greenlet waits for bytes, which is what is left if one takes
everything else away. The exit code is 1 if one of the first two takes more than it may.

It is everything by which the process has grown since it served the first one: also what the
database keeps of its file, and what was needed while all came and has not been given back. They
come as after a restart: 64 register at a time, and then all subscribe at once. The worst moment of
that is told, too.

Options:
  --clients N  Connections [default: 2000].
  --json       Print one JSON object a line.
  --quick      A few connections, to see that it works; the numbers mean little.
  --relay      Be the bare server.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

import gevent
from docopt import docopt
from gevent import socket
from gevent.pool import Pool
from gevent.server import StreamServer
from kit.crowds import connect, gather, make_clients
from kit.processes import Process, eim_server, raise_file_limit, this_script

from geventim.channel.handshake import Initiator
from geventim.chat.links import parse_link
from geventim.load.ledger import Ledger

SETTLING = 0.0015
"""Seconds for each connection, in which everyone is told who has come, and comes to rest."""

QUICK = {"--clients": "50"}

AT_MOST = {"logged in": 14, "half open": 16}
"""KiB that a connection may take."""


def measure(name: str, server: Process, count: int, fill: Callable[[], object]) -> dict[str, Any]:
    """What ``fill``, which makes ``count`` connections, adds to the memory of ``server``."""
    before, start = server.memory(), time.monotonic()
    fill()
    seconds = time.monotonic() - start
    gevent.sleep(count * SETTLING)
    each = (server.memory() - before) / count / 1024
    worst = (server.peak() - before) / count / 1024
    return {
        "connections": name,
        "count": count,
        "kib_each": round(each, 2),
        "kib_at_worst": round(worst, 2),
        "per_s": round(count / seconds, 1),
    }


def logged_in(count: int) -> dict[str, Any]:
    """Clients that have registered and are subscribed to one room."""
    with eim_server("--room-limit", str(count + 1)) as server:
        link = parse_link(server.address)
        clients = make_clients(link, Ledger(count + 1))
        # The first one has the server load everything that it needs only once.
        connect(clients[:1])
        clients[0].found([clients[0].account])

        def fill() -> None:
            connect(clients[1:])
            gather(clients)

        row = measure("logged in", server, count, fill)
        for client in clients:
            client.leave()
        return row


def half_open(count: int) -> dict[str, Any]:
    """Connections that have sent the first message of the handshake, and no more."""
    with eim_server() as server:
        link = parse_link(server.address)
        connect(make_clients(link, Ledger(1)))
        socks: list[socket.socket] = []

        def fill() -> None:
            for _ in range(count):
                sock = socket.create_connection((link.host, link.port))
                sock.sendall(Initiator(os.urandom).data_to_send())
                socks.append(sock)
            for sock in socks:
                sock.recv(1024)  # the server's answer: it waits for the last message now

        return measure("half open", server, count, fill)


def bare(count: int) -> dict[str, Any]:
    """Connections to the bare server."""
    with this_script("--relay") as server:
        address = ("127.0.0.1", int(server.address))
        socks = [socket.create_connection(address)]

        def fill() -> None:
            socks.extend(socket.create_connection(address) for _ in range(count))

        return measure("bare gevent", server, count, fill)


def serve_bare() -> None:
    """Wait for bytes that never come."""

    def serve(sock: socket.socket, _address: object) -> None:
        sock.recv(65536)

    server = StreamServer(("127.0.0.1", 0), serve, spawn=Pool(), backlog=4096)
    server.start()
    print("port", server.server_port, flush=True)
    server.serve_forever()


def main() -> None:
    """Print a line for each kind of connection."""
    options = docopt(__doc__)
    raise_file_limit()
    if options["--relay"]:
        serve_bare()
        return
    if options["--quick"]:
        options |= QUICK
    count = int(options["--clients"])
    if not options["--json"]:
        print(
            f"{'connections':>14}{'count':>8}{'KiB each':>10}{'at most':>10}{'at worst':>10}"
            f"{'per second':>12}"
        )
    too_much = False
    for row in (bare(count), half_open(count), logged_in(count)):
        most = AT_MOST.get(row["connections"])
        too_much |= most is not None and row["kib_each"] > most
        if options["--json"]:
            print(json.dumps(row), flush=True)
        else:
            print(
                f"{row['connections']:>14}{row['count']:>8}{row['kib_each']:>10}"
                f"{most or '':>10}{row['kib_at_worst']:>10}{row['per_s']:>12}",
                flush=True,
            )
    sys.exit(too_much and not options["--quick"])


if __name__ == "__main__":
    main()
