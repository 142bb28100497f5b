"""Requests and replies to frames and back.

A frame is a 4-byte length and a JSON object, then as many raw bytes as the object's ``payload``
says. One record holds whole frames.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Final, Generic, TypeVar

import msgspec
from msgspec import Meta, Struct

from geventim.chat import limits
from geventim.chat.replies import AnyEvent, AnyReply
from geventim.chat.requests import AnyRequest
from geventim.chat.values import Count
from geventim.errors import PeerError
from geventim.wire.frames import FrameReader, prefix

_encoder = msgspec.json.Encoder()

Message = TypeVar("Message", bound=Struct)


class Malformed(Struct, frozen=True):
    """A frame that is JSON but no message we know; ``id`` is that of the request, if it was one."""

    id: int | None
    type: str
    reason: str


class _Outline(Struct):
    """What can be read from a message of unknown type."""

    type: Annotated[str, Meta(max_length=64)] = ""
    id: Count | None = None
    payload: Count = 0


_outline = msgspec.json.Decoder(_Outline)

_REFUSED: Final = (msgspec.MsgspecError, UnicodeError, RecursionError)


class Decoder(Generic[Message]):
    """Decodes the messages of one direction, whose JSON objects have at most ``limit`` bytes."""

    def __init__(self, messages: Any, limit: int) -> None:
        self._decoder = msgspec.json.Decoder(messages)
        self._limit = limit

    def decode(self, data: bytes) -> Iterator[tuple[Message | Malformed, bytes]]:
        """Every message in ``data`` with its payload, in order.

        Unknown fields are ignored; an unknown or invalid message is :class:`Malformed`. Raises
        :class:`PeerError` for what is not made of frames and JSON objects.
        """
        reader = FrameReader(data)
        while not reader.at_end:
            header = reader.take_frame()
            if len(header) > self._limit:
                raise PeerError("the JSON object of a frame is too long")
            message = self._message(header)
            count = message[1]
            yield message[0], reader.take(count) if count else b""

    def _message(self, header: bytes) -> tuple[Message | Malformed, int]:
        try:
            message = self._decoder.decode(header)
        except _REFUSED as error:
            outline = _read_outline(header)
            return Malformed(outline.id, outline.type, str(error)), outline.payload
        # A later version may let bytes follow where this one knows of none; they are skipped.
        payload = getattr(message, "payload", None)
        return message, _read_outline(header).payload if payload is None else payload


def split(data: bytes) -> Iterator[bytes]:
    """Every message in ``data`` by itself, as it came; raises what :meth:`Decoder.decode` does."""
    reader = FrameReader(data)
    while not reader.at_end:
        header = reader.take_frame()
        yield prefix(header) + reader.take(_read_outline(header).payload)


def _read_outline(header: bytes) -> _Outline:
    try:
        return _outline.decode(header)
    except _REFUSED:
        raise PeerError("a frame does not hold a JSON object of ours") from None


requests: Final[Decoder[AnyRequest]] = Decoder(AnyRequest, limits.HEADER_SIZE)
"""Decodes what a client sends."""

replies: Final[Decoder[AnyReply | AnyEvent]] = Decoder(
    AnyReply | AnyEvent, limits.REPLY_HEADER_SIZE
)
"""Decodes what a server sends."""


def encode(message: Struct, payload: bytes = b"") -> bytes:
    """The frame of ``message``; one with a payload must have its size in the field ``payload``."""
    return prefix(_encoder.encode(message)) + payload
