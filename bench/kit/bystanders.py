"""Honest people in a room while somebody attacks: how long it takes them to reach each other.

They are whole clients, but for the vault. Two of them talk, the others read; whose connection ends
comes back.
"""

import gc
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import gevent

from geventim.chat.links import parse_link
from geventim.chat.values import Kind
from geventim.client import events
from geventim.client.answers import Answer
from geventim.client.kept.stages import Stage
from geventim.errors import GeventIMError
from geventim.lines.sentences import describe
from geventim.load.latency import Latencies
from geventim.load.ledger import Ledger, Tally
from geventim.load.marks import RUN_SIZE
from geventim.load.member import LEAST_TEXT, Member, nick_of
from geventim.load.room import Room
from geventim.load.target import Target
from geventim.terminal.rendering import Renderer

RATE = 10
"""Messages a second of the two who talk, together."""

PATIENCE = 60.0
"""Seconds in which everything that was sent has arrived, after all."""

REST = 0.2
"""Seconds until somebody whose connection has ended comes back."""

GLANCE = 0.01
"""Seconds between two looks at what has arrived."""

Arrival: TypeAlias = "gevent.Greenlet[[], float]"
"""Somebody who comes; it ends with the seconds that it took."""


@dataclass(frozen=True)
class Phase:
    """Milliseconds that messages took before, during or after an attack."""

    name: str
    p50: float
    p99: float
    longest: float


class Bystander(Member):
    """Somebody honest; ``lines`` counts what their screen shows beside messages.

    ``cuts`` are the reasons for which their connection ended.
    """

    def __init__(self, target: Target, run: bytes, tally: Tally) -> None:
        super().__init__([target], run, LEAST_TEXT, tally)
        self.nick = nick_of(run, tally.client)
        self.lines = 0
        self._screen = Renderer(target.room.name)
        self.cuts: list[str] = []
        self._living: gevent.Greenlet[[], None] | None = None

    def heed(self, event: events.Event | Answer) -> None:
        """Count what is a line on a screen."""
        if not isinstance(event, Answer) and self._screen.render(describe(event)) is not None:
            self.lines += 1

    def come(self) -> None:
        """Be there from now on."""
        self.enter()
        self._living = gevent.spawn(self._live)

    def come_back(self) -> float:
        """Hang up, log in again, and return how many seconds that took."""
        self._stop()
        start = time.monotonic()
        self.move()
        seconds = time.monotonic() - start
        self._living = gevent.spawn(self._live)
        return seconds

    def go(self) -> None:
        """Be there no longer."""
        self._stop()

    @property
    def is_stopped(self) -> bool:
        """Whether their client waits for a person to decide."""
        room = self.agent.context.conversations.named(Kind.ROOM, self._target.room.name)
        return room is None or room.stage is Stage.STOPPED

    def _stop(self) -> None:
        if self._living is not None:
            self._living.kill()

    def _live(self) -> None:
        while True:
            try:
                self.listen()
                reason = "the server ended the connection"
            except GeventIMError as error:
                reason = str(error)
            self.cuts.append(reason)
            gevent.sleep(REST)
            try:
                self.move()
            except GeventIMError:
                return  # what was sent to them counts as lost


class Company:
    """Two who talk and ``others`` who listen, in the room ``name`` of the server at ``address``."""

    def __init__(self, address: str, name: str, others: int) -> None:
        self.ledger = Ledger(2 + others, mixed=True)
        self._target = Target(parse_link(address), None, Room(name, bytes(16)))
        run = os.urandom(RUN_SIZE)
        self.people = [Bystander(self._target, run, tally) for tally in self.ledger.tallies]
        for person in self.people:
            person.come()
        # What was loaded is looked through for garbage by nobody's client.
        gc.freeze()

    @property
    def talkers(self) -> list[Bystander]:
        """The two."""
        return self.people[:2]

    def talk(self, phase: str, seconds: float, arrivals: Sequence[Arrival] = ()) -> Phase:
        """Let the two talk for so long, and see how long it took until everybody read it.

        They do so until those who are arriving are there, or have given up.
        """
        self.ledger.latencies = latencies = Latencies()
        number, end = 0, time.monotonic() + seconds
        while time.monotonic() < end or not all(each.ready() for each in arrivals):
            self.talkers[number % 2].send()
            number += 1
            gevent.sleep(1 / RATE)
        deadline = time.monotonic() + PATIENCE
        while not self.ledger.settled and time.monotonic() < deadline:
            gevent.sleep(GLANCE)
        found = latencies.percentile(50), latencies.percentile(99), latencies.longest
        return Phase(phase, *(round(each * 1e3, 1) for each in found))

    def admit(self) -> Arrival:
        """Have somebody new come; what is returned ends when they have read a first message."""
        return gevent.spawn(self._admit)

    def _admit(self) -> float:
        start = time.monotonic()
        run, alone = os.urandom(RUN_SIZE), Ledger(1, mixed=True)
        newcomer = Bystander(self._target, run, alone.tallies[0])
        with gevent.Timeout(PATIENCE, False):
            newcomer.come()
            while not alone.foreign:
                gevent.sleep(GLANCE)
        newcomer.go()
        return time.monotonic() - start

    @property
    def lost(self) -> int:
        """Messages that did not arrive, or were never sent."""
        unsent = self.ledger.sent - self.ledger.acknowledged
        return self.ledger.lost() + unsent

    @property
    def harmed(self) -> list[str]:
        """What has happened to people: that they were hung up on, or their clients stopped."""
        stopped = [f"{person.nick} is stopped" for person in self.people if person.is_stopped]
        return stopped + [reason for person in self.people for reason in person.cuts]

    def leave(self) -> None:
        """Go."""
        for person in self.people:
            person.go()
