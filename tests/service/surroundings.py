"""What a service needs around it: a clock that tests move, a journal, groups of listeners."""

import heapq
from collections.abc import Callable, Collection, Sequence
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

from geventim.errors import StoreError
from geventim.log.blobs import Blob
from geventim.log.changes import Change
from geventim.log.outcomes import Outcome
from geventim.store.memory.store import MemoryStore

if TYPE_CHECKING:
    from tests.service.doubles import Client


START = 1_700_000_000.0


Done = Callable[[Outcome | StoreError], None]


class Timers:
    """A clock that a test moves.

    A pass of the event loop is one call, unless a test is ``gathering``: then it lasts until
    :meth:`finish_pass`. It takes no time but ``length``.
    """

    def __init__(self) -> None:
        self.gathering = False
        self.length = 0.0
        self._pass: list[Callable[[], None]] = []
        self._now = START
        self._order = count()
        self._calls: list[tuple[float, int, Call]] = []

    def now(self) -> float:
        return self._now

    def elapsed(self) -> float:
        return self.length

    def soon(self, call: Callable[[], None]) -> None:
        self._pass.append(call)
        if not self.gathering:
            self.finish_pass()

    def finish_pass(self) -> None:
        calls, self._pass = self._pass, []
        for call in calls:
            call()

    def later(self, seconds: float, call: Callable[[], None]) -> "Call":
        made = Call(call)
        heapq.heappush(self._calls, (self._now + seconds, next(self._order), made))
        return made

    def set(self, seconds: float) -> None:
        """Have the clock say so many seconds more; nothing is due earlier or later by that."""
        self._now += seconds
        self._calls = [(time + seconds, order, call) for time, order, call in self._calls]

    def forget(self) -> None:
        """Make none of the calls."""
        self._calls.clear()

    def advance(self, seconds: float) -> None:
        """Let ``seconds`` pass, and happen what is due."""
        end = self._now + seconds
        while self._calls and self._calls[0][0] <= end:
            self._now, _, due = heapq.heappop(self._calls)
            call, due.call = due.call, None
            if call is not None:
                due.running = True
                call()
                due.running = False
        self._now = end


class Call:
    """A call to come; while it is made it must not be cancelled, which would end its greenlet."""

    def __init__(self, call: Callable[[], None]) -> None:
        self.call: Callable[[], None] | None = call
        self.running = False

    def cancel(self) -> None:
        assert not self.running
        self.call = None


class Journal:
    """A memory store as a journal.

    Changes are committed and answered at once, unless ``stepwise``: then :meth:`write` commits the
    first that waits, and :meth:`answer` gives the first answer. With ``failing`` nothing can be
    stored. ``leisure`` is how long the last change may have waited.
    """

    def __init__(self, store: MemoryStore) -> None:
        self.store = store
        self.stepwise = False
        self.failing = False
        self.leisure = 0.0
        self.unwritten: list[tuple[Change, Done]] = []
        self.unanswered: list[Callable[[], None]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)

    def commit(self, changes: Sequence[Change]) -> list[Outcome]:
        while self.unwritten:
            self.write()
        while self.unanswered:
            self.answer()
        return self._commit(changes)

    def submit(self, change: Change, done: Done, within: float = 0.0) -> None:
        self.leisure = within
        self.unwritten.append((change, done))
        if not self.stepwise:
            self.write()
            self.answer()

    def settle(self) -> None:
        self.commit([])

    def write(self) -> None:
        """Commit the first change that waits."""
        change, done = self.unwritten.pop(0)
        try:
            (outcome,) = self._commit([change])
        except StoreError as error:
            self.unanswered.append(partial(done, error))
        else:
            self.unanswered.append(partial(done, outcome))

    def answer(self) -> None:
        """Give the first answer."""
        self.unanswered.pop(0)()

    def _commit(self, changes: Sequence[Change]) -> list[Outcome]:
        if self.failing:
            raise StoreError("the disk is full")
        return self.store.commit(changes)


class Contents:
    """The chunks of blobs in memory.

    They are put at once, unless ``stepwise``: then :meth:`write` puts the first that waits. With
    ``failing`` nothing can be put or read.
    """

    def __init__(self) -> None:
        self.chunks: dict[bytes, list[bytes]] = {}
        self.waiting: list[tuple[Blob, int, bytes, Callable[[int | StoreError], None]]] = []
        self.stepwise = False
        self.failing = False
        self.is_full = False
        self.free = 2**40

    def put(
        self, blob: Blob, index: int, chunk: bytes, done: Callable[[int | StoreError], None]
    ) -> None:
        self.waiting.append((blob, index, chunk, done))
        if not self.stepwise:
            self.write()

    def write(self) -> None:
        """Put the first chunk that waits."""
        blob, index, chunk, done = self.waiting.pop(0)
        if self.failing:
            done(StoreError("the disk is full"))
            return
        chunks = self.chunks.setdefault(blob.id, [])
        if index == len(chunks):
            chunks.append(chunk)
        done(len(chunks))

    def count(self, blob: Blob) -> int:
        while self.waiting:
            self.write()
        return len(self.chunks.get(blob.id, ()))

    def get(self, blob: Blob, index: int) -> bytes | None:
        if self.failing:
            raise StoreError("the disk is broken")
        return self.chunks[blob.id][index] if blob.id in self.chunks else None

    def remove(self, blobs: Sequence[bytes]) -> None:
        if self.failing:
            raise StoreError("the disk is broken")
        for blob in blobs:
            self.chunks.pop(blob, None)

    def places(self) -> int:
        return 2

    def list(self, place: int) -> list[bytes]:
        return [blob for blob in self.chunks if blob[0] % 2 == place]


class Audience:
    """``keys`` says which generation of its key each client can read."""

    def __init__(self) -> None:
        self._outlets: list[Client] = []
        self.generation = 1
        self.keys: dict[Client, int] = {}

    def add(self, outlet: "Client") -> None:
        self.discard(outlet)
        self._outlets.append(outlet)

    def discard(self, outlet: "Client") -> None:
        if outlet in self._outlets:
            self._outlets.remove(outlet)

    def expel(self, outlet: "Client") -> None:
        self.discard(outlet)
        self.keys.pop(outlet, None)
        self.renew()

    def renew(self) -> None:
        self.generation += 1

    def __len__(self) -> int:
        return len(self._outlets)

    def outlets(self) -> list["Client"]:
        return list(self._outlets)

    def deliver(self, frames: Sequence[bytes], but: Collection["Client"]) -> list["Client"]:
        congested = [outlet for outlet in self._outlets if outlet.congested and outlet not in but]
        for outlet in self.outlets():
            if outlet not in but and outlet not in congested:
                self.keys[outlet] = self.generation
                for frame in frames:
                    outlet.send(frame)
        return congested
