"""The content frame: what the payload of a message entry says.

A 4-byte length and a JSON object with ``nick``, ``message``, ``date`` (seconds since the epoch) and
``kind``. A secret has an empty ``message``, and ``sealed`` in its place; a new key for a room
brings what it stretches to.

Everything else is optional. Whoever does not know a member of the object, or finds a value there
that it cannot have, reads the message without it.
"""

import enum
import hashlib
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from geventim.chat.requests import Name
from geventim.chat.values import ID_SIZE, Id
from geventim.client.sealing.engine import BUCKETS
from geventim.errors import DeniedError, PeerError
from geventim.wire.frames import FrameReader, prefix

END_OF_TIME: Final = 253_402_128_000.0
"""Two days before the year 10000, which no calendar of ours can show: by some clocks it is there
a day earlier.
"""

LARGEST: Final = BUCKETS[-1] - 1024
"""Bytes in a content frame: with signature and padding around it, it fits a log entry."""

TEXT_SIZE: Final = 32 * 1024
"""Bytes of UTF-8 in a text; what is longer is a file."""

EXCERPT: Final = 160
"""Characters of a message that come along with the reply to it."""

EMOJI_SIZE: Final = 32
"""Bytes in what somebody reacts with."""

FILES: Final = 10
"""Files that come with one message."""

FILE_SIZE: Final = 2 * 2**30
"""Bytes in a file."""

THUMBNAIL_SIZE: Final = 8 * 1024
"""Bytes in the small picture of a picture."""

AWAY_SIZE: Final = 200
"""Characters in which somebody says why they are away."""

SHORTEST: Final = 30
LONGEST: Final = 365 * 86_400
"""Seconds from reading to deletion."""

Date = Annotated[float, Meta(ge=0, lt=END_OF_TIME)]

Seconds = Annotated[int, Meta(ge=0, lt=2**53)]


class ContentKind(enum.StrEnum):
    """Whom a message is for: a room, one person, a group, or one person with the right key.

    A key is for the members of a keyed room, which is about to have it.
    """

    ROOM = "room"
    PRIVATE = "private"
    GROUP = "group"
    SECRET = "secret"  # noqa: S105 - not a password
    KEY = "key"


_LABEL: Final = b"geventim message"

_ANY_PLACE: Final = bytes(ID_SIZE)

_OF_TWO: Final = frozenset({ContentKind.PRIVATE, ContentKind.SECRET})

SEALED: Final = frozenset({ContentKind.SECRET, ContentKind.KEY})
"""Those that carry more than their message says."""


class Format(enum.StrEnum):
    """Whether a text has light markup, or means what it says letter by letter."""

    TEXT = "text"
    PLAIN = "plain"


class Act(enum.Enum):
    """What somebody does with a message: say something, or something about what was said."""

    SAY = enum.auto()
    EDIT = enum.auto()
    RETRACT = enum.auto()
    REACT = enum.auto()
    READ = enum.auto()
    SET_TIMER = enum.auto()
    AWAY = enum.auto()
    UNKNOWN = enum.auto()


QUIET: Final = frozenset({Act.REACT, Act.READ, Act.AWAY})
"""What nobody has to notice: it is not unread, and takes nothing of what keys are good for."""


class Reply(Struct, frozen=True, omit_defaults=True):
    """Which message is answered, who wrote it, and how it begins, as who answers says."""

    to: Id
    nick: Name
    excerpt: Annotated[str, Meta(max_length=EXCERPT)] = ""

    def __repr__(self) -> str:
        return f"<reply to {self.to.hex()}>"


class Reaction(Struct, frozen=True):
    """What somebody thinks of the message ``to``, as one emoji; nothing any more if it is empty."""

    to: Id
    emoji: Annotated[str, Meta(max_length=EMOJI_SIZE)]


class File(Struct, frozen=True, omit_defaults=True):
    """What a reader needs to fetch a file: the SHA-256 of the whole, its secret, and its blob.

    ``size`` is in bytes. A picture has a ``width`` and a ``height``, and may have a small one of it
    with it.
    """

    name: Annotated[str, Meta(min_length=1, max_length=1024)]
    size: Annotated[int, Meta(ge=0, le=FILE_SIZE)]
    hash: Annotated[bytes, Meta(min_length=32, max_length=32)]
    key: Annotated[bytes, Meta(min_length=32, max_length=32)]
    blob: Id
    type: Annotated[str, Meta(max_length=128)] = ""
    width: Annotated[int, Meta(ge=0, lt=2**31)] = 0
    height: Annotated[int, Meta(ge=0, lt=2**31)] = 0
    thumbnail: Annotated[bytes, Meta(max_length=THUMBNAIL_SIZE)] = b""

    def __repr__(self) -> str:
        return f"<file of {self.size} bytes>"


