"""What a client tells its user; as JSON, an object with the field ``event`` that names it.

``conversation`` is the name of a room or group, or the nick of the other person, and
``conversation_id`` its id; ``message_id`` is that of a message. Ids are in hexadecimal digits, and
the same for every member. ``order`` numbers what was written to the user anywhere, as it was shown.
``date`` is the author's, in seconds since the epoch. No ``repr`` shows what somebody wrote.
"""

import enum
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

from geventim.chat.values import Kind, Status
from geventim.client.answers import Moving, Refusal, Written
from geventim.client.people.trust import News, Standing
from geventim.client.said.aside import Attachment, Count, Quote
from geventim.client.sealing.content import ContentKind
from geventim.errors import DeniedError, UserError


class Event(Struct, frozen=True, tag_field="event"):
    """Root of all events."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class Connected(Event, frozen=True, tag="connected"):
    """Logged in, in the room, and subscribed to every conversation; once for each connection.

    ``room`` is empty when the user has left the room before that.
    """

    nick: str
    server: str
    room: str


class Entered(Event, frozen=True, tag="entered"):
    """Lines that name nobody go to ``room`` from now on; :class:`Connected` has said so before."""

    room: str
    conversation_id: str = ""


class Delivery(enum.StrEnum):
    """What has become of a message of the user: it waits, the server has it, or never will."""

    QUEUED = "queued"
    SENT = "sent"
    REFUSED = "refused"


class Message(Event, frozen=True, tag="message"):
    """Somebody wrote; ``seq`` is the number of the entry in its log.

    ``verified`` says whether the user had compared the safety number of ``nick`` when it came.
    ``history`` is true for what is told again; what the user wrote is told as well then.
    ``mention`` says whether it calls the user, by ``@nick`` or by a word of their settings.
    What the user writes now has a ``delivery``, and nothing else has: it is told whenever that
    changes, with the same ``message_id``, and has no ``seq`` and no ``order`` before it is sent.

    The rest is only there if it says something. ``edited``: it is not what was written first.
    ``deleted``: by whom, and there is no text. ``plain``: the text means what it says letter by
    letter, it has no light markup. ``expires``: it is deleted so many seconds after it was read.
    """

    conversation: str
    kind: ContentKind
    nick: str
    message: str
    date: float
    seq: int
    verified: bool = False
    history: bool = False
    conversation_id: str = ""
    message_id: str = ""
    order: int = 0
    mention: bool = False
    delivery: Delivery | UnsetType = UNSET
    edited: bool | UnsetType = UNSET
    deleted: str | UnsetType = UNSET
    reactions: tuple[Count, ...] | UnsetType = UNSET
    reply: Quote | UnsetType = UNSET
    plain: bool | UnsetType = UNSET
    expires: int | UnsetType = UNSET
    files: tuple[Attachment, ...] | UnsetType = UNSET

    @property
    def is_own(self) -> bool:
        """Whether it tells how far a message of the user has come."""
        return isinstance(self.delivery, Delivery)


class Edited(Event, frozen=True, tag="edited"):
    """The author of a message has put ``message`` in its place, with the entry ``seq``.

    ``plain`` says that it means what it says letter by letter; see :class:`Message`.
    """

    conversation: str
    kind: ContentKind
    nick: str
    message: str
    seq: int
    conversation_id: str
    message_id: str
    order: int
    plain: bool = False


class Deleted(Event, frozen=True, tag="deleted"):
    """``nick`` has deleted a message; nobody has, if it is empty: it was to last so long.

    Nothing must show it any more.
    """

    conversation: str
    nick: str
    conversation_id: str
    message_id: str
    order: int


class Reacted(Event, frozen=True, tag="reacted"):
    """``nick`` reacts to a message with an emoji, or not any more if ``reaction`` is empty.

    ``reactions`` are all that there are now, those of most people first.
    """

    conversation: str
    nick: str
    reaction: str
    reactions: tuple[Count, ...]
    conversation_id: str
    message_id: str
    order: int


class Read(Event, frozen=True, tag="read"):
    """``nick`` has read a conversation up to the entry ``seq``.

    ``message_id`` and ``order`` are those of the last message up to there, and ``account`` is an id
    in hexadecimal digits.
    """

    conversation: str
    nick: str
    account: str
    seq: int
    conversation_id: str
    message_id: str
    order: int


class Away(Event, frozen=True, tag="away"):
    """``nick`` is away, and says why in ``text``; or is back, if that is empty.

    It is told to whoever writes to them, or calls them in a small group. ``account`` is an id in
    hexadecimal digits.
    """

    nick: str
    text: str
    account: str
    conversation: str
    conversation_id: str


class TimerSet(Event, frozen=True, tag="timer"):
    """``nick`` has set how many seconds after reading what is written from now on is deleted.

    It stays if that is 0. ``seq`` is the number of the entry that says so.
    """

    conversation: str
    nick: str
    seconds: int
    date: float
    seq: int
    conversation_id: str


class Found(Event, frozen=True, tag="found"):
    """Some of what a search has found, for whoever wished for it; its answer has all of it."""

    messages: tuple[Written, ...]


class ConversationChanged(Event, frozen=True, tag="conversation"):
    """A conversation is new or has changed, or is ``gone``: the user is not in it any more.

    Many changes are told as one. The fields are those of a conversation in a list.
    """

    conversation: str
    conversation_id: str
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
    gone: bool = False


class Secret(Event, frozen=True, tag="secret"):
    """Somebody sent a secret that can be opened by its number; see :class:`Message`."""

    id: int
    nick: str
    date: float
    verified: bool = False
    conversation_id: str = ""
    message_id: str = ""


class Joined(Event, frozen=True, tag="joined", omit_defaults=True):
    """Somebody has connected; and so have ``others``, where it is told of many at a time."""

    nick: str
    others: tuple[str, ...] = ()


class Departure(enum.StrEnum):
    """Whether somebody left on purpose."""

    QUIT = "quit"
    LOST = "lost"


class Left(Event, frozen=True, tag="left", omit_defaults=True):
    """Somebody is not connected any more; nor are ``others``, see :class:`Joined`."""

    nick: str
    reason: Departure
    others: tuple[str, ...] = ()


class StatusChanged(Event, frozen=True, tag="status", omit_defaults=True):
    """Somebody has another status; and so have ``others``, see :class:`Joined`."""

    nick: str
    status: Status
    others: tuple[str, ...] = ()


class Names(Event, frozen=True, tag="names", omit_defaults=True):
    """Who is connected; or who is in a ``conversation``, and whom of them the user has verified."""

    names: tuple[str, ...]
    conversation: str = ""
    verified: tuple[str, ...] = ()
    conversation_id: str = ""


class GroupAction(enum.StrEnum):
    """What can happen to a group."""

    CREATED = "created"
    ADDED = "added"
    LEFT = "left"
    DELETED = "deleted"


class Group(Event, frozen=True, tag="group"):
    """``nick`` created a group, added the user to it, left it or deleted it.

    It is empty where the operator of the server has deleted it.
    """

    action: GroupAction
    group: str
    nick: str
    conversation_id: str = ""


class Members(Event, frozen=True, tag="members"):
    """``by`` let people into a conversation, or put them out; or it was they themselves.

    It is empty where it is told of many changes at a time, which several people made.
    ``verified`` are those of ``added`` whose safety numbers the user has compared.
    """

    conversation: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    by: str
    verified: tuple[str, ...] = ()
    conversation_id: str = ""


class KeyChanged(Event, frozen=True, tag="key-changed"):
    """``nick`` has come with an identity key that is not theirs, as far as we knew.

    ``identity`` is the key as key text. ``known`` is whom that contradicts: they themselves, who
    had another key; the one who has the key; or the one for whom they can be mistaken.
    """

    nick: str
    identity: str
    why: News
    known: str


class SafetyNumber(Event, frozen=True, tag="safety-number"):
    """60 digits for the user and ``nick`` to compare."""

    nick: str
    number: str
    standing: Standing


class RoomCode(Event, frozen=True, tag="room-code"):
    """30 digits for the members of a conversation to compare; they change with every ``epoch``."""

    conversation: str
    epoch: int
    members: int
    code: str
    conversation_id: str = ""


class Trusted(Event, frozen=True, tag="trusted"):
    """The user has decided that this identity key, as key text, is that of ``nick``."""

    nick: str
    identity: str
    standing: Standing


class Acquaintance(Event, frozen=True, tag="whois"):
    """What is known of ``nick``.

    ``account`` is an id in hexadecimal digits, ``identity`` a key as key text, ``since`` when that
    was first seen, in seconds since the epoch, and ``conversations`` are the rooms and groups that
    the user shares with them.
    """

    nick: str
    account: str
    identity: str
    since: float
    standing: Standing
    conversations: tuple[str, ...]


class Sent(Event, frozen=True, tag="sent"):
    """The server has it on disk. A secret's text is not repeated; ``message`` is empty then."""

    message_id: str
    seq: int
    conversation: str
    kind: ContentKind
    message: str
    conversation_id: str = ""


