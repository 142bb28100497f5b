"""A world of agents and one real service: no sockets, no threads, a clock that tests move.

``World(seed)`` is deterministic: ids and keys are drawn from the seed, and frames are delivered in
an order that it chooses. :meth:`World.enter` brings a person in, :meth:`World.run` delivers until
nothing moves, :meth:`World.advance` lets time pass. A :class:`Person` can lose the connection
(:meth:`Person.drop`), die between two steps (:attr:`Person.dies`), have a clock that is wrong
(:attr:`Person.ahead`), come back from what was kept (:meth:`Person.start`), and sit behind a server
that is not honest (:attr:`Person.tamper`).
"""

import hashlib
import math
import random
from collections.abc import Callable
from dataclasses import replace
from itertools import count

from geventim.chat.values import Access, Kind
from geventim.client.kept.stages import INSIDE
from geventim.client.measures import Measures
from geventim.crypto.signature import SigningKey
from geventim.errors import PeerError
from geventim.log.changes import Expire
from geventim.service.dispatch import Policy, Service
from geventim.store.memory.store import MemoryStore
from tests.client.person import SERVER_KEY, Person
from tests.client.surroundings import Audience, Journal, Line, Timers

SERVER_SIGNER = SigningKey(b"signature".ljust(32))

QUICK = Measures(stock=3, room_key_cost=2, secret_cost=2)
"""Making keys is the slowest part of coming in, and stretching them is meant to take its time."""

SETTLING = 5.0
"""Seconds in which whatever was refused or delayed has been tried again."""


class World:
    """One server and its people. ``faults`` is whatever the server sent that it must not send."""

    def __init__(
        self, seed: int = 0, *, room_limit: int = 1000, measures: Measures = QUICK
    ) -> None:
        self._seed = seed
        self._dice = random.Random(seed)
        self._services = count()
        self.measures = measures
        self.timers = Timers()
        self.store = MemoryStore()
        self.journal = Journal(self.store)
        self.audiences: list[Audience] = []
        self.people: dict[str, Person] = {}
        self.faults: list[tuple[str, PeerError]] = []
        self._policy = Policy(SERVER_KEY, Access.OPEN, room_limit)
        self._server_random = self.draw("server")
        self.service = self._make_service()

    def draw(self, name: str) -> Callable[[int], bytes]:
        """Bytes that are the same in every run with this seed."""
        numbers = count()

        def bytes_of(size: int) -> bytes:
            label = f"{self._seed} {name} {next(numbers)}"
            return hashlib.shake_256(label.encode()).digest(size)

        return bytes_of

    def _make_service(self) -> Service:
        return Service(
            self.journal,
            self.timers,
            self._audience,
            self._server_random,
            SERVER_SIGNER,
            self._policy,
        )

    def _audience(self) -> Audience:
        self.audiences.append(Audience())
        return self.audiences[-1]

    def person(self, nick: str, room: str = "lobby") -> Person:
        """Somebody who is not connected yet."""
        return self.people.setdefault(nick, Person(self, nick, room))

    def enter(self, *nicks: str, room: str = "lobby") -> list[Person]:
        """Bring people in, one after the other."""
        found = [self.person(nick, room) for nick in nicks]
        for person in found:
            person.connect()
            self.run()
        self.advance(1.0)
        return found

    def measure(self, **values: float) -> None:
        """Have other numbers from now on; see :class:`.Measures`."""
        self.measures = replace(self.measures, **values)
        for person in self.people.values():
            person.agent.context.user.measures = self.measures

    def expire(self) -> None:
        """Let all messages that were said expire."""
        self.store.commit([Expire(before=self.timers.time + 1)])
        self.service._feeds.forget()

    def restart_server(self) -> None:
        """End the server, and start it again on the same store; nobody is connected then."""
        for person in self.people.values():
            person.drop()
        self.audiences.clear()
        self.service = self._make_service()

    def step(self) -> bool:
        """Deliver one frame, or do one other thing that is due; False when nothing is."""
        moves: list[Callable[[], object]] = []
        for person in self.people.values():
            line = person.line
            if line is not None and line.up:
                moves.append(lambda line=line: self._carry_up(line))
            if line is not None and line.down:
                moves.append(lambda person=person, line=line: person.receive(line.down.popleft()))
            if line is not None and line.behind:
                moves.append(lambda line=line: self._catch_up(line))
            if line is not None and line.closed and not line.down:
                moves.append(person.drop)
        if moves:
            self._dice.choice(moves)()
            return True
        for person in self.people.values():
            if person.work():
                return True
        return self.timers.ring()

    def run(self, most: int = 100_000) -> None:
        """Deliver until nothing moves."""
        for _ in range(most):
            if not self.step():
                return
        raise AssertionError("it never comes to rest")

    def advance(self, seconds: float = SETTLING) -> None:
        """Let ``seconds`` pass, and happen what is due."""
        end = self.timers.time + seconds
        self.run()
        while (time := self._next_time()) is not None and time <= end:
            self.timers.time = max(self.timers.time, time)
            for person in self.people.values():
                person.tick()
            self.run()
        self.timers.time = end
        self.run()

    def crawl(self, seconds: float, steps: int) -> None:
        """Let ``seconds`` pass in which no more than so many steps are made in each hundredth."""
        end = self.timers.time + seconds
        while self.timers.time < end:
            self.timers.time += 0.01
            for _ in range(steps):
                if not self.step():
                    break
            for person in self.people.values():
                is_busy = person.line is not None and person.line.down
                if not is_busy and (person.wake_at or math.inf) <= self.timers.time:
                    person.tick()
            self.timers.ring()

    def check_agreement(self, name: str = "lobby", kind: Kind = Kind.ROOM) -> None:
        """All who are in a conversation, as the server counts, agree on its group."""
        logs = self.store._logs.values()
        found = [each.conversation for each in logs if not each.deleted]
        (known,) = [each for each in found if (each.kind, each.name) == (kind, name)]
        self.check_group(known.id)

    def check_group(self, conversation: bytes) -> None:
        """All members of a conversation that are connected agree on its group."""
        authenticators = {}
        members = set(self.store.members(conversation))
        for person in self.people.values():
            if person.agent.context.user.account not in members or not person.is_connected:
                continue
            held = person.agent.context.conversations.get(conversation)
            assert held is not None, person.nick
            assert held.stage in INSIDE, (person.nick, held.stage)
            group = held.group
            authenticators[person.nick] = (group.epoch, group.epoch_authenticator)
        assert len(set(authenticators.values())) <= 1, authenticators

    def _carry_up(self, line: Line) -> None:
        frame = line.up.popleft()
        if not line.closed:
            self.service.receive(line.session, frame)

    def _catch_up(self, line: Line) -> None:
        line.behind = not line.closed and self.service.catch_up(line.session)

    def _next_time(self) -> float | None:
        times = [self.timers.next, *(each.wake_at for each in self.people.values())]
        return min((time for time in times if time is not None), default=None)
