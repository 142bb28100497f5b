"""Requests on their way, and whose reply came."""

from collections.abc import Callable
from typing import Final

import msgspec

from geventim.chat.codec import encode
from geventim.chat.replies import Error, Reply
from geventim.chat.requests import TakeTurn
from geventim.client.effects import Ask
from geventim.errors import PeerError

Then = Callable[[Reply, bytes], None]

LASTING: Final = frozenset({TakeTurn})
"""Requests whose reply comes when others have let it."""


class Exchange:
    """Numbers the requests of one connection after the other, and finds the owner of a reply."""

    def __init__(self) -> None:
        self._number = 0
        self._waiting: dict[int, tuple[Ask, Then]] = {}
        self._frames: list[bytes] = []

    def send(self, ask: Ask, then: Then) -> None:
        """Have ``then`` called with the reply, an :class:`Error` or what ``ask`` expects.

        The bytes after it are its payload.
        """
        self._number += 1
        self._waiting[self._number] = ask, then
        request = msgspec.structs.replace(ask.request, id=self._number)
        self._frames.append(encode(request, ask.payload))

    def receive(self, reply: Reply, payload: bytes = b"") -> None:
        """Give ``reply`` to whoever waits for it.

        Raises :class:`PeerError` if nobody does, or if it is not of the type they expect.
        """
        if reply.id not in self._waiting:
            raise PeerError("a reply to nothing that was asked")
        ask, then = self._waiting[reply.id]
        if not isinstance(reply, Error | ask.expected):
            raise PeerError("a reply that does not fit its request")
        del self._waiting[reply.id]
        then(reply, payload)

    @property
    def is_awaited(self) -> bool:
        """Whether a reply should come soon."""
        return any(type(ask.request) not in LASTING for ask, _ in self._waiting.values())

    def take_frames(self) -> list[bytes]:
        """The frames to send; each is handed out once."""
        frames, self._frames = self._frames, []
        return frames

    def reset(self) -> None:
        """The connection is gone, and with it every request on its way."""
        self._waiting.clear()
        self._frames.clear()
