"""A crowd on eim-server of which many do the same at the same time, while the others talk on."""

import select
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import cast

from kit.crowd import SILENCE, SIZE, Crowd
from kit.entries import RecordTranscript
from kit.member import EndedError
from kit.messenger import Ours
from kit.transcript import FaultError

from geventim.load.latency import Latencies

STEP = 16
"""Members of the mass who are attended to before the others are looked at again."""


class Assembly(Crowd):
    """Members of whom the first ``speakers`` say ``rate`` messages a second, whatever happens.

    The latencies are those of the audience, which hears messages as they come. The others are the
    mass, who may be entering, or behind. They are attended to in between, so that this delays the
    audience little.
    """

    def __init__(self, address: str, count: int, speakers: int, size: int = SIZE) -> None:
        super().__init__("ours", address, count, speakers, size)
        self.people = cast(list[Ours], self.members)
        self.rate = 0.0
        self.dropped = 0
        self._due = 0.0
        self._audience: list[Ours] = []
        self._arrivals: deque[Ours] = deque()
        self._entering: set[Ours] = set()
        self._at_once = 0
        self._mass = select.epoll()
        self._poll.register(self._mass, select.EPOLLIN)

    @property
    def said(self) -> int:
        """How many messages were said so far."""
        return self._sent

    @property
    def log(self) -> RecordTranscript:
        """What the room was told."""
        return cast(RecordTranscript, self.transcript)

    @property
    def is_complete(self) -> bool:
        """Whether nobody is about to enter."""
        return not self._arrivals and not self._entering

    def begin_phase(self) -> None:
        """Measure from now on."""
        self.latencies = Latencies()
        self._due = time.monotonic()

    def end_phase(self) -> None:
        """Say nothing until the audience has heard everything."""
        rate, self.rate = self.rate, 0.0
        self.run(self._is_heard, SILENCE)
        self.rate = rate

    def arrive(self, people: Sequence[Ours], at_once: int) -> None:
        """Let ``people`` enter as part of the mass, so many of them at the same time."""
        self._arrivals.extend(people)
        self._at_once = at_once

    def promote(self, people: Sequence[Ours]) -> None:
        """Make ``people`` of the mass part of the audience."""
        self.pause(people)
        self._audience += people
        for person in people:
            self._attend(person)

    def pause(self, people: Sequence[Ours]) -> None:
        """Have ``people`` of the mass read nothing until :meth:`resume`."""
        for person in people:
            self._mass.unregister(person.sock)

    def resume(self, people: Sequence[Ours]) -> None:
        """Have ``people`` read as part of the mass."""
        for person in people:
            self._by_descriptor[person.sock.fileno()] = person
            self._mass.register(person.sock, select.EPOLLIN)

    def cut(self, people: Sequence[Ours]) -> None:
        """End the connections of ``people`` of the mass without a word."""
        self.pause(people)
        for person in people:
            person.leave()

    def dismiss(self, people: Sequence[Ours]) -> None:
        """``people`` of the mass need hear nothing any more."""
        gone = set(people)
        self.members = [member for member in self.members if member not in gone]

    def run(self, until: Callable[[], bool], patience: float) -> None:
        """Let everybody talk, hear and enter ``until`` something is so.

        Raises :class:`FaultError` when it is not within ``patience`` seconds.
        """
        end = time.monotonic() + patience
        while not until():
            now = time.monotonic()
            if now > end:
                raise FaultError(f"it is not done after {patience:g} s")
            while self.rate and self._due <= now:
                self._say(1)
                self._due += 1 / self.rate
            self._flush()
            self._let_in()
            self._attend_to_all(0 if self._arrivals else 0.02)

    def wait(self, seconds: float) -> None:
        """Let everybody talk and hear for so long."""
        end = time.monotonic() + seconds
        self.run(lambda: time.monotonic() >= end, 2 * seconds)

    def leave(self) -> None:
        """End all connections."""
        super().leave()
        self._mass.close()

    def _listen(self, timeout: float, *, timed: bool) -> None:
        del timed
        self._attend_to_all(timeout)

    def _is_heard(self) -> bool:
        return all(person.heard == self._sent for person in self._audience)

    def _let_in(self) -> None:
        for _ in range(STEP):
            if not self._arrivals or len(self._entering) >= self._at_once:
                return
            person = self._arrivals.popleft()
            person.begin()
            self._entering.add(person)
            self.resume([person])

    def _attend_to_all(self, timeout: float) -> None:
        for descriptor, _ in self._poll.poll(timeout):
            if descriptor == self._mass.fileno():
                self._attend_to_mass()
            else:
                self._time(self._by_descriptor[descriptor])

    def _attend_to_mass(self) -> None:
        for descriptor, _ in self._mass.poll(0, STEP):
            person = cast(Ours, self._by_descriptor[descriptor])
            try:
                person.take()
            except EndedError:
                if person not in self._entering:
                    raise
                self._try_again(person)
            if person in self._entering and not person.is_entering:
                self._entering.discard(person)

    def _try_again(self, person: Ours) -> None:
        """As every client does whom a busy server has dropped before the login."""
        self.dropped += 1
        self.cut([person])
        self._entering.discard(person)
        self._arrivals.append(person)
