"""What happens to many at once on eim-server: events, each on a server of its own, in phases.

In each phase messages are said, and an audience is measured that hears them as they come. What goes
wrong raises :class:`FaultError`.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from kit.assembly import Assembly
from kit.crowd import SIZE
from kit.messenger import Ours
from kit.processes import Process
from kit.residents import inhabited
from kit.transcript import FaultError

from geventim.chat.limits import OUTBOX_SIZE

SPEAKERS = 5
AT_ONCE = 64
"""Members who enter at the same time, where that is not what is measured."""

SETTLING = 0.0015
"""Seconds for each of them, and half a second, in which everyone is told who has come."""

PATIENCE = 300.0
"""Seconds in which something must have happened."""

RETURN = 10.0
"""Seconds in which all who were cut off are to be back."""

LARGE = 32 * 1024
"""Bytes in a message where some do not read, so that a lot is soon waiting for them."""

MISSED = 4 * OUTBOX_SIZE
"""Bytes that they do not read: more than waits for them, in the server and in the system."""


@dataclass(frozen=True)
class Plan:
    """How many are concerned, the ``audience`` aside, and how long messages are said at what rate.

    ``rate`` is in messages a second; with ``seconds`` of it an ordinary phase ends.
    """

    count: int
    audience: int
    rate: float
    seconds: float


@dataclass(frozen=True)
class Phase:
    """What was measured while something went on; all times are in seconds.

    Latencies are the audience's, of so many ``messages`` each; ``cpu`` is the server's, and
    ``memory`` what it has resident at the end, in bytes. ``most`` bounds ``seconds``, or nothing
    does.
    """

    name: str
    audience: int
    messages: int
    seconds: float
    p50: float
    p99: float
    longest: float
    cpu: float
    memory: int
    most: float | None = None


class Stage:
    """A server with a room for an audience and a mass; nobody has come yet."""

    def __init__(self, server: Process, plan: Plan, mass: int, size: int) -> None:
        self._server = server
        self._plan = plan
        self.assembly = Assembly(server.address, plan.audience + mass, SPEAKERS, size)
        self.mass = self.assembly.people[plan.audience :]

    def fill(self) -> None:
        """Have everybody come, in silence."""
        assembly = self.assembly
        assembly.rate = 0.0
        assembly.arrive(assembly.people, AT_ONCE)
        assembly.run(lambda: assembly.is_complete, PATIENCE)
        assembly.wait(0.5 + SETTLING * len(assembly.people))
        assembly.promote(assembly.people[: self._plan.audience])

    def talk(self) -> None:
        """Let some time pass in which nothing happens but talk."""
        self.assembly.wait(self._plan.seconds)

    def await_mass(self) -> None:
        """Let time pass until the mass has heard what was said so far."""
        goal = self.assembly.log.last
        self.assembly.run(lambda: all(each.position >= goal for each in self.mass), PATIENCE)

    def measure(self, name: str, act: Callable[[], None], most: float | None = None) -> Phase:
        """The phase in which ``act`` is done while messages are said."""
        assembly, said = self.assembly, self.assembly.said
        cpu, start = self._server.cpu(), time.monotonic()
        assembly.rate = self._plan.rate
        assembly.begin_phase()
        act()
        seconds = time.monotonic() - start
        assembly.end_phase()
        latencies = assembly.latencies
        return Phase(
            name,
            self._plan.audience,
            assembly.said - said,
            seconds,
            latencies.percentile(50),
            latencies.percentile(99),
            latencies.longest,
            self._server.cpu() - cpu,
            self._server.memory(),
            most,
        )


@contextmanager
def stage(plan: Plan, mass: int, size: int = SIZE) -> Iterator[Stage]:
    """A stage until the block ends, at whose end everybody must have heard everything."""
    with inhabited(plan.audience + mass) as server:
        one = Stage(server, plan, mass, size)
        try:
            yield one
            one.assembly.finish()
        finally:
            one.assembly.leave()


def everyone(plan: Plan) -> Iterator[Phase]:
    """All of ``count`` are the audience; and, to compare with, a tenth of them."""
    for count in (plan.count // 10, plan.count):
        with stage(Plan(0, count, plan.rate, plan.seconds), 0) as full:
            yield full.measure(f"{count:,} log in", full.fill)
            yield full.measure(f"{count:,} listen", full.talk)


def reconnect(plan: Plan) -> Iterator[Phase]:
    """The connections of ``count`` are cut, and they come back and read what they have missed."""
    with stage(plan, plan.count) as full:
        assembly, mass = full.assembly, full.mass

        def return_at_once() -> None:
            assembly.cut(mass)
            assembly.arrive(mass, len(mass))
            assembly.run(lambda: assembly.is_complete, PATIENCE)
            full.await_mass()

        full.fill()
        yield full.measure("before", full.talk)
        yield full.measure(f"{plan.count:,} come back", return_at_once, RETURN)
        yield full.measure("after", full.talk)


def leave(plan: Plan) -> Iterator[Phase]:
    """So many leave the room, but not the server, and are told nothing of it any more."""
    with stage(plan, plan.count) as full:
        assembly, mass = full.assembly, full.mass

        def leave_at_once() -> None:
            for each in mass:
                each.follow(each.leave_room())
            assembly.run(lambda: not any(each.is_entering for each in mass), PATIENCE)
            assembly.run(lambda: len(assembly.log.departed) >= len(mass), PATIENCE)

        full.fill()
        yield full.measure("before", full.talk)
        key = assembly.log.key
        yield full.measure(f"{plan.count:,} leave", leave_at_once)
        assembly.dismiss(mass)
        yield full.measure("after", full.talk)
        if sorted(assembly.log.departed) != sorted(each.account.id for each in mass):
            raise FaultError("it was told of others who have left")
        if assembly.log.key == key:
            raise FaultError("they could still read what was said when they had left")


def slow(plan: Plan) -> Iterator[Phase]:
    """So many do not read while more is said than waits for them; then they do."""
    with stage(plan, plan.count, LARGE) as full:
        assembly, mass = full.assembly, full.mass

        def listen_not() -> None:
            enough = assembly.said + MISSED // LARGE
            assembly.pause(mass)
            assembly.run(lambda: assembly.said >= enough, PATIENCE)

        def listen_again() -> None:
            assembly.resume(mass)
            full.await_mass()

        for each in mass:
            each.is_remote = True
        full.fill()
        yield full.measure("before", full.talk)
        told = _told_alone(mass)
        yield full.measure(f"{plan.count:,} do not read", listen_not)
        yield full.measure("they read again", listen_again)
        yield full.measure("after", full.talk)
        if not all(now > before for now, before in zip(_told_alone(mass), told, strict=True)):
            raise FaultError("somebody has never fallen behind")


def _told_alone(people: list[Ours]) -> list[int]:
    return [person.told_alone for person in people]


EVENTS: dict[str, Callable[[Plan], Iterator[Phase]]] = {
    "everyone": everyone,
    "reconnect": reconnect,
    "leave": leave,
    "slow": slow,
}