class Delayed(Event, frozen=True, tag="delayed"):
    """Messages that the server has not acknowledged for five seconds; each is told once.

    ``messages`` are their texts, or the lines as they were typed, but for the key and the text of a
    secret; ``requests`` are the ids of the wishes for them. They are still on their way:
    :class:`Sent` follows, or what became of them instead.
    """

    messages: tuple[str, ...]
    requests: tuple[int | str, ...] = ()


class Speaker(enum.StrEnum):
    """Whose words a notice is made of."""

    SERVER = "server"
    CLIENT = "client"


class Notice(Event, frozen=True, tag="notice", omit_defaults=True):
    """What happened or was refused: ``code`` is a word for it, and ``text`` a sentence for people.

    ``speaker`` is the server for what it has told or answered, and the client for what it says by
    itself, such as help. People see that by the prefix, which is not part of the text. The
    ``facts`` are what the sentence is made of; one code can have several cases.
    """

    text: str
    code: str = ""
    speaker: Speaker = Speaker.SERVER
    case: str = ""
    facts: dict[str, Any] = {}

    @classmethod
    def told(cls, code: str, **facts: object) -> "Notice":
        """What the server has told; its sentence is made where it is shown."""
        return cls("", code, Speaker.SERVER, "", facts)

    @classmethod
    def own(cls, code: str, **facts: object) -> "Notice":
        """What the client says by itself; its sentence is made where it is shown."""
        return cls("", code, Speaker.CLIENT, "", facts)


