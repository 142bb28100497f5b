"""A run from its plan to its report."""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Final

import gevent
from gevent.event import Event
from gevent.pool import Group

from geventim.chat.links import Link
from geventim.chat.values import ID_SIZE
from geventim.errors import GeventIMError, NetworkError
from geventim.load.client import Client, Target
from geventim.load.ledger import Ledger
from geventim.load.marks import RUN_SIZE, Marker
from geventim.load.pace import due
from geventim.load.plan import Plan
from geventim.load.report import Report, make_report
from geventim.load.room import Room

AT_ONCE: Final = 64
"""Clients that connect at the same time."""

STRAGGLERS: Final = 30.0
"""Seconds in which everything must have arrived after the last message was sent."""

FAREWELL: Final = 5.0
"""Seconds in which the server may end the connections."""

WELCOME: Final = 30.0
"""Seconds in which the server must begin to deliver to everyone."""

GLANCE: Final = 0.02
"""Seconds between two looks at what has arrived."""

Progress = Callable[[str], object]
"""Is told every second how far the run is."""


class Run:
    """Carries out ``plan`` on the server of ``link``, once."""

    def __init__(self, plan: Plan, link: Link, psk: bytes | None, progress: Progress) -> None:
        self._plan = plan
        self._progress = progress
        self._ledger = Ledger(plan.clients)
        self._stopped = Event()
        marker = Marker(os.urandom(RUN_SIZE), plan.size)
        room = Room("load" + os.urandom(8).hex(), os.urandom(ID_SIZE))
        target = Target(link, psk, room)
        self._clients = [Client(target, marker, tally) for tally in self._ledger.tallies]
        self._entered: list[Client] = []
        self._listening = Group()
        self._ends: Counter[str] = Counter()

    def stop(self) -> None:
        """Send no more; what was sent is still waited for."""
        self._stopped.set()

    def carry_out(self) -> Report:
        """Connect everyone, send, wait for what is on its way, and count.

        Raises what :meth:`.client.Client.enter` raises for any of the clients.
        """
        watcher = gevent.spawn(self._watch)
        try:
            start = time.monotonic()
            self._enter()
            self._gather()
            connects_per_s = len(self._entered) / (time.monotonic() - start)
            start = time.monotonic()
            self._send()
            self._await_stragglers()
            for reason, count in self._ends.items():
                self._progress(f"{count} disconnected: {reason}")
            disconnected = self._ends.total()
        finally:
            watcher.kill()
            self._leave()
        seconds = max(self._ledger.latest - start, 0.0)
        return make_report(self._plan, self._ledger, disconnected, seconds, connects_per_s)

    def _enter(self) -> None:
        failures: list[GeventIMError] = []

        def enter_each(clients: Iterable[Client]) -> None:
            for client in clients:
                if failures or self._stopped.is_set():
                    return
                try:
                    client.enter()
                except GeventIMError as error:
                    failures.append(error)
                    return
                self._entered.append(client)
                if client is not self._clients[0]:
                    self._listening.spawn(self._listen, client)

        # The first one shows whether the server lets anybody in at all.
        waiting = iter(self._clients)
        enter_each(islice(waiting, 1))
        gevent.joinall([gevent.spawn(enter_each, waiting) for _ in range(AT_ONCE)])
        if failures:
            raise failures[0]

    def _gather(self) -> None:
        """Let the first one make a room with everyone in it, and wait until all follow it."""
        if not self._entered:
            return
        founder = self._entered[0]
        founder.found([client.account for client in self._entered])
        self._listening.spawn(self._listen, founder)
        for client in self._entered:
            client.subscribe()
        deadline = time.monotonic() + WELCOME
        while not all(client.subscribed for client in self._entered):
            if self._ends or time.monotonic() > deadline:
                reasons = ", ".join(self._ends) or "it does not deliver"
                raise NetworkError(f"The server lets not everyone into the room: {reasons}")
            gevent.sleep(GLANCE)

    def _listen(self, client: Client) -> None:
        try:
            client.listen()
        except GeventIMError as error:
            self._ends[str(error)] += 1
        else:
            self._ends["the server ended the connection"] += 1

    def _send(self) -> None:
        if self._stopped.is_set():
            return
        plan = self._plan
        for number in due(plan.messages, plan.rate, time.monotonic, self._stopped.wait):
            if self._stopped.is_set():
                return
            self._clients[number % plan.senders].send()

    def _await_stragglers(self) -> None:
        deadline = time.monotonic() + STRAGGLERS
        while self._listening and not self._ledger.settled and time.monotonic() < deadline:
            gevent.sleep(GLANCE)

    def _leave(self) -> None:
        for client in self._entered:
            client.leave()
        self._listening.join(FAREWELL)
        self._listening.kill()

    def _watch(self) -> None:
        while True:
            gevent.sleep(1)
            ledger = self._ledger
            self._progress(
                f"{len(self._entered)} clients, {ledger.sent} sent,"
                f" {ledger.acknowledged} acknowledged, {ledger.received} of {ledger.expected}"
                " received"
            )
