"""What a service needs around it: a clock that tests move, a journal, and lines."""

import heapq
from collections import deque
from collections.abc import Callable, Collection, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any

from geventim.errors import StoreError
from geventim.log.changes import Change
from geventim.log.outcomes import Outcome
from geventim.service.happenings import Happening
from geventim.service.sessions import Session
from geventim.store.memory.store import MemoryStore

if TYPE_CHECKING:
    from tests.client.world import World


START = 1_700_000_000.0


class Timers:
    """A clock, and calls in the future."""

    def __init__(self) -> None:
        self.time = START
        self._order = count()
        self._calls: list[tuple[float, int, Call]] = []

    def now(self) -> float:
        return self.time

    def elapsed(self) -> float:
        return 0.0

    def soon(self, call: Callable[[], None]) -> None:
        self.later(0.0, call)

    def later(self, seconds: float, call: Callable[[], None]) -> "Call":
        made = Call(call)
        heapq.heappush(self._calls, (self.time + seconds, next(self._order), made))
        return made

    @property
    def next(self) -> float | None:
        while self._calls and self._calls[0][2].call is None:
            heapq.heappop(self._calls)
        return self._calls[0][0] if self._calls else None

    def ring(self) -> bool:
        """Make the calls that are due; whether there were any."""
        due = False
        while self.next is not None and self.next <= self.time:
            call = heapq.heappop(self._calls)[2].call
            if call is not None:
                call()
                due = True
        return due


class Call:
    def __init__(self, call: Callable[[], None]) -> None:
        self.call: Callable[[], None] | None = call

    def cancel(self) -> None:
        self.call = None


class Journal:
    """A memory store that answers at once."""

    def __init__(self, store: MemoryStore) -> None:
        self.store = store
        self.failing = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)

    def commit(self, changes: Sequence[Change]) -> list[Outcome]:
        if self.failing:
            raise StoreError("the disk is full")
        return self.store.commit(changes)

    def submit(
        self,
        change: Change,
        done: Callable[[Outcome | StoreError], None],
        within: float = 0.0,
    ) -> None:
        try:
            (outcome,) = self.commit([change])
        except StoreError as error:
            done(error)
        else:
            done(outcome)

    def settle(self) -> None:
        """Nothing waits."""


class Audience:
    def __init__(self) -> None:
        self._outlets: list[Line] = []

    def add(self, outlet: "Line") -> None:
        self.discard(outlet)
        self._outlets.append(outlet)

    def discard(self, outlet: "Line") -> None:
        if outlet in self._outlets:
            self._outlets.remove(outlet)

    def expel(self, outlet: "Line") -> None:
        self.discard(outlet)

    def renew(self) -> None:
        """Keys are not what is tested here."""

    def __len__(self) -> int:
        return len(self._outlets)

    def outlets(self) -> list["Line"]:
        return list(self._outlets)

    def deliver(self, frames: Sequence[bytes], but: Collection["Line"]) -> list["Line"]:
        for outlet in self.outlets():
            if outlet not in but:
                for frame in frames:
                    outlet.send(frame)
        return []


class Line:
    """One connection: ``up`` and ``down`` are the frames on their way, whole ones."""

    congested = False

    def __init__(self, world: "World", channel_key: bytes) -> None:
        self._world = world
        self.session = Session(self)
        self.session.channel_key = channel_key
        self.up: deque[bytes] = deque()
        self.down: deque[bytes] = deque()
        self.behind = False
        self.closed = False

    def send(self, frame: bytes) -> None:
        if not self.closed:
            self.down.append(frame)

    def admit(self) -> None:
        pass

    def note(self, happening: Happening, detail: str = "") -> None:
        """Nobody keeps a log here."""

    def watch(self) -> None:
        """Nobody is silent here."""

    def catch_up(self) -> None:
        self.behind = True

    def pause(self, seconds: float) -> bool:
        return not self.closed

    def close(self) -> None:
        self.closed = True

    def hang_up(self) -> None:
        """The connection breaks; the server notices."""
        self.closed = True
        self.up.clear()
        self.down.clear()
        for audience in self._world.audiences:
            audience.discard(self)
        self._world.service.end(self.session)
