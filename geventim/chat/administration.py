"""What the operator's commands say to a running server, over a socket in its data directory.

One request, one answer, each a frame without payload.
"""

from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from geventim.chat.requests import Name, ShortText
from geventim.errors import PeerError

MOST_USES: Final = 100_000
"""People whom one invite link can let in."""


class Command(Struct, frozen=True, tag_field="type"):
    """Root of what an operator may command."""


class Announce(Command, frozen=True, tag="announce"):
    """Say ``text`` to everyone who is connected."""

    text: ShortText


class Invite(Command, frozen=True, tag="invite"):
    """Make an invite link for ``uses`` people."""

    uses: Annotated[int, Meta(ge=1, le=MOST_USES)]


class Allow(Command, frozen=True, tag="allow"):
    """Let ``nick`` be claimed on a server with an allowlist."""

    nick: Name


class Operator(Command, frozen=True, tag="operator"):
    """Make ``nick`` an operator."""

    nick: Name


class Users(Command, frozen=True, tag="users"):
    """List the accounts."""


AnyCommand = Announce | Invite | Allow | Operator | Users


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
