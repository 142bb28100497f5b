"""How soon both sides notice that nobody is there, and what it costs to know that somebody is.

Usage:
  silence.py [--clients N] [--idle M] [--phases NAMES] [--json] [--quick]

N clients watch over their connections as eim-client does. A tenth of them reaches the server
through a relay, which then stops forwarding: nothing comes through, and no connection is closed.
Each phase begins like that: in the first nothing is on its way (idle), in the second each of these
clients has asked something, and the server has something for everyone (busy). In the third it is
the server that stands still, for everyone (stopped). What is told is the longest it took until the
clients, and the server, have hung up, and, once the relay forwards again, until all are back.

Then M idle connections, which each give a sign of life, evenly over half a minute: what the
server's processor time for one of them is, beside that of the same time before. The exit code is 1
if a bound is not kept.

Options:
  --clients N     Clients that watch [default: 500].
  --idle M        Idle connections [default: 2000].
  --phases NAMES  Which, with commas [default: idle,busy,stopped,cost].
  --json          Print one JSON object.
  --quick         A few clients and no silence, to see that it works; the numbers mean little.
"""

import os
import select
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import chain
from random import random

import gevent
from docopt import docopt
from gevent import socket, subprocess
from gevent.event import Event as Flag
from gevent.pool import Pool
from kit.checkout import ROOT
from kit.findings import Finding, judge, present
from kit.processes import Process, eim_server, raise_file_limit

from geventim.app.backoff import Backoff
from geventim.app.settings import Bounds
from geventim.app.vigil import Vigil
from geventim.channel.events import Event
from geventim.chat import replies
from geventim.chat import requests as ask
from geventim.chat.links import Link, parse_link
from geventim.client.people.profile import Keys
from geventim.errors import NetworkError, PeerError
from geventim.load.caller import Caller
from geventim.net.connection import Connection

SILENT = {"idle", "busy", "stopped"}
"""Phases in which somebody is silent."""

QUICK = {"--clients": "20", "--idle": "20", "--phases": "cost"}

NOTICED = 45.0
"""Seconds in which both sides must have noticed."""

BACK = 6.0
"""Seconds in which everyone must be back."""

COST = 150.0
"""Microseconds that a sign of life may take."""

PATIENCE = 120.0
"""Seconds in which something must have happened at last."""

AT_ONCE = 64
"""Idle connections that are made at the same time."""

PAUSE = 0.1
"""Seconds between two looks at whether it has."""

CALM = 30.0
"""Seconds in which every client has asked for a sign of life, and the next ones differ."""

SETTLING = 3.0
"""Seconds in which everyone has been told who has come."""

SPREAD = 25.0
"""Seconds over which idle connections give one each, as they do by themselves."""

GONE = select.POLLRDHUP | select.POLLHUP | select.POLLERR


class Relay:
    """Passes bytes between clients and ``target`` while ``forwards`` is set."""

    def __init__(self, target: Link) -> None:
        self._target = (target.host, target.port)
        self._listening = socket.socket()
        self._listening.bind(("127.0.0.1", 0))
        self._listening.listen(4096)
        self.link = replace(target, port=self._listening.getsockname()[1])
        self.forwards = Flag()
        self.forwards.set()
        self._upstream: list[socket.socket] = []
        gevent.spawn(self._accept)

    def silence(self) -> list[socket.socket]:
        """Forward nothing from now on; the connections to the server that there are."""
        self.forwards.clear()
        open_ones, self._upstream = self._upstream, []
        return [sock for sock in open_ones if sock.fileno() >= 0]

    def _accept(self) -> None:
        while True:
            client, _ = self._listening.accept()
            gevent.spawn(self._serve, client)

    def _serve(self, client: socket.socket) -> None:
        self.forwards.wait()
        server = socket.create_connection(self._target)
        self._upstream.append(server)
        ways = [gevent.spawn(self._pass, *ends) for ends in ((client, server), (server, client))]
        gevent.joinall(ways)
        client.close()
        server.close()

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                self.forwards.wait()
                sink.sendall(data)
            self.forwards.wait()
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            sink.close()


