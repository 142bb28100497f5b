"""What a server answers to a request, and what it tells unasked (events)."""

import enum

from msgspec import Struct

from geventim.chat.requests import Name, ShortText
from geventim.chat.values import Count, EntryKind, Hash, Id, Kind, PublicKey, Status


class Person(Struct, frozen=True):
    """Somebody as the server knows them: nick, account id and Ed25519 identity key."""

    nick: Name
    account: Id
    identity: PublicKey


class ConversationInfo(Struct, frozen=True, omit_defaults=True):
    """A conversation as the account sees it; ``name`` is the peer's nick when they are two.

    A member is entitled to the entries above ``since``; ``head`` is the last one there is, and
    ``members`` is how many there are. ``peer`` is the other one when they are two. ``gate`` is
    that of a keyed room. Who is no ``member`` any more, having been removed, may still read up to
    ``head``.
    """

    id: Id
    kind: Kind
    name: Name
    incarnation: Id
    member: bool = False
    since: Count = 0
    head: Count = 0
    members: Count = 0
    peer: Person | None = None
    gate: PublicKey | None = None


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
    """The session is open; ``conversations`` are those the account is a member of.

    ``changes`` of presence were counted before this; only later ones are news. ``life_signs``
    announces that the server answers them.
    """

    nick: Name
    status: Status
    conversations: tuple[ConversationInfo, ...] = ()
    changes: Count = 0
    life_signs: bool = False


class Opened(Reply, frozen=True, tag="opened"):
    """A conversation was found or created; ``people`` are those named for a new group."""

    conversation: ConversationInfo
    people: tuple[Person, ...] = ()


class Turn(Reply, frozen=True, tag="turn"):
    """It is your turn to commit on ``head``; the GroupInfo in use follows, ``payload`` bytes.

    Without a GroupInfo the conversation has no group yet, and the commit begins one. While a
    commit is contested, ``head`` is the one before it; a member who has applied the contested one
    may commit on that.
    """

    head: Count
    payload: Count = 0


class Appended(Reply, frozen=True, tag="appended"):
    """The entry is on disk. ``time`` is in seconds since the epoch."""

    seq: Count
    time: float
    recipient: Recipient | None = None


class Subscribed(Reply, frozen=True, tag="subscribed"):
    """Entries above ``after`` follow, in order; ``head`` is the last for now.

    ``hash`` is the running hash at ``after``. Messages up to ``expired`` have expired since what
    was asked for (0: none have); of the entries up to there only others than messages still come.
    ``after`` is above what was asked for when all that was next has expired.
    """

    after: Count
    head: Count
    hash: Hash
    expired: Count = 0


class KeyPackage(Reply, frozen=True, tag="key-package"):
    """One key package of ``person`` follows, ``payload`` bytes."""

    person: Person
    payload: Count


class Found(Reply, frozen=True, tag="found"):
    """The account that was asked for."""

    person: Person


class NameList(Reply, frozen=True, tag="name-list"):
    """The nicks of those who are connected, sorted."""

    names: tuple[Name, ...]


class Event(Struct, frozen=True, kw_only=True, tag_field="type", omit_defaults=True):
    """Root of what a server tells unasked."""


class EntryEvent(Event, frozen=True, tag="entry"):
    """An entry of a log; its payload follows the JSON object, ``payload`` bytes of it.

    The last ``welcome`` bytes of them are the Welcome, for one whom this commit adds. ``author``
    is a nick, ``added`` and ``removed`` are those whom a commit declares. ``previous`` is the
    running hash before this entry where the entry before it was not sent, having expired or not
    being the account's to read, and where the commit adds the account.
    """

    conversation: Id
    seq: Count
    time: float
    author: Name
    account: Id
    message_id: Id
    kind: EntryKind = EntryKind.MESSAGE
    head: Count = 0
    added: tuple[Person, ...] = ()
    removed: tuple[Person, ...] = ()
    welcome: Count = 0
    previous: Hash | None = None
    payload: Count = 0


class Change(enum.StrEnum):
    """What somebody's presence did."""

    JOINED = "joined"
    QUIT = "quit"
    LOST = "lost"
    STATUS = "status"


class PresenceChange(Struct, frozen=True, omit_defaults=True):
    """Somebody came, left on purpose, was lost, or has another status now."""

    nick: Name
    turn: Change
    status: Status = Status.NORMAL


class Presence(Event, frozen=True, tag="presence"):
    """What happened since the last such event, in order; the server had counted ``before``."""

    changes: tuple[PresenceChange, ...]
    before: Count = 0


class Added(Event, frozen=True, tag="added"):
    """The account has become a member of a conversation by what somebody else did.

    Its entries come once they are subscribed to. It comes before the entry that made the account a
    member, and again when a commit that had removed the account is taken back.
    """

    conversation: ConversationInfo


class LowOnKeyPackages(Event, frozen=True, tag="low-on-key-packages"):
    """The server has only ``left`` key packages of the account, the one of last resort aside."""

    left: Count


class Announcement(Event, frozen=True, tag="announcement"):
    """The operator of the server speaks to everyone."""

    text: ShortText


class Superseded(Event, frozen=True, tag="superseded"):
    """The account has logged in elsewhere; this connection ends."""


AnyReply = (
    Ok | Error | LoggedIn | Opened | Turn | Appended | Subscribed | KeyPackage | Found | NameList
)
AnyEvent = EntryEvent | Presence | Added | LowOnKeyPackages | Announcement | Superseded
