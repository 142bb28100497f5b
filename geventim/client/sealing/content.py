"""The content frame: what the payload of a message entry says.

A 4-byte length and a JSON object with ``nick``, ``message``, ``date`` (seconds since the epoch) and
``kind``. A secret has an empty ``message``, and ``sealed`` in its place; a new key for a room
brings what it stretches to.
"""

import enum
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from geventim.chat.requests import Name
from geventim.chat.values import Id
from geventim.client.sealing.engine import BUCKETS
from geventim.errors import DeniedError, PeerError, UserError
from geventim.wire.frames import FrameReader, prefix

END_OF_TIME: Final = 253_402_128_000.0
"""Two days before the year 10000, which no calendar of ours can show: by some clocks it is there
a day earlier.
"""

LARGEST: Final = BUCKETS[-1] - 1024
"""Bytes in a content frame: with signature and padding around it, it fits a log entry."""

Date = Annotated[float, Meta(ge=0, lt=END_OF_TIME)]


class ContentKind(enum.StrEnum):
    """Whom a message is for: a room, one person, a group, or one person with the right key.

    A key is for the members of a keyed room, which is about to have it.
    """

    ROOM = "room"
    PRIVATE = "private"
    GROUP = "group"
    SECRET = "secret"  # noqa: S105 (not a password)
    KEY = "key"


SEALED: Final = frozenset({ContentKind.SECRET, ContentKind.KEY})
"""Those that carry more than their message says."""


class Content(Struct, frozen=True, omit_defaults=True):
    """What somebody wrote, and when by their own clock.

    ``id`` is that of the entry in which it was written first, where it is written again.
    """

    nick: Name
    message: str
    date: Date
    kind: ContentKind
    sealed: bytes = b""
    id: Id | None = None

    def __repr__(self) -> str:
        return f"<{self.kind} content>"


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Content)


def encode(content: Content) -> bytes:
    """The payload that carries ``content``.

    Raises :class:`UserError` with code ``too_large`` if no entry can hold it.
    """
    payload = prefix(_encoder.encode(content))
    if len(payload) > LARGEST:
        raise too_large()
    return payload


def again(payload: bytes, first: bytes) -> bytes:
    """The same content, written again: it was written first in the entry ``first``.

    :data:`LARGEST` leaves room for that.
    """
    return prefix(_encoder.encode(msgspec.structs.replace(parse(payload), id=first)))


def decode(payload: bytes, author: str, kinds: frozenset[ContentKind]) -> Content:
    """The content of an entry by ``author``.

    Raises :class:`PeerError` for anything that is not exactly one valid content of theirs, of one
    of the ``kinds`` that fit its conversation.
    """
    content = parse(payload)
    if content.nick != author:
        raise PeerError("a message names another author than its entry")
    if content.kind not in kinds:
        raise PeerError("a message in a conversation of another kind")
    if (content.kind in SEALED) != bool(content.sealed):
        raise PeerError("a secret or a key, and nothing else, has a sealed part")
    return content


def parse(payload: bytes) -> Content:
    """The content of ``payload``, whoever it is from. Raises :class:`PeerError`."""
    reader = FrameReader(payload)
    body = reader.take_frame()
    if not reader.at_end:
        raise PeerError("something follows the content of a message")
    try:
        return _decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        raise PeerError("that is not the content of a message") from None


def too_large() -> UserError:
    """What is said of a message that no entry can hold."""
    return DeniedError("too_large", size=LARGEST)