class Content(Struct, frozen=True, omit_defaults=True):
    """What somebody wrote, and when by their own clock.

    ``id`` is drawn by the author, so that nobody can guess a :func:`message_id`; a program that
    drew none writes that of its first entry there when it writes again.
    ``replaces`` and ``retracts`` name a message, ``read`` the last entry that was read.
    ``expires`` are seconds from reading after which it is to be deleted, or 0, and ``timer`` those
    that messages are to have from now on. ``away`` is why the author is; empty, if they are back.
    """

    nick: Name
    message: str
    date: Date
    kind: ContentKind
    sealed: bytes = b""
    id: Id | None = None
    reply: Reply | None = None
    replaces: Id | None = None
    retracts: Id | None = None
    reaction: Reaction | None = None
    read: Annotated[int, Meta(ge=0, lt=2**53)] | None = None
    expires: Seconds = 0
    timer: Seconds | None = None
    files: Annotated[tuple[File, ...], Meta(max_length=FILES)] = ()
    format: Format = Format.TEXT
    away: Annotated[str, Meta(max_length=AWAY_SIZE)] | None = None

    def __repr__(self) -> str:
        return f"<{self.kind} content>"

    @property
    def act(self) -> Act:
        """What its author does; without text or files, something that we do not know."""
        acts = self.acts
        if acts:
            return acts[0]
        return Act.SAY if self.message or self.sealed or self.files else Act.UNKNOWN

    @property
    def acts(self) -> list[Act]:
        """All that it does beside saying something: no more than one thing, if it makes sense."""
        members = (
            (Act.EDIT, self.replaces),
            (Act.RETRACT, self.retracts),
            (Act.REACT, self.reaction),
            (Act.READ, self.read),
            (Act.SET_TIMER, self.timer),
            (Act.AWAY, self.away),
        )
        return [act for act, member in members if member is not None]

    @property
    def lifetime(self) -> int:
        """Seconds from reading to deletion, within bounds; 0 if it is to stay."""
        return bound(self.expires)


def bound(seconds: int) -> int:
    """The lifetime of a message that is nearest to ``seconds``; 0 stays."""
    return min(max(seconds, SHORTEST), LONGEST) if seconds else 0


class _Words(Struct, frozen=True):
    """What every program reads."""

    nick: Name
    message: str
    date: Date
    kind: ContentKind
    sealed: bytes = b""
    id: Id | None = None


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Content)
_words_decoder = msgspec.json.Decoder(_Words)
_MALFORMED: Final = (msgspec.MsgspecError, UnicodeError, RecursionError)


def encode(content: Content) -> bytes:
    """The payload that carries ``content``.

    Raises :class:`DeniedError` with code ``too_large`` if no entry can hold it.
    """
    payload = prefix(_encoder.encode(content))
    if len(payload) > LARGEST or len(content.message.encode()) > TEXT_SIZE:
        raise too_large()
    return payload


def again(said: Content, payload: bytes, first: bytes) -> bytes:
    """The same content, written again: it was written first in the entry ``first``.

    ``said`` is what ``payload`` says. :data:`LARGEST` leaves room for that.
    """
    if said.id is not None:
        return payload
    return prefix(_encoder.encode(msgspec.structs.replace(parse(payload), id=first)))


def message_id(account: bytes, place: bytes, said: Content, written: bytes) -> bytes:
    """Which message of ``account`` that is, as it is ``written`` :func:`again`.

    ``said`` is what that says, in the conversation with the id ``place``.

    It is the same however often it is written there, and no other message has it, of whomever and
    wherever: who answers it, or reacts, means what they have read. Two people have one
    conversation, so what is private needs no ``place``; it may be written before there is one.
    """
    place = _ANY_PLACE if said.kind in _OF_TWO else place
    return hashlib.sha256(_LABEL + account + place + written).digest()[:ID_SIZE]


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
        content = _decoder.decode(body)
    except _MALFORMED:
        return _read_words(body)
    return content if len(content.acts) <= 1 else _read_words(body)


def _read_words(body: bytes) -> Content:
    """What is left without the members of which one makes no sense."""
    try:
        words = _words_decoder.decode(body)
    except _MALFORMED:
        raise PeerError("that is not the content of a message") from None
    return Content(**msgspec.structs.asdict(words))


def too_large() -> DeniedError:
    """What is said of a message that no entry can hold."""
    return DeniedError("too_large", size=TEXT_SIZE)
