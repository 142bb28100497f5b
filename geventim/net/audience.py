"""Those who hear the same: a gevent group of client greenlets, with a key that they share.

The key is drawn when there is something to deliver, given to everyone present before that, and to
whoever comes later when they come. So a group in which nothing is said costs nothing.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar, cast

from gevent import Greenlet
from gevent.pool import Group

from geventim.channel.room import CAPACITY, KEY_SIZE, RoomKey, RoomRecord, RoomSealer
from geventim.net.connection import Connection
from geventim.net.outbox import Outbox

TOGETHER: Final = 64
"""Listeners whose tags are made before the first of them is written to.

What a tag takes and what a write takes push each other out of the processor's caches.
"""


class Listener(Protocol):
    """Whoever has a connection and a greenlet; the greenlet ends when the connection does."""

    connection: Connection
    greenlet: "ClientGreenlet"

    @property
    def congested(self) -> bool:
        """Whether so much is waiting that nothing more should be delivered for now."""


if TYPE_CHECKING:
    _Greenlet = Greenlet[..., object]
else:
    _Greenlet = Greenlet


class ClientGreenlet(_Greenlet):
    """The greenlet of one client; ``client`` is set by whoever runs in it."""

    # With a slot there is no dictionary, in memory and on the way to the client.
    __slots__ = ("client",)

    client: Listener


L = TypeVar("L", bound=Listener)


class Tally:
    """``deliveries`` counts what was given to somebody."""

    __slots__ = ("deliveries",)

    def __init__(self) -> None:
        self.deliveries = 0


class Audience(Generic[L]):
    """A group of greenlets, seen as their clients; a greenlet that ends leaves by itself.

    ``numbers`` gives a number that no other audience of this process has; ``random`` returns so
    many unpredictable bytes. The ``tally`` may be shared.
    """

    __slots__ = ("_generation", "_group", "_number", "_random", "_sealer", "_tally")

    def __init__(
        self,
        numbers: Iterator[int],
        random: Callable[[int], bytes],
        tally: Tally | None = None,
    ) -> None:
        self._tally = tally or Tally()
        self._number = next(numbers)
        self._random = random
        self._generation = 0
        self._sealer: RoomSealer | None = None
        self._group = Group()

    def __len__(self) -> int:
        """How many are present."""
        return len(self._group)

    def add(self, outlet: L) -> None:
        """Deliver to ``outlet`` from now on."""
        self._group.discard(outlet.greenlet)  # a group would count twice who is added twice
        self._group.add(outlet.greenlet)
        if self._sealer is not None:
            outlet.connection.share(self._sealer.key)

    def discard(self, outlet: L) -> None:
        """Deliver to ``outlet`` no longer."""
        self._group.discard(outlet.greenlet)

    def expel(self, outlet: L) -> None:
        """Deliver to ``outlet`` no longer, and let it read nothing that is delivered later."""
        self.discard(outlet)
        outlet.connection.retire(self._number)
        self.renew()

    def renew(self) -> None:
        """Use a new key from now on."""
        self._sealer = None

    def outlets(self) -> list[L]:
        """Those present now; a copy, because some may end while it is walked."""
        return [cast(L, cast(ClientGreenlet, greenlet).client) for greenlet in self._group]

    def deliver(self, frames: Sequence[bytes], but: Collection[L]) -> list[L]:
        """Send ``frames`` to everyone present ``but`` those; never blocks.

        Returns whom nothing was sent to, because too much is waiting for them already.
        """
        greenlets = cast("set[ClientGreenlet]", self._group.greenlets)
        listeners = [greenlet.client for greenlet in greenlets]
        if but:
            listeners = [listener for listener in listeners if listener not in but]
        if not listeners:
            return []
        # Nothing below lets others run, so nobody can come or end meanwhile.
        sealer = self._sealer
        if sealer is None or sealer.spent:
            sealer = self._draw()
        records = list(_seal(sealer, frames))
        congested: list[L] = []
        for start in range(0, len(listeners), TOGETHER):
            congested += self._write(listeners[start : start + TOGETHER], frames, records)
        self._tally.deliveries += (len(listeners) - len(congested)) * len(frames)
        return congested

    def _write(
        self,
        listeners: Sequence[Listener],
        frames: Sequence[bytes],
        records: Sequence[RoomRecord],
    ) -> list[L]:
        """Write ``records``, or to who lacks their key ``frames``; returns whom nothing was."""
        congested: list[L] = []
        tagged: list[tuple[Outbox, bytes, bytes]] = []
        for listener in listeners:
            connection = listener.connection
            if connection.outbox.size and listener.congested:
                congested.append(cast(L, listener))
            elif connection.is_full and not self._is_shared(connection):
                for frame in frames:
                    connection.send(frame)
            else:
                for record in records:
                    tag = connection.tag(record)
                    tagged.append((connection.outbox, record.shared, tag))
        for outbox, shared, tag in tagged:
            if tag:
                outbox.put(shared + tag)
        return congested

    def _is_shared(self, connection: Connection) -> bool:
        """Whether the peer of ``connection`` holds the present key."""
        return connection.channel.generation(self._number) == self._generation

    def _draw(self) -> RoomSealer:
        """A new key, which everyone present is given, even who is passed over this time."""
        self._generation += 1
        key = RoomKey(self._number, self._generation, self._random(KEY_SIZE))
        for outlet in self.outlets():
            outlet.connection.share(key)
        self._sealer = RoomSealer(key, self._random)
        return self._sealer


def _seal(sealer: RoomSealer, frames: Sequence[bytes]) -> Iterator[RoomRecord]:
    """``frames`` in as few records as they fit into."""
    batch: list[bytes] = []
    size = 0
    for frame in frames:
        if batch and size + len(frame) > CAPACITY:
            yield sealer.seal(b"".join(batch))
            batch, size = [], 0
        batch.append(frame)
        size += len(frame)
    yield sealer.seal(b"".join(batch))
