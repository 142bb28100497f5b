"""Requests on their way, and whose reply came."""

from collections import deque
from collections.abc import Callable
from typing import Final

import msgspec

from geventim.chat.codec import encode
from geventim.chat.replies import Error, Reply
from geventim.chat.requests import PutChunk, Request, Subscribe, TakeTurn
from geventim.client.steps.attention import Subject
from geventim.client.steps.deferrals import Deferrals, Then
from geventim.client.steps.effects import Ask
from geventim.errors import PeerError

LASTING: Final = frozenset({TakeTurn})
"""Requests whose reply comes when others have let it."""

TOGETHER: Final = 32
"""Subscriptions that are on their way at the same time.

There can be thousands, and a server answers what one client asks one after the other: whatever the
user does would wait behind all of them.
"""

NEW: Final = 4
"""Subscriptions to what one has read nothing of yet; getting in takes long, too."""


class _Lane:
    """Subscriptions of which ``most`` are on their way at the same time."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.under_way = 0
        self.held_back: deque[tuple[Ask, Then]] = deque()

    def clear(self) -> None:
        """Nothing is on its way, nor will be."""
        self.under_way = 0
        self.held_back.clear()


class Exchange:
    """Numbers the requests of one connection after the other, and finds the owner of a reply.

    What the server is too busy for is asked again when it has said: see :class:`.Deferrals`.
    """

    def __init__(self, clock: Callable[[], float], tell: Callable[[float], None]) -> None:
        self._deferrals = Deferrals(clock, tell)
        self._number = 0
        self._waiting: dict[int, tuple[Ask, Then]] = {}
        self._known = _Lane(TOGETHER)
        self._new = _Lane(NEW)
        self._frames: list[bytes] = []
        self._chunks: deque[bytes] = deque()

    def send(self, ask: Ask, then: Then) -> None:
        """Have ``then`` called with the reply, an :class:`Error` or what ``ask`` expects.

        The bytes after it are its payload.
        """
        if not self._deferrals.take(ask, then):
            self._send(ask, then)

    @property
    def wake_at(self) -> float | None:
        """When to call :meth:`poll`, in seconds since the epoch."""
        return self._deferrals.wake_at

    def poll(self) -> None:
        """Ask again what is due."""
        for ask, then in self._deferrals.take_due():
            self._send(ask, then)

    def receive(self, reply: Reply, payload: bytes = b"") -> Request:
        """Give ``reply`` to whoever waits for it; the request that it answers.

        Raises :class:`PeerError` if nobody does, or if it is not of the type they expect.
        """
        if reply.id not in self._waiting:
            raise PeerError("a reply to nothing that was asked")
        ask, then = self._waiting[reply.id]
        if not isinstance(reply, Error | ask.expected):
            raise PeerError("a reply that does not fit its request")
        del self._waiting[reply.id]
        is_deferred = isinstance(reply, Error) and self._deferrals.defer(ask, then, reply)
        lane = self._lane(ask.request)
        if lane is not None:
            lane.under_way -= 1
            if lane.held_back:
                self.send(*lane.held_back.popleft())
        if is_deferred:
            return ask.request
        self._deferrals.settle()
        then(reply, payload)
        return ask.request

    def subject(self, reply: Reply) -> Subject | None:
        """The conversation that was asked about, if it was one."""
        asked = self._waiting.get(reply.id)
        conversation = getattr(asked[0].request, "conversation", None) if asked else None
        return None if conversation is None else Subject(conversation)

    @property
    def is_awaited(self) -> bool:
        """Whether a reply should come soon."""
        return any(type(ask.request) not in LASTING for ask, _ in self._waiting.values())

    def take_frames(self) -> list[bytes]:
        """The frames to send; each is handed out once."""
        frames, self._frames = self._frames, []
        return frames

    def take_chunk(self) -> bytes | None:
        """A frame to send when nothing else waits to be sent; each is handed out once."""
        return self._chunks.popleft() if self._chunks else None

    def reset(self) -> None:
        """The connection is gone, and with it every request on its way."""
        self._deferrals.clear()
        self._waiting.clear()
        self._known.clear()
        self._new.clear()
        self._frames.clear()
        self._chunks.clear()

    def _send(self, ask: Ask, then: Then) -> None:
        lane = self._lane(ask.request)
        if lane is not None:
            if lane.under_way == lane.most:
                lane.held_back.append((ask, then))
                return
            lane.under_way += 1
        self._number += 1
        self._waiting[self._number] = ask, then
        request = msgspec.structs.replace(ask.request, id=self._number)
        frame = encode(request, ask.payload)
        if type(request) is PutChunk:
            self._chunks.append(frame)
        else:
            self._frames.append(frame)

    def _lane(self, request: Request) -> _Lane | None:
        """Where ``request`` has to wait for others of its kind, if it has to."""
        if type(request) is not Subscribe:
            return None
        return self._known if request.after else self._new
