"""A crowd in one room: it connects, a few speak, everyone hears, and everything is checked."""

import select
import time
from collections.abc import Callable

from kit.entries import RecordTranscript
from kit.member import Member
from kit.messenger import Ours
from kit.streams import IRC, MQTT, StreamTranscript
from kit.transcript import FaultError, Transcript, write_message

from geventim.load.latency import Latencies

DIALECTS: dict[str, tuple[type[Member], Callable[[], Transcript]]] = {
    "ours": (Ours, RecordTranscript),
    "ngircd": (IRC, lambda: StreamTranscript(IRC)),
    "inspircd": (IRC, lambda: StreamTranscript(IRC)),
    "mosquitto": (MQTT, lambda: StreamTranscript(MQTT)),
}
"""How each server is spoken to, and what is kept of what it says."""

SIZE = 200
"""Bytes in a message, unless it is said otherwise."""

AT_ONCE = 32
"""Members who enter at the same time."""

SILENCE = 20.0
"""Seconds after which what has not arrived is lost."""


class Crowd:
    """``count`` members, of whom the first ``speakers`` say messages of ``size`` bytes."""

    def __init__(
        self, server: str, address: str, count: int, speakers: int, size: int = SIZE
    ) -> None:
        dialect, transcript = DIALECTS[server]
        self.transcript = transcript()
        self.members = [
            dialect(address, number, self.transcript, speaks=number < speakers)
            for number in range(count)
        ]
        self._size = size
        self._speakers = self.members[:speakers]
        self._numbers = [0] * speakers
        self._turn = 0
        self._sent = 0
        self._poll = select.epoll()
        self._by_descriptor: dict[int, Member] = {}
        self.heard_per_message = count if dialect.hears_itself else count - 1
        self.latencies = Latencies()

    @property
    def deliveries(self) -> int:
        """How many there were, of messages that everyone has heard."""
        return self._heard_by_all() * self.heard_per_message

    def enter(self, members: list[Member]) -> None:
        """Connect ``members``, some at the same time, while the others go on hearing."""
        for start in range(0, len(members), AT_ONCE):
            together = members[start : start + AT_ONCE]
            type(together[0]).enter_together(together)
            for member in together:
                self._attend(member)
            self._hear(0, _forget)

    def settle(self, seconds: float) -> None:
        """Let pass what has nothing to do with the measurement."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._hear(0.05, _forget)

    def talk(self, rate: float, seconds: float, *, timed: bool) -> None:
        """Have ``rate`` messages a second said, in turn, for so many seconds."""
        start, count = time.monotonic(), round(rate * seconds)
        for number in range(count):
            while (wait := start + number / rate - time.monotonic()) > 0:
                self._listen(wait, timed=timed)
            self._say(1)
        self._await_all(timed=timed)

    def flood(self, window: int, seconds: float) -> None:
        """Have as much said as everyone can hear, with so many messages on their way."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            ready = self._heard_by_all() + window - self._sent
            if ready > 0:
                self._say(max(1, ready // len(self._speakers)), ready)
            self._flush()
            self._listen(0.01, timed=False)

    def finish(self) -> None:
        """Wait until everything has been heard by everyone."""
        self._await_all(timed=False)

    def leave(self) -> None:
        """End all connections."""
        for member in self.members:
            member.leave()
        self._poll.close()

    def _attend(self, member: Member) -> None:
        """Hear what ``member`` is told from now on."""
        self._by_descriptor[member.sock.fileno()] = member
        self._poll.register(member.sock, select.EPOLLIN)

    def _say(self, each: int, most: int = 1) -> None:
        """Have one speaker after the other say ``each`` messages, until there were ``most``."""
        while most > 0:
            speaker, most = self._turn, most - each
            self._turn = (speaker + 1) % len(self._speakers)
            now = time.monotonic()
            messages = []
            for _ in range(each):
                self._numbers[speaker] += 1
                messages.append(write_message(speaker, self._numbers[speaker], now, self._size))
            self._sent += each
            self._speakers[speaker].say(messages)

    def _flush(self) -> None:
        for speaker in self._speakers:
            speaker.flush()

    def _hear(self, timeout: float, take: Callable[[Member], None]) -> None:
        for descriptor, _ in self._poll.poll(timeout):
            take(self._by_descriptor[descriptor])

    def _listen(self, timeout: float, *, timed: bool) -> None:
        if not timed:
            self._hear(timeout, _take)
            return
        for descriptor, _ in self._poll.poll(timeout):
            self._time(self._by_descriptor[descriptor])

    def _time(self, member: Member) -> None:
        """Have ``member`` take what has arrived, and note how long it was on its way."""
        before = member.heard
        member.take()
        now = time.monotonic()
        for index in range(before, member.heard):
            if self.transcript.senders[index] != member.number:
                self.latencies.add(now - self.transcript.times[index])

    def _heard_by_all(self) -> int:
        positions = [member.position for member in self.members if member.echo is None]
        heard = [self.transcript.heard(min(positions))] if positions else []
        return min(heard + [member.heard for member in self.members if member.echo is not None])

    def _await_all(self, *, timed: bool) -> None:
        done, deadline = self._heard_by_all(), time.monotonic() + SILENCE
        while done < self._sent:
            if time.monotonic() > deadline:
                raise FaultError(f"{self._sent - done} messages did not reach everyone")
            self._flush()
            self._listen(0.05, timed=timed)
            now = self._heard_by_all()
            if now > done:
                done, deadline = now, time.monotonic() + SILENCE


def _take(member: Member) -> None:
    member.take()


def _forget(member: Member) -> None:
    member.forget()
