"""A server and its clients in one process, without sockets: only the client's work is counted."""

import os
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from geventim.chat.values import Access
from geventim.client.agent import Agent
from geventim.client.answers import Answer
from geventim.client.events import Event
from geventim.client.kept.memory import Memory
from geventim.client.people.profile import Keys, Profile
from geventim.crypto.signature import SigningKey
from geventim.lines.line_mode import LineMode
from geventim.service.dispatch import Policy, Service
from geventim.service.happenings import Happening
from geventim.service.sessions import Session
from geventim.store.memory.store import MemoryStore
from geventim.store.vault.vault import Vault
from tests.client.surroundings import Audience, Journal

SERVER_KEY = bytes(range(32))
SIGNER = SigningKey(SERVER_KEY)


class Timers:
    """Nothing here is ever late, so nothing that waits for lateness is ever called.

    Whoever writes seems to take a second for each frame, as a person may: nobody is held back for
    writing too much. ``frames`` is how many there were.
    """

    frames = 0

    def now(self) -> float:
        """The clock that says so."""
        return time.time() + self.frames

    def elapsed(self) -> float:
        """The seconds that these have taken."""
        return float(self.frames)

    def soon(self, call: Callable[[], None]) -> None:
        """Now: nothing comes together here."""
        call()

    def later(self, _: float, __: Callable[[], None]) -> "Timers":
        """Never."""
        return self

    def cancel(self) -> None:
        """It does not happen anyway."""


class Line:
    """One connection; ``frames`` are those on their way to the client."""

    congested = False

    def __init__(self, channel_key: bytes) -> None:
        self.session = Session(self)
        self.session.channel_key = channel_key
        self.frames: deque[bytes] = deque()
        self.behind = False

    def send(self, frame: bytes) -> None:
        """Put ``frame`` on its way."""
        self.frames.append(frame)

    def admit(self) -> None:
        """There are no limits to lift."""

    def pause(self, _: float) -> bool:
        """Nobody else waits."""
        return True

    def note(self, happening: Happening, detail: str = "") -> None:
        """Nobody keeps a log here."""

    def watch(self) -> None:
        """Nobody is silent here."""

    def catch_up(self) -> None:
        """Have the rest of the log sent."""
        self.behind = True

    def close(self) -> None:
        """Give up: there is nothing to measure then."""
        raise SystemExit("the server has ended a connection")


class Server:
    """The service that eim-server runs, and nothing around it; its first ids are ``drawn``."""

    def __init__(self, *drawn: bytes) -> None:
        policy, first = Policy(SERVER_KEY, Access.OPEN), iter(drawn)
        draw = lambda size: next(first, None) or os.urandom(size)  # noqa: E731 - used once
        self._timers = timers = Timers()
        self.service = Service(Journal(MemoryStore()), timers, Audience, draw, SIGNER, policy)

    def receive(self, line: Line, frame: bytes) -> None:
        """Take a frame of a client, and do what it leads to."""
        self._timers.frames += 1
        self.service.receive(line.session, frame)
        while line.behind:
            line.behind = self.service.catch_up(line.session)


def make_profile(nick: str, room: str = "lobby") -> Profile:
    """Somebody new."""
    return Profile(nick, room, "loopback", SERVER_KEY, Keys.generate(os.urandom))


class Desk:
    """A client as it is run for people: what it is given, it settles, and keeps in its vault.

    ``spent`` is the processor time of that, in seconds; without a ``place`` nothing is kept.
    """

    def __init__(self, server: Server, profile: Profile, place: Path | None) -> None:
        self.agent = Agent(profile, Memory({}), clock=time.time, random=os.urandom)
        self.line = Line(profile.keys.channel.public)
        self.events: list[Event | Answer] = []
        self._lines = LineMode(profile.nick, profile.room)
        self.spent = 0.0
        self._server = server
        self._vault = None if place is None else Vault.open(place, os.urandom)

    def give(self, call: Callable[[Agent], None]) -> None:
        """Give something to the agent, keep what has changed, and send what is to be sent."""
        agent, start = self.agent, time.process_time()
        call(agent)
        while works := agent.take_work():
            for work in works:
                agent.finished(work, work.wish.call())
        for event in agent.take_events():
            self.events += self._lines.take(event).told
        changes, frames = agent.take_changes(), agent.take_frames()
        if self._vault is not None and changes:
            self._vault.put(changes)
        self.spent += time.process_time() - start
        for frame in frames:
            self._server.receive(self.line, frame)

    def type(self, *lines: str) -> None:
        """Type lines, all at once."""

        def wish(agent: Agent) -> None:
            for line in lines:
                for wanted in self._lines.type(line).wishes:
                    agent.grant(wanted)

        self.give(wish)

    def read(self, together: int = 1) -> None:
        """Take everything that is on its way, so many frames at a time."""
        frames = self.line.frames
        while frames:
            record = b"".join(frames.popleft() for _ in range(min(together, len(frames))))
            self.give(lambda agent, record=record: agent.receive(record))

    def enter(self) -> None:
        """Connect, and be in the room."""
        self.give(Agent.connected)
        self.read()

    def close(self) -> None:
        """Close the vault."""
        if self._vault is not None:
            self._vault.close()
