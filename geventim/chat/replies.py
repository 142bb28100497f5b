"""What a server answers to a request, and what it tells unasked (events)."""

import enum
from typing import Annotated

from msgspec import Meta, Struct, field

from geventim.chat import limits
from geventim.chat.requests import Code, Name, Sentence, ShortText
from geventim.chat.values import Count, EntryKind, Hash, Id, Kind, PublicKey, Signature, Status


class Person(Struct, frozen=True):
    """Somebody as the server knows them: nick, account id and Ed25519 identity key."""

    nick: Name
    account: Id
    identity: PublicKey


class ConversationInfo(Struct, frozen=True, omit_defaults=True):
    """A conversation as the account sees it; ``name`` is the peer's nick when they are two.

    A member is entitled to the entries above ``since``; ``head`` is the last one there is, and
    ``members`` is how many there are. ``peer`` is the other one when they are two. A room may be
    ``keyed``; members are told its ``gate``. ``founder`` is the account that made a group. Who is
    no ``member`` any more, having been removed, may still read up to ``head``.
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
    keyed: bool = False
    gate: PublicKey | None = None
    founder: Id | None = None


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
    """Not done: a word for programs, a sentence for people, and what to do about it.

    Where the code is ``busy``, the same may be asked again in ``wait`` seconds.
    """

    code: Code
    text: Sentence
    advice: ShortText = ""
    wait: float = 0.0


class LoggedIn(Reply, frozen=True, tag="logged-in"):
    """The session is open; ``conversations`` are those the account is a member of.

    Where there are ``more``, :class:`.requests.ListConversations` has those behind the last one.
    ``changes`` of presence were counted before this; only later ones are news. The server signs
    what it says about conversations with ``signature_key`` (Ed25519), and announces with
    ``life_signs`` that it answers them. By its clock it is ``time`` (seconds since the epoch).
    """

    nick: Name
    status: Status
    signature_key: PublicKey
    conversations: tuple[ConversationInfo, ...] = ()
    more: bool = False
    changes: Count = 0
    life_signs: bool = False
    time: float = 0.0


class ConversationList(Reply, frozen=True, tag="conversation-list"):
    """Further conversations of the account, and whether there are ``more`` behind the last one."""

    conversations: tuple[ConversationInfo, ...] = ()
    more: bool = False


class ListedRoom(Struct, frozen=True, omit_defaults=True):
    """A room as everybody may know of it: what it is called, and whether it is a keyed one."""

    name: Name
    keyed: bool = False


class RoomList(Reply, frozen=True, tag="room-list"):
    """Some rooms, and whether there are ``more`` behind the last one."""

    rooms: Annotated[tuple[ListedRoom, ...], Meta(max_length=limits.ROOMS_LISTED)] = ()
    more: bool = False


class Opened(Reply, frozen=True, tag="opened"):
    """A conversation was found or created; ``people`` are those named for a new group."""

    conversation: ConversationInfo
    people: tuple[Person, ...] = ()


class Challenge(Reply, frozen=True, tag="challenge"):
    """What is to be signed with the key of a keyed room."""

    nonce: Id


class Turn(Reply, frozen=True, tag="turn"):
    """It is your turn to commit on ``head``.

    If a state was asked for and there is one, a GroupInfo of ``payload`` bytes follows. The account
    ``giver`` gave it when the commit ``at`` was the last. ``head`` is 0 while the conversation has
    no group, and the commit begins one.
    """

    head: Count
    payload: Count = 0
    giver: Id | None = field(default=None, name="from")
    at: Count = 0


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


class KickSigned(Reply, frozen=True, tag="kick-signed"):
    """The server's signature over :func:`geventim.chat.departures.kick_claim`."""

    signature: Signature


class Found(Reply, frozen=True, tag="found"):
    """The account that was asked for."""

    person: Person


class BlobInfo(Reply, frozen=True, tag="blob"):
    """The blob with this id has ``size`` bytes.

    So many of its ``chunks`` are on disk, the first ones. Once it is ``finished`` it is kept until
    ``end``, in seconds since the epoch; before that, it is dropped then.
    """

    blob: Id
    size: Count
    chunks: Count
    finished: bool = False
    end: float = 0.0


class ChunkStored(Reply, frozen=True, tag="chunk-stored"):
    """The first ``chunks`` chunks of the blob are on disk, the one that was put among them."""

    chunks: Count


class Chunk(Reply, frozen=True, tag="chunk"):
    """The chunk that was asked for follows, ``payload`` bytes."""

    payload: Count


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
    member.
    """

    conversation: ConversationInfo


class Voided(Event, frozen=True, tag="void"):
    """``account`` says that the commit ``seq``, which is ours, does not count.

    Its GroupInfo of the last commit that does follows, ``payload`` bytes.
    """

    conversation: Id
    seq: Count
    account: Id
    payload: Count


class StateWanted(Event, frozen=True, tag="state-wanted"):
    """Somebody who wants to get in has been given every state; members in step give theirs."""

    conversation: Id


class Asks(Event, frozen=True, tag="asks"):
    """Members ask for help. What each has sent follows, of ``sizes`` bytes, one behind the other.

    Who asks is told too when there are others among the ``accounts``.
    """

    conversation: Id
    accounts: Annotated[tuple[Id, ...], Meta(max_length=limits.ASKS)]
    sizes: Annotated[tuple[Count, ...], Meta(max_length=limits.ASKS)]
    payload: Count


class Helped(Event, frozen=True, tag="help"):
    """A member has answered our asking with the ``payload`` bytes that follow."""

    conversation: Id
    payload: Count


class LowOnKeyPackages(Event, frozen=True, tag="low-on-key-packages"):
    """The server has only ``left`` key packages of the account, the one of last resort aside."""

    left: Count


class Announcement(Event, frozen=True, tag="announcement"):
    """The operator of the server speaks to everyone."""

    text: ShortText


class Superseded(Event, frozen=True, tag="superseded"):
    """The account has logged in elsewhere; this connection ends."""


class Dismissed(Event, frozen=True, tag="dismissed", omit_defaults=True):
    """The account may not be here any more; this connection ends. For the rest see `Error`."""

    code: Code
    text: Sentence
    advice: ShortText = ""


AnyReply = (
    Ok
    | Error
    | LoggedIn
    | ConversationList
    | Opened
    | Challenge
    | Turn
    | Appended
    | Subscribed
    | KeyPackage
    | KickSigned
    | Found
    | NameList
    | RoomList
    | BlobInfo
    | ChunkStored
    | Chunk
)
AnyEvent = (
    EntryEvent
    | Presence
    | Added
    | Voided
    | StateWanted
    | Asks
    | Helped
    | LowOnKeyPackages
    | Announcement
    | Superseded
    | Dismissed
)
