"""What comes of a wish: it is done, with a result, or refused.

As JSON, an object with the field ``answer``, which is the id of the wish, and either ``done`` or
``refused``. No ``repr`` shows what somebody wrote, or a key.
"""

import enum
from typing import Any, Final

import msgspec
from msgspec import UNSET, Struct, UnsetType

from geventim.chat.values import Kind, Status
from geventim.client.people.trust import Standing
from geventim.client.said.aside import Attachment, Count, Quote
from geventim.client.sealing.content import ContentKind
from geventim.client.steps.effects import RefusedError
from geventim.client.steps.refusals import PASSING
from geventim.errors import DeniedError, UserError

LEAVING: Final = "leaving"
"""The code of a wish that comes when this client is about to leave; it was not granted."""

TEMPORARY: Final = PASSING | {"out_of_step", LEAVING}
"""Refusals after which the same wish may be granted a while later."""


class Result(Struct, frozen=True):
    """Root of what can be done. This one says no more than that it is."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class Conversation(Result, frozen=True):
    """One that the user is in; ``id`` is in hexadecimal digits.

    ``stage`` is where the client stands there: see docs/states/conversation.md. ``unread`` messages
    of others, ``mentions`` among them, came after the one whose ``order`` is ``read``. ``trust`` is
    the least that is held of any of its ``members``, ``draft`` what was typed and not sent.
    """

    id: str
    name: str
    kind: Kind
    keyed: bool
    stage: str
    unread: int
    mentions: int
    read: int
    members: int
    trust: Standing
    muted: bool
    draft: str


class Created(Conversation, frozen=True):
    """A group that was made, and who is ``present`` in it."""

    present: tuple[str, ...]


class Conversations(Result, frozen=True):
    """All that the user is in, by name."""

    conversations: tuple[Conversation, ...]


class Room(Result, frozen=True):
    """A room; ``joined`` if the user is in it."""

    name: str
    keyed: bool
    joined: bool


class Rooms(Result, frozen=True):
    """Some rooms, and whether there are ``more`` behind the last one."""

    rooms: tuple[Room, ...]
    more: bool


class Member(Result, frozen=True):
    """Somebody in a conversation; ``account`` is an id in hexadecimal digits.

    ``read`` is the entry up to which they have read, as they have said, or 0, and ``away`` why they
    are, as they have told the user; it is empty else.
    """

    nick: str
    account: str
    standing: Standing
    read: int = 0
    away: str = ""


class Members(Result, frozen=True):
    """Everybody in a ``conversation``, which is given by its name; the user included."""

    conversation: str
    members: tuple[Member, ...]
    conversation_id: str


class Said(Result, frozen=True):
    """The server has it on disk, as the entry ``seq`` of the log."""

    message_id: str
    seq: int


class Fetched(Result, frozen=True):
    """A file is at ``path``, whole and as it was sent."""

    path: str


class Moving(Struct, frozen=True):
    """A transfer, which is called by its ``number`` here.

    Its ``direction`` is ``sending`` or ``fetching``, its ``state`` ``waiting``, ``running``,
    ``done``, ``failed`` or ``cancelled``. ``size`` and ``done`` are in bytes, ``rate`` in bytes a
    second; ``left`` are seconds, if that can be told.
    """

    number: int
    direction: str
    state: str
    name: str
    size: int
    done: int
    rate: int
    left: float | None
    conversation: str
    conversation_id: str
    message_id: str


class Transfers(Result, frozen=True):
    """All that are under way, in order."""

    transfers: tuple[Moving, ...]


class Opened(Result, frozen=True):
    """What a secret says; ``date`` is its author's, in seconds since the epoch.

    ``seq`` is the number of its entry, and ``verified`` whether its author was when it came.
    """

    nick: str
    message: str
    date: float
    seq: int
    verified: bool
    conversation_id: str
    message_id: str


class Secrets(Result, frozen=True):
    """The numbers of secrets."""

    numbers: tuple[int, ...]


class Written(Result, frozen=True):
    """A message that was written before, as it is now: see the event ``message``.

    ``own`` is one of the user.
    """

    conversation: str
    kind: ContentKind
    nick: str
    message: str
    date: float
    seq: int
    verified: bool
    conversation_id: str
    message_id: str
    order: int
    own: bool = False
    edited: bool | UnsetType = UNSET
    deleted: str | UnsetType = UNSET
    reactions: tuple[Count, ...] | UnsetType = UNSET
    reply: Quote | UnsetType = UNSET
    plain: bool | UnsetType = UNSET
    expires: int | UnsetType = UNSET
    files: tuple[Attachment, ...] | UnsetType = UNSET


class Messages(Result, frozen=True):
    """Some of what was written; ``damaged`` if something could not be read.

    Where that is not so, fewer than were wished for are all that there are.
    """

    messages: tuple[Written, ...]
    damaged: bool


class Found(Result, frozen=True):
    """``conversations`` of that name, and whether somebody is ``known`` by it.

    ``deleted`` says whether a group of that name was.
    """

    conversations: tuple[Conversation, ...]
    deleted: bool
    known: bool


class Nicks(Result, frozen=True):
    """What some people are called."""

    nicks: tuple[str, ...]


class Names(Result, frozen=True):
    """Who is connected."""

    names: tuple[str, ...]


class OwnStatus(Result, frozen=True):
    """How the user is seen, and what they say to those who write while they are away."""

    status: Status
    text: str = ""


class RoomKey(Result, frozen=True):
    """The key of the room ``name``, to be given to others elsewhere."""

    name: str
    key: str


class RoomCode(Result, frozen=True):
    """30 digits for the members of a ``conversation`` to compare; see the event ``room-code``."""

    conversation: str
    epoch: int
    members: int
    code: str
    conversation_id: str


class Number(Result, frozen=True):
    """60 digits to compare with ``nick``."""

    nick: str
    number: str
    standing: Standing


class Somebody(Result, frozen=True):
    """What is known of ``nick``.

    ``account`` is an id in hexadecimal digits, ``identity`` a key as key text, and ``since`` when
    that was first seen, in seconds since the epoch; ``conversations`` are the rooms and groups that
    the user shares with them.
    """

    nick: str
    account: str
    identity: str
    since: float
    standing: Standing
    conversations: tuple[str, ...]


class Settings(Result, frozen=True):
    """Every setting.

    ``highlights`` are words that count as a mention of the user. In ``place`` they were last on a
    terminal, as ``#name`` or ``@nick``. ``receipts``: others are told how far the user has read, in
    conversations of two and small groups. ``pictures``: small ones are fetched without being asked
    for; the event ``transfer`` says where they are.
    """

    highlights: tuple[str, ...]
    place: str
    receipts: bool = True
    pictures: bool = True


class Exported(Result, frozen=True):
    """The ``content`` of a file with the user; in JSON, as Base64."""

    content: bytes


class Connection(enum.StrEnum):
    """How a client stands to its server."""

    OFFLINE = "offline"
    ENTERING = "entering"
    ONLINE = "online"
    ENDED = "ended"


class Present(Result, frozen=True):
    """Somebody who is connected, as far as that was told since one came in oneself."""

    nick: str
    status: Status


class Snapshot(Result, frozen=True):
    """How everything is, after the event with the number ``n``.

    ``members`` are those of each conversation, by its id, as far as the client is in step with it.
    ``queued`` is what the user has written and the server has not confirmed, oldest first in each
    conversation: it has no ``seq`` and no ``order`` yet, nor a ``conversation_id`` where the
    conversation is not begun.
    """

    n: str
    nick: str
    server: str
    connection: Connection
    room: str
    status: Status
    conversations: tuple[Conversation, ...]
    members: dict[str, tuple[Member, ...]]
    people: tuple[Present, ...]
    queued: tuple[Written, ...] = ()


class Answer(Struct, frozen=True):
    """Root of both; ``answer`` is the id of the wish, or None if it had none."""

    answer: int | str | None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} to {self.answer!r}>"


class Done(Answer, frozen=True):
    """The wish was granted."""

    done: Result


class Refusal(Struct, frozen=True, omit_defaults=True):
    """Why a wish was refused; with ``retry``, the same may be granted later.

    ``by_server`` says whether the server has decided that, or would have. For ``text``, ``case``
    and ``facts`` see the event ``notice``.
    """

    code: str
    text: str
    retry: bool
    by_server: bool = False
    case: str = ""
    facts: dict[str, Any] = {}

    @classmethod
    def by(cls, error: UserError) -> "Refusal":
        """What ``error`` says."""
        code, retry = error.code, error.code in TEMPORARY
        if isinstance(error, DeniedError):
            return cls(code, "", retry, case=error.case, facts=error.facts)
        return cls(code, str(error), retry, isinstance(error, RefusedError))


class Refused(Answer, frozen=True):
    """The wish came to nothing."""

    refused: Refusal

    @classmethod
    def by(cls, error: UserError, wish: int | str | None) -> "Refused":
        """The answer that ``error`` is."""
        return cls(wish, Refusal.by(error))


def to_object(answer: Answer) -> dict[str, object]:
    """The JSON object of ``answer``."""
    fields: dict[str, object] = msgspec.to_builtins(answer)
    return fields
