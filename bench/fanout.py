"""What a delivery costs the server.

Usage:
  fanout.py [--clients N] [--senders K] [--rate R] [--size B] [--seconds S] [--json]
            [--quick]
  fanout.py --relay

Everyone is in one room. The server runs with its defaults, the clients in another process
(eim-load), which checks that every message arrives once and in order. The same is done with a bare
relay: gevent, length-prefixed frames, no encryption, no log, no accounts; what is above it is the
price of those. The exit code is 1 if a message was lost, duplicated or misordered.

Options:
  --clients N  Clients, or several numbers with commas [default: 500].
  --senders K  How many of them send [default: 20].
  --rate R     Messages a second, of all senders together [default: 50].
  --size B     Bytes in a message [default: 200].
  --seconds S  Seconds of sending [default: 20].
  --json       Print one JSON object a line.
  --quick      A few clients for a moment, to see that it works; the numbers mean little.
  --relay      Be the relay.
"""

import json
import re
import struct
import subprocess
import sys
import time
from typing import Any

import gevent
from checkout import ROOT
from docopt import docopt
from gevent import socket
from gevent.pool import Pool
from gevent.server import StreamServer
from processes import eim_server, raise_file_limit, this_script

from geventim.load.latency import Latencies
from geventim.load.pace import due

PROGRESS = re.compile(r"(\d+) clients, (\d+) sent, \d+ acknowledged, (\d+) of")
LENGTH = struct.Struct(">I")
TIME = struct.Struct(">d")
DEFAULT_ROOM_LIMIT = 1000
QUICK = {"--clients": "20", "--senders": "5", "--rate": "100", "--seconds": "1.5"}
COLUMNS = {
    "server": "server",
    "clients": "clients",
    "cpu_us": "CPU µs/delivery",
    "deliveries_per_s": "deliveries/s",
    "p50_ms": "p50 ms",
    "p99_ms": "p99 ms",
    "connects_per_s": "connects/s",
    "lost": "lost",
}


def measure_server(clients: int, options: dict[str, str]) -> dict[str, Any]:
    """Our server under eim-load; processor time is counted between two lines of progress."""
    larger = ("--room-limit", str(clients)) if clients > DEFAULT_ROOM_LIMIT else ()
    with eim_server(*larger) as server:
        command = [sys.executable, str(ROOT / "bin" / "eim-load"), server.address, "--json"]
        for name in ("--senders", "--rate", "--size"):
            command += [name, options[name]]
        command += ["--clients", str(clients), "--duration", options["--seconds"]]
        samples: list[tuple[float, int]] = []
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as load:
            assert load.stderr is not None
            assert load.stdout is not None
            for line in load.stderr:
                progress = PROGRESS.match(line)
                if progress is None:
                    print(line, end="", file=sys.stderr)
                elif int(progress[2]):
                    samples.append((server.cpu(), int(progress[3])))
            report = json.loads(load.stdout.read())
    faults = ("lost", "duplicated", "misordered", "foreign", "disconnected")
    return {
        "server": "eim-server",
        "cpu_us": cpu_per_delivery(samples),
        "lost": sum(report[fault] for fault in faults),
        **{name: report[name] for name in COLUMNS if name in report and name != "lost"},
    }


def measure_relay(clients: int, options: dict[str, str]) -> dict[str, Any]:
    """The bare relay under bare clients in this process."""
    size, rate, seconds = (float(options[name]) for name in ("--size", "--rate", "--seconds"))
    senders, count = int(options["--senders"]), round(rate * seconds)
    latencies, received = Latencies(), 0
    padding = bytes(int(size) - TIME.size)

    def listen(sock: socket.socket) -> None:
        nonlocal received
        data = b""
        while more := sock.recv(65536):
            data += more
            now, end = time.monotonic(), LENGTH.size + int(size)
            while len(data) >= end:
                latencies.add(now - TIME.unpack_from(data, LENGTH.size)[0])
                data = data[end:]
                received += 1

    with this_script("--relay") as relay:
        address, start = ("127.0.0.1", int(relay.address)), time.monotonic()
        socks = [socket.create_connection(address) for _ in range(clients)]
        connects_per_s = clients / (time.monotonic() - start)
        listening = [gevent.spawn(listen, sock) for sock in socks]
        samples, start = [], time.monotonic()
        for number in due(count, rate, time.monotonic, gevent.sleep):
            body = TIME.pack(time.monotonic()) + padding
            socks[number % senders].sendall(LENGTH.pack(len(body)) + body)
            if number % max(1, round(rate)) == 0:
                samples.append((relay.cpu(), received))
        expected, deadline = count * (clients - 1), time.monotonic() + 10
        while received < expected and time.monotonic() < deadline:
            gevent.sleep(0.01)
        samples.append((relay.cpu(), received))
        elapsed = time.monotonic() - start
        gevent.killall(listening)
        for sock in socks:
            sock.close()
    return {
        "server": "bare relay",
        "clients": clients,
        "cpu_us": cpu_per_delivery(samples),
        "deliveries_per_s": round(received / elapsed, 1),
        "p50_ms": round(latencies.percentile(50) * 1e3, 2),
        "p99_ms": round(latencies.percentile(99) * 1e3, 2),
        "connects_per_s": round(connects_per_s, 1),
        "lost": expected - received,
    }


def cpu_per_delivery(samples: list[tuple[float, int]]) -> float:
    """Microseconds of processor time for a delivery, between the first sample and the last."""
    (before, done_before), (after, done_after) = samples[0], samples[-1]
    return round((after - before) / (done_after - done_before) * 1e6, 1)


def serve_relay() -> None:
    """Send each frame to everyone but its sender."""
    everyone: set[socket.socket] = set()

    def serve(sock: socket.socket, _address: object) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        everyone.add(sock)
        data = b""
        while more := sock.recv(65536):
            data += more
            while len(data) >= LENGTH.size:
                end = LENGTH.size + LENGTH.unpack_from(data)[0]
                if len(data) < end:
                    break
                frame, data = data[:end], data[end:]
                for other in everyone:
                    if other is not sock:
                        other.send(frame)
        everyone.discard(sock)

    server = StreamServer(("127.0.0.1", 0), serve, spawn=Pool(), backlog=4096)
    server.start()
    print("port", server.server_port, flush=True)
    server.serve_forever()


def main() -> None:
    """Print a line for each server and number of clients."""
    options = docopt(__doc__)
    raise_file_limit()
    if options["--relay"]:
        serve_relay()
        return
    if options["--quick"]:
        options |= QUICK
    lost = 0
    if not options["--json"]:
        print("".join(f"{title:>16}" for title in COLUMNS.values()))
    for clients in map(int, options["--clients"].split(",")):
        for measure in (measure_relay, measure_server):
            row = measure(clients, options)
            lost += row["lost"]
            if options["--json"]:
                print(json.dumps(row), flush=True)
            else:
                print("".join(f"{row[name]:>16}" for name in COLUMNS), flush=True)
    sys.exit(lost > 0)


if __name__ == "__main__":
    main()
