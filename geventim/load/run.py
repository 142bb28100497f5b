"""A run from its plan to its report."""

import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Final

import gevent
from gevent.event import Event
from gevent.pool import Group

from geventim.chat.links import Link
from geventim.errors import GeventIMError, NetworkError, PeerError, UserError
from geventim.load.client import Client
from geventim.load.ledger import Ledger
from geventim.load.marks import RUN_SIZE, Marker
from geventim.load.member import Member
from geventim.load.pace import due
from geventim.load.plan import Plan
from geventim.load.report import Report, make_report
from geventim.load.room import Room
from geventim.load.target import Target

AT_ONCE: Final = 64
"""Clients that connect at the same time."""

FAREWELL: Final = 5.0
"""Seconds in which the server may end the connections."""

GLANCE: Final = 0.02
"""Seconds between two looks at what has arrived."""

Progress = Callable[[str], object]
"""Is told every second, and when everything has arrived, how far the run is."""


class Run:
    """Carries out ``plan`` on the server of ``links``, once.

    With several, clients whose connection ends go to the next one.
    """

    def __init__(
        self, plan: Plan, links: Sequence[Link], psk: bytes | None, progress: Progress
    ) -> None:
        self._plan = plan
        self._progress = progress
        self._ledger = Ledger(plan.clients, mixed=plan.e2e)
        self._stopped = Event()
        self._over = Event()
        self._can_move = len(links) > 1
        self._moved = 0
        room = Room("load" + os.urandom(8).hex())
        targets = [Target(link, psk, room) for link in links]
        self._clients = _clients(plan, targets, self._ledger)
        self._entered: list[Client | Member] = []
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
            self._tell()
            for reason, count in self._ends.items():
                self._progress(f"{count} disconnected: {reason}")
            disconnected = self._ends.total()
        finally:
            watcher.kill()
            self._leave()
        seconds = max(self._ledger.latest - start, 0.0)
        return make_report(
            self._plan, self._ledger, self._moved, disconnected, seconds, connects_per_s
        )

    def _enter(self) -> None:
        failures: list[GeventIMError] = []

        def enter_each(clients: Iterable[Client | Member]) -> None:
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
        deadline = time.monotonic() + self._plan.welcome
        while not all(client.subscribed for client in self._entered):
            if self._ends or time.monotonic() > deadline:
                reasons = ", ".join(self._ends) or "it does not deliver"
                raise NetworkError(f"The server lets not everyone into the room: {reasons}")
            gevent.sleep(GLANCE)

    def _listen(self, client: Client | Member) -> None:
        while True:
            reason = "the server ended the connection"
            can_move = self._can_move
            try:
                client.listen()
            except GeventIMError as error:
                reason = str(error)
                # What a member has to complain about does not get better elsewhere.
                can_move = can_move and not isinstance(error, UserError)
            if self._over.is_set() or not can_move or not self._move(client):
                break
        self._ends[reason] += 1

    def _move(self, client: Client | Member) -> bool:
        """Whether ``client`` is connected again before it gives up."""
        deadline = time.monotonic() + self._plan.stragglers
        while time.monotonic() < deadline:
            gevent.sleep(random.uniform(*self._plan.rest))  # noqa: S311 - so that not all come at once
            try:
                client.move()
            except (NetworkError, PeerError):
                continue
            except UserError as error:
                self._progress(str(error))
                return False
            self._moved += 1
            return True
        return False

    def _send(self) -> None:
        if self._stopped.is_set():
            return
        plan = self._plan
        for number in due(plan.messages, plan.rate, time.monotonic, self._stopped.wait):
            if self._stopped.is_set():
                return
            self._clients[number % plan.senders].send()

    def _await_stragglers(self) -> None:
        deadline = time.monotonic() + self._plan.stragglers
        while self._listening and not self._ledger.settled and time.monotonic() < deadline:
            gevent.sleep(GLANCE)

    def _leave(self) -> None:
        self._over.set()
        for client in self._entered:
            client.leave()
        self._listening.join(FAREWELL)
        self._listening.kill()

    def _watch(self) -> None:
        while True:
            gevent.sleep(1)
            self._tell()

    def _tell(self) -> None:
        ledger = self._ledger
        self._progress(
            f"{len(self._entered)} clients, {ledger.sent} sent,"
            f" {ledger.acknowledged} acknowledged, {ledger.received} of {ledger.expected}"
            " received"
        )


def _clients(plan: Plan, targets: list[Target], ledger: Ledger) -> Sequence[Client | Member]:
    """Clients that begin at the targets one after the other."""
    run = os.urandom(RUN_SIZE)
    marker = Marker(run, plan.size)
    clients: list[Client | Member] = []
    for tally in ledger.tallies:
        if plan.e2e:
            clients.append(Member(targets, run, plan.size, tally))
        else:
            clients.append(Client(targets, marker, tally))
        targets = [*targets[1:], targets[0]]
    return clients