class Watcher(Caller):
    """A client that stays, and comes back when its connection has ended.

    ``lost`` and ``entered`` are when that was for the last time.
    """

    def __init__(self, link: Link) -> None:
        super().__init__("watch" + os.urandom(8).hex(), Keys.generate(os.urandom))
        self._target = link
        self.lost = self.entered = 0.0

    def stay(self) -> None:
        """Be connected, again and again."""
        backoff = Backoff(random)
        while True:
            with suppress(NetworkError, PeerError):
                self._stay_once(backoff)
            if self.signs_life:
                self.lost = time.monotonic()
            self.signs_life = False
            gevent.sleep(backoff.wait())

    def speak(self) -> None:
        """Say something that the server has to answer."""
        self.send(ask.ListNames(id=0))

    def knock(self) -> None:
        """Connect, and ask to be let in."""
        self.connect(self._target)
        if self.entered:
            self.send(ask.Login(id=0, nick=self.nick, life_signs=True))
        else:
            self.send(self.profile.registration(life_signs=True))

    def take(self, events: Sequence[Event]) -> None:
        """Take what came."""
        for message, _ in self.read(events):
            if isinstance(message, replies.LoggedIn):
                self.entered = time.monotonic()

    def _stay_once(self, backoff: Backoff) -> None:
        self.knock()
        vigil = Vigil(self.connection, self)
        try:
            while True:
                silence = NetworkError("no answer")
                with gevent.Timeout(None if self.signs_life else Bounds().entry, silence):
                    events = vigil.receive()
                if events is None:
                    return
                self.take(events)
                if self.signs_life:
                    backoff.reset()
        finally:
            vigil.end()
            self.connection.abort()


def await_all(condition: Callable[[], bool]) -> float:
    """Wait until ``condition`` holds; the seconds that took."""
    start = time.monotonic()
    with gevent.Timeout(PATIENCE):
        while not condition():
            gevent.sleep(PAUSE)
    return time.monotonic() - start


def await_servers_end(socks: Sequence[socket.socket]) -> float:
    """Wait until the server has ended all of these connections; the seconds that took."""
    poll = select.poll()
    for sock in socks:
        poll.register(sock.fileno(), GONE)
    return await_all(lambda: len(poll.poll(0)) == len(socks))


def is_back(watchers: Sequence[Watcher]) -> Callable[[], bool]:
    """Whether all of them are connected, and none on a connection from before now."""
    now = time.monotonic()
    return lambda: all(
        each.signs_life and max(each.entered, now) == each.entered for each in watchers
    )


def silence(
    name: str, relay: Relay, watchers: Sequence[Watcher], begin: Callable[[], None]
) -> list[Finding]:
    """Have the relay forward nothing, with what ``begin`` has on its way, and then again."""
    start = time.monotonic()
    at_server = gevent.spawn(await_servers_end, relay.silence())
    begin()
    await_all(lambda: all(each.lost > start for each in watchers))
    at_clients = max(each.lost for each in watchers) - start
    server = at_server.get()
    back = is_back(watchers)
    relay.forwards.set()
    return [
        Finding(f"{name}_client_s", round(at_clients, 1), NOTICED),
        Finding(f"{name}_server_s", round(server, 1), NOTICED),
        Finding(f"{name}_back_s", round(await_all(back), 1), BACK),
    ]


def stop(server: Process, watchers: Sequence[Watcher]) -> list[Finding]:
    """Have the server stand still, and go on when everyone has noticed."""
    start = time.monotonic()
    os.kill(server.pid, signal.SIGSTOP)
    await_all(lambda: all(each.lost > start for each in watchers))
    at_clients = max(each.lost for each in watchers) - start
    back = is_back(watchers)
    os.kill(server.pid, signal.SIGCONT)
    return [
        Finding("stopped_client_s", round(at_clients, 1), NOTICED),
        Finding("stopped_back_s", round(await_all(back), 1), BACK),
    ]


