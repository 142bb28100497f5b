"""What the operator's commands say to a running server, over a socket in its data directory.

One request, one answer, each a frame without payload.
"""

import enum
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from geventim.chat import limits
from geventim.chat.requests import Name, ShortText
from geventim.errors import PeerError

MOST_USES: Final = 100_000
"""People whom one invite link can let in."""

MOST_DAYS: Final = 36_500
"""Days for which one can."""

MOST_MEBIBYTES: Final = 2**32
MOST_CREATED: Final = 10**9


Place = Annotated[str, Meta(max_length=limits.TEXT_SIZE)]
"""The name of a room, the first digits of a group's id, or FOUNDER/LABEL."""


class Command(Struct, frozen=True, tag_field="type"):
    """Root of what an operator may command."""


class Announce(Command, frozen=True, tag="announce"):
    """Say ``text`` to everyone who is connected."""

    text: ShortText


class Invite(Command, frozen=True, tag="invite"):
    """Make an invite link for ``uses`` people who come within so many ``days``."""

    uses: Annotated[int, Meta(ge=1, le=MOST_USES)]
    days: Annotated[int, Meta(ge=1, le=MOST_DAYS)]


class Invites(Command, frozen=True, tag="invites"):
    """List the invite links that hold."""


class Revoke(Command, frozen=True, tag="revoke"):
    """Let nobody come with the invite ``code`` any more."""

    code: ShortText


class Allow(Command, frozen=True, tag="allow"):
    """Let ``nick`` be claimed on a server with an allowlist."""

    nick: Name


class Operator(Command, frozen=True, tag="operator"):
    """Make ``nick`` an operator, or one no longer."""

    nick: Name
    operator: bool = True


class Verb(enum.StrEnum):
    """What can be done about an account."""

    REMOVE = "remove"
    RELEASE = "release"
    BAN = "ban"
    UNBAN = "unban"
    MUTE = "mute"
    UNMUTE = "unmute"


class Judge(Command, frozen=True, tag="judge"):
    """Do about the account of ``nick`` what the ``verb`` says."""

    nick: Name
    verb: Verb


class Kick(Command, frozen=True, tag="kick"):
    """Put ``nick`` out of the room or group that ``place`` names."""

    nick: Name
    place: Place


class Delete(Command, frozen=True, tag="delete"):
    """End the room or group that ``place`` names."""

    place: Place


class Quota(Command, frozen=True, tag="quota"):
    """Say how much the server keeps for ``nick``, and how much it may be.

    What is given is another bound than that of all others: MiB of messages ``stored``, rooms and
    groups ``created``, MiB of ``files``. With ``reset`` those of all hold first.
    """

    nick: Name
    stored: Annotated[int, Meta(ge=0, le=MOST_MEBIBYTES)] | None = None
    created: Annotated[int, Meta(ge=0, le=MOST_CREATED)] | None = None
    files: Annotated[int, Meta(ge=0, le=MOST_MEBIBYTES)] | None = None
    reset: bool = False


class Users(Command, frozen=True, tag="users"):
    """List the accounts."""


class Status(Command, frozen=True, tag="status"):
    """Say how the server is doing; in one line of JSON where ``as_json``."""

    as_json: bool = False


AnyCommand = (
    Announce
    | Invite
    | Invites
    | Revoke
    | Allow
    | Operator
    | Judge
    | Kick
    | Delete
    | Quota
    | Users
    | Status
)


class Answer(Struct, frozen=True):
    """What the command prints; with ``done`` false, why it was not carried out."""

    done: bool
    lines: tuple[str, ...] = ()


_encoder = msgspec.json.Encoder()
_command: msgspec.json.Decoder[AnyCommand] = msgspec.json.Decoder(AnyCommand)
_answer = msgspec.json.Decoder(Answer)


def encode(message: Command | Answer) -> bytes:
    """The JSON object of a command or an answer."""
    return _encoder.encode(message)


def decode_command(data: bytes) -> AnyCommand:
    """The command in ``data``. Raises :class:`PeerError`."""
    try:
        return _command.decode(data)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        raise PeerError("not an administration command") from None


def decode_answer(data: bytes) -> Answer:
    """The answer in ``data``. Raises :class:`PeerError`."""
    try:
        return _answer.decode(data)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        raise PeerError("not an answer to an administration command") from None
