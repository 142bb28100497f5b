"""What the rim gives to the service."""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Protocol

from geventim.chat.bulletins import Bulletin
from geventim.errors import StoreError
from geventim.log.blobs import Blob
from geventim.log.changes import Change
from geventim.log.outcomes import Outcome
from geventim.log.store import Store
from geventim.service.happenings import Happening


class Outlet(Protocol):
    """The way to one client.

    Nothing but a pause blocks, and a closed outlet takes everything silently. The client is
    ``talking`` when what it asked for last was to say something small.
    """

    talking: bool

    @property
    def congested(self) -> bool:
        """Whether so much is waiting that entries should be left in the log for now."""

    def send(self, frame: bytes) -> None:
        """Send ``frame`` after everything that was sent before."""

    def admit(self) -> None:
        """The client has logged in: lift the limits that hold before."""

    def note(self, happening: Happening, detail: str = "") -> None:
        """The client has done something, or a request of it is refused with the code ``detail``."""

    def watch(self) -> None:
        """The client has announced signs of life: end the connection when there are none."""

    def catch_up(self) -> None:
        """Call :meth:`.dispatch.Service.catch_up` when nothing is waiting, until it has no more."""

    def supply(self, call: Callable[[], None]) -> None:
        """Have ``call`` made, which may wait and send, when nothing is waiting to be sent.

        Several are made one after the other. None is made any more once the connection has ended.
        """

    def pause(self, seconds: float) -> bool:
        """Let others go on, for ``seconds`` at least; False when the connection is being ended.

        Only its own requests may wait for this. What is left of them after the end is not answered.
        """

    def close(self) -> None:
        """Send what is waiting, then end the connection."""


class Audience(Protocol):
    """The outlets that hear the same; one that ends leaves by itself.

    What they hear is encrypted once, under a key that they share.
    """

    def add(self, outlet: Outlet) -> None:
        """Deliver to ``outlet`` from now on."""

    def discard(self, outlet: Outlet) -> None:
        """Deliver to ``outlet`` no longer."""

    def expel(self, outlet: Outlet) -> None:
        """Deliver to ``outlet`` no longer, and let it read nothing that is delivered from now on.

        It need not have been present.
        """

    def renew(self) -> None:
        """Use a new key from now on: somebody has left who may know the old one."""

    def __len__(self) -> int:
        """How many are present."""

    def outlets(self) -> Iterable[Outlet]:
        """Those present now, safe to walk while some of them end."""

    def deliver(self, frames: Sequence[bytes], but: Collection[Outlet]) -> Iterable[Outlet]:
        """Send ``frames`` to everyone present ``but`` those.

        Returns whom nothing was sent to, because too much is waiting for them already.
        """


class Timer(Protocol):
    """A call that will happen."""

    def cancel(self) -> None:
        """Let it not happen."""


class Timers(Protocol):
    """The clock, and calls in the future."""

    def now(self) -> float:
        """Seconds since the epoch."""

    def elapsed(self) -> float:
        """Seconds since this pass of the event loop has begun."""

    def soon(self, call: Callable[[], None]) -> None:
        """Have ``call`` made when what happens now has happened, before anything else does."""

    def later(self, seconds: float, call: Callable[[], None]) -> Timer:
        """Have ``call`` made in ``seconds``."""


class Journal(Store, Protocol):
    """A store that can also be told to commit without waiting for it."""

    def submit(
        self,
        change: Change,
        done: Callable[[Outcome | StoreError], None],
        within: float = 0.0,
    ) -> None:
        """Commit ``change`` with others that arrive ``within`` so many seconds, then call ``done``.

        The calls come in the order of the changes, and ``done`` must not block.
        """

    def settle(self) -> None:
        """Wait until everything that was submitted so far has been answered."""


class Contents(Protocol):
    """The chunks of blobs, on disk. All but :meth:`put` may wait.

    They raise :class:`geventim.errors.StoreError`.
    """

    @property
    def free(self) -> int:
        """Bytes that can still be written."""

    @property
    def is_full(self) -> bool:
        """Whether so much waits for the disk that nothing more should be put for now."""

    def put(
        self, blob: Blob, index: int, chunk: bytes, done: Callable[[int | StoreError], None]
    ) -> None:
        """Put a chunk if it is the next, then call ``done``, which must not block.

        It is told how many there are, on disk; they include the one in question, or it was not the
        next.
        """

    def count(self, blob: Blob) -> int:
        """How many chunks there are, on disk, once everything is answered that was put before."""

    def get(self, blob: Blob, index: int) -> bytes | None:
        """The chunk of a blob that is finished; None if there is nothing of it any more."""

    def remove(self, blobs: Sequence[bytes]) -> None:
        """Delete what there is of ``blobs``."""

    def places(self) -> int:
        """In how many parts all blobs can be listed."""

    def list(self, place: int) -> list[bytes]:
        """The blobs of one of these parts, of which there is something."""


class Neighbours(Protocol):
    """The other nodes of the service."""

    def tell(self, bulletin: Bulletin) -> None:
        """Tell all of them, after everything that was told before, without waiting for it.

        They hear what each has told in one order; see :meth:`.dispatch.Service.hear`.
        """

    def untold(self) -> Iterable[Bulletin]:
        """What comes after everything that was heard so far."""

    def acquire(self, conversation: bytes) -> bytes | None:
        """Have the turn in a conversation for a while: what to give back, None if it is taken.

        This may wait. Raises :class:`geventim.errors.StoreError`.
        """

    def release(self, conversation: bytes, lease: bytes) -> None:
        """Let other nodes have the turn, without waiting for it."""