def watch(count: int, phases: Sequence[str]) -> Iterator[Finding]:
    """The phases in which something is silent."""
    yield Finding("clients", count)
    with tempfile.TemporaryDirectory() as data, eim_server(data=data) as server:
        direct = parse_link(server.address)
        relay = Relay(direct)
        silenced = [Watcher(relay.link) for _ in range(max(1, count // 10))]
        others = [Watcher(direct) for _ in range(count - len(silenced))]
        staying = [gevent.spawn(each.stay) for each in (*silenced, *others)]
        await_all(lambda: all(each.signs_life for each in (*silenced, *others)))

        def have_all_speak() -> None:
            for each in silenced:
                each.speak()
            announce(data)

        for phase in phases:
            if phase == "stopped":
                yield from stop(server, (*silenced, *others))
            elif phase in SILENT:
                gevent.sleep(CALM)
                begin = have_all_speak if phase == "busy" else bool
                yield from silence(phase, relay, silenced, begin)
        gevent.killall(staying)


def announce(data: str) -> None:
    """Say something to everyone."""
    script = str(ROOT / "bin" / "eim-server")
    words = [sys.executable, script, "announce", "something", "--data", data]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)


def be_idle(link: Link) -> Connection:
    """A connection that has announced signs of life, and gives none by itself."""
    client = Watcher(link)
    client.knock()
    connection = client.connection
    while not client.signs_life:
        client.take(connection.receive() or ())
    connection.channel.agree_on_life_signs()
    gevent.spawn(drain, connection)
    return connection


def drain(connection: Connection) -> None:
    """Take whatever comes."""
    try:
        while connection.receive() is not None:
            pass
    except (NetworkError, PeerError):
        return


def ask_evenly(connections: Sequence[Connection], spread: float) -> None:
    """Have each give a sign of life, one after the other, in ``spread`` seconds."""
    start = time.monotonic()
    for number, connection in enumerate(connections):
        gevent.sleep(max(0.0, start + number * spread / len(connections) - time.monotonic()))
        connection.ping()
    gevent.sleep(max(0.0, start + spread - time.monotonic()))


def cost(count: int, spread: float) -> Iterator[Finding]:
    """What a sign of life takes the server, beside what idle connections take it anyway."""
    with eim_server() as server:
        link = parse_link(server.address)
        connections = list(Pool(AT_ONCE).imap_unordered(be_idle, [link] * count))
        gevent.sleep(SETTLING)
        ask_evenly(connections, spread)  # everyone has been heard, and nothing is done only once
        before = server.cpu()
        gevent.sleep(spread / 2)
        idle = (server.cpu() - before) * 2
        before = server.cpu()
        ask_evenly(connections, spread)
        each = (server.cpu() - before - idle) / count
        assert all(connection.channel.said == 3 for connection in connections)
        for connection in connections:
            connection.abort()
    yield Finding("idle_connections", count)
    yield Finding("idle_cpu_percent", round(idle / spread * 100, 2))
    yield Finding("life_sign_cpu_us", round(each * 1e6), COST)


def main() -> None:
    """Print what was found in each phase."""
    options = docopt(__doc__)
    raise_file_limit()
    spread = SPREAD
    if options["--quick"]:
        options |= QUICK
        spread /= 10
    phases = options["--phases"].split(",")
    findings = []
    for finding in chain(
        watch(int(options["--clients"]), phases) if SILENT.intersection(phases) else (),
        cost(int(options["--idle"]), spread) if "cost" in phases else (),
    ):
        findings.append(finding)
        if not options["--json"]:
            present([finding], as_json=False)
    if options["--json"]:
        present(findings, as_json=True)
    sys.exit(0 if options["--quick"] else judge(findings))


if __name__ == "__main__":
    main()