class Announcement(Event, frozen=True, tag="announcement"):
    """The operator of the server speaks to everyone."""

    text: str


class Error(Event, frozen=True, tag="error", omit_defaults=True):
    """What the client itself rejects or cannot read; it happened ``count`` times.

    For ``text``, ``case`` and ``facts`` see :class:`Notice`.
    """

    code: str
    text: str
    count: int = 1
    case: str = ""
    facts: dict[str, Any] = {}

    @classmethod
    def of(cls, code: str, *, count: int = 1, case: str = "", **facts: object) -> "Error":
        """What has a ``code``; its sentence is made where it is shown."""
        return cls(code, "", count, case, facts)

    @classmethod
    def by(cls, error: UserError, **facts: object) -> "Error":
        """What ``error`` says, with more ``facts``."""
        if isinstance(error, DeniedError):
            return cls(error.code, "", 1, error.case, {**error.facts, **facts})
        if not facts:
            return cls(error.code, str(error))
        return cls(error.code, "", 1, "", {"said": str(error), **facts})


class Reconnecting(Event, frozen=True, tag="reconnecting", rename={"delay": "in"}):
    """The connection is gone; the next attempt comes in so many seconds."""

    delay: float


class Transfer(Event, frozen=True, tag="transfer"):
    """Where a file is that is sent or fetched, at most four times a second, and how that ended.

    What was fetched is at ``path`` when it is done; one that has failed says why.
    """

    transfer: Moving
    path: str = ""
    failure: Refusal | None = None


class Web(Event, frozen=True, tag="web"):
    """The link ``url`` leads a browser here, once, within half a minute."""

    url: str


def to_object(event: Event) -> dict[str, object]:
    """The JSON object of ``event``."""
    fields: dict[str, object] = msgspec.to_builtins(event)
    return fields
