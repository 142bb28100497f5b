"""What a server answers to a request, and what it tells unasked (events)."""

import enum

from msgspec import Struct

from geventim.chat.requests import Name, ShortText
from geventim.chat.values import Count, EntryKind, Id, Kind, Status


class ConversationInfo(Struct, frozen=True, omit_defaults=True):
    """A conversation as its member sees it; ``name`` is the peer's nick when they are two.

    The member is entitled to the entries above ``since``; ``head`` is the last one there is.
    """

    id: Id
    kind: Kind
    name: Name
    since: Count = 0
    head: Count = 0


class Recipient(Struct, frozen=True, omit_defaults=True):
    """The other person of a conversation of two."""

    nick: Name
    status: Status = Status.NORMAL
    connected: bool = True


class Reply(Struct, frozen=True, kw_only=True, tag_field="type", omit_defaults=True):
    """Root of all replies; ``id`` is that of the request."""

    id: Count


class Ok(Reply, frozen=True, tag="ok"):
    """Done, and there is nothing to say about it."""


class Error(Reply, frozen=True, tag="error"):
    """Not done: a word for programs, a sentence for people, and what to do about it."""

    code: str
    text: ShortText
    advice: ShortText = ""


class LoggedIn(Reply, frozen=True, tag="logged-in"):
    """The session is open; ``conversations`` are those the account is a member of."""

    nick: Name
    status: Status
    conversations: tuple[ConversationInfo, ...] = ()


class Opened(Reply, frozen=True, tag="opened"):
    """A conversation was found, joined or created; ``members`` are named for a new group."""

    conversation: ConversationInfo
    members: tuple[Name, ...] = ()


class Appended(Reply, frozen=True, tag="appended"):
    """The entry is on disk. ``time`` is in seconds since the epoch."""

    seq: Count
    time: float
    recipient: Recipient | None = None


class Subscribed(Reply, frozen=True, tag="subscribed"):
    """Entries above ``after`` follow, without gap and in order; ``head`` is the last for now."""

    after: Count
    head: Count


class NameList(Reply, frozen=True, tag="name-list"):
    """The nicks of those who are connected, sorted."""

    names: tuple[Name, ...]


class Event(Struct, frozen=True, kw_only=True, tag_field="type", omit_defaults=True):
    """Root of what a server tells unasked."""


class EntryEvent(Event, frozen=True, tag="entry"):
    """An entry of a log; its payload follows the JSON object, ``payload`` bytes of it.

    ``author`` and ``added`` are nicks.
    """

    conversation: Id
    seq: Count
    time: float
    author: Name
    kind: EntryKind = EntryKind.MESSAGE
    added: tuple[Name, ...] = ()
    payload: Count = 0


class Turn(enum.StrEnum):
    """What somebody's presence did."""

    JOINED = "joined"
    QUIT = "quit"
    LOST = "lost"
    STATUS = "status"


class PresenceChange(Struct, frozen=True, omit_defaults=True):
    """Somebody came, left on purpose, was lost, or has another status now."""

    nick: Name
    turn: Turn
    status: Status = Status.NORMAL


class Presence(Event, frozen=True, tag="presence"):
    """What happened since the last such event, in order."""

    changes: tuple[PresenceChange, ...]


class Added(Event, frozen=True, tag="added"):
    """The account has become a member of a conversation."""

    conversation: ConversationInfo


class Announcement(Event, frozen=True, tag="announcement"):
    """The operator of the server speaks to everyone."""

    text: ShortText


class Superseded(Event, frozen=True, tag="superseded"):
    """The account has logged in elsewhere; this connection ends."""


AnyReply = Ok | Error | LoggedIn | Opened | Appended | Subscribed | NameList
AnyEvent = EntryEvent | Presence | Added | Announcement | Superseded
