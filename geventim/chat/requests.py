"""What a client may ask; each request gets exactly one reply with the same ``id``."""

from typing import Annotated

from msgspec import Meta, Struct

from geventim.chat import limits
from geventim.chat.values import Count, EntryKind, Id, PublicKey, Signature, Status

Name = Annotated[str, Meta(max_length=4 * limits.NAME_LENGTH)]
"""A name as it came in; :mod:`geventim.chat.names` decides whether it is one."""

Names = Annotated[tuple[Name, ...], Meta(max_length=limits.GROUP_MEMBERS)]
ShortText = Annotated[str, Meta(max_length=limits.TEXT_SIZE)]


class Request(Struct, frozen=True, kw_only=True, tag_field="type", omit_defaults=True):
    """Root of all requests."""

    id: Count


class Login(Request, frozen=True, tag="login"):
    """Enter as ``nick``, whose channel key made the handshake."""

    nick: Name


class Register(Request, frozen=True, tag="register"):
    """Claim ``nick`` and enter; ``signature`` is over :func:`geventim.chat.values.claim`."""

    nick: Name
    identity: PublicKey
    signature: Signature
    code: ShortText = ""


class OpenRoom(Request, frozen=True, tag="open-room"):
    """Become a member of the room ``name``; it is created with the given id if there is none."""

    name: Name
    conversation: Id


class OpenGroup(Request, frozen=True, tag="open-group"):
    """Find the group ``name``."""

    name: Name


class OpenDm(Request, frozen=True, tag="open-dm"):
    """Find, or begin, the conversation with ``nick``."""

    nick: Name


class CreateGroup(Request, frozen=True, tag="create-group"):
    """Create a group of the sender and ``members``; repeating it with the same ids is harmless."""

    conversation: Id
    message_id: Id
    name: Name
    members: Names


class Append(Request, frozen=True, tag="append"):
    """Put an entry at the end of a log; repeating it with the same ``message_id`` is harmless.

    The raw bytes after the JSON object, ``payload`` in number, are the entry's payload.
    """

    conversation: Id
    message_id: Id
    kind: EntryKind = EntryKind.MESSAGE
    payload: Count = 0


class Subscribe(Request, frozen=True, tag="subscribe"):
    """Receive every entry of a log above ``after``, those that exist and those to come."""

    conversation: Id
    after: Count


class SetStatus(Request, frozen=True, tag="set-status"):
    """Change one's own status."""

    status: Status


class ListNames(Request, frozen=True, tag="list-names"):
    """Ask who is connected."""


class Quit(Request, frozen=True, tag="quit"):
    """Leave on purpose."""


AnyRequest = (
    Login
    | Register
    | OpenRoom
    | OpenGroup
    | OpenDm
    | CreateGroup
    | Append
    | Subscribe
    | SetStatus
    | ListNames
    | Quit
)
