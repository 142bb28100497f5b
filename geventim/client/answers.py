"""What comes of a wish: it is done, with a result, or refused.

As JSON, an object with the field ``answer``, which is the id of the wish, and either ``done`` or
``refused``. No ``repr`` shows what somebody wrote, or a key.
"""

import enum
from typing import Final

import msgspec
from msgspec import Struct

from geventim.chat.values import Kind, Status
from geventim.client.people.trust import Standing
from geventim.client.steps.refusals import PASSING
from geventim.errors import UserError

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

    ``stage`` is where the client stands there: see docs/states/conversation.md.
    """

    id: str
    name: str
    kind: Kind
    keyed: bool
    stage: str


class Conversations(Result, frozen=True):
    """All that the user is in, by name."""

    conversations: tuple[Conversation, ...]


class Member(Result, frozen=True):
    """Somebody in a conversation; ``account`` is an id in hexadecimal digits."""

    nick: str
    account: str
    standing: Standing


class Members(Result, frozen=True):
    """Everybody in a conversation, the user included."""

    members: tuple[Member, ...]


class Said(Result, frozen=True):
    """The server has it on disk, as the entry ``seq`` of the log."""

    message_id: str
    seq: int


class Opened(Result, frozen=True):
    """What a secret says; ``date`` is its author's, in seconds since the epoch."""

    nick: str
    message: str
    date: float


class Names(Result, frozen=True):
    """Who is connected."""

    names: tuple[str, ...]


class OwnStatus(Result, frozen=True):
    """How the user is seen."""

    status: Status


class RoomKey(Result, frozen=True):
    """The key of a room, to be given to others elsewhere."""

    key: str


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


class Answer(Struct, frozen=True):
    """Root of both; ``answer`` is the id of the wish, or None if it had none."""

    answer: int | str | None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} to {self.answer!r}>"


class Done(Answer, frozen=True):
    """The wish was granted."""

    done: Result


class Refusal(Struct, frozen=True):
    """Why a wish was refused; with ``retry``, the same may be granted later."""

    code: str
    text: str
    retry: bool


class Refused(Answer, frozen=True):
    """The wish came to nothing."""

    refused: Refusal

    @classmethod
    def by(cls, error: UserError, wish: int | str | None) -> "Refused":
        """The answer that ``error`` is."""
        return cls(wish, Refusal(error.code, str(error), error.code in TEMPORARY))


def to_object(answer: Answer) -> dict[str, object]:
    """The JSON object of ``answer``."""
    fields: dict[str, object] = msgspec.to_builtins(answer)
    return fields
