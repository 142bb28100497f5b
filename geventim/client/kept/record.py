"""What is kept of a conversation, and under which names.

================= =========================================================================
``talk/ID``       this record
``group/ID``      the group's fixed part: tree, epoch, our keys; written on commits only
``ratchets/ID``   the group's moving part; written with every message
``outlook/ID``    instead of both, the group as one sees it who lacks its secrets
``outlook/ID/N``  what it looked like in epoch N, as long as messages of then are closed
``closed/ID/N``   the entry N, which cannot be opened yet
``tried/ID/N``    what an earlier attempt to get in led to, until it is clear which one counted
``read/ID/N``     which messages were read lately
``pending/ID``    the commit of ours that is on its way, and the group it leads to
``parcel/ID/N``   a message of ours that is sealed, and not yet known to be accepted
``mark/ID``       how far the user has read it, and what they have begun to write there
``readers/ID``    how far the others say that they have read it
``pictures/ID``   how much of pictures was fetched there today without being asked for
``key/ID``        the key of a room in which we were elsewhere, until we hear of it here
``letter/N``      a message to somebody with whom there is no conversation yet
``ticket/N``      which message a front end has called by an id of its own
``settings``      what the user has settled for this program to do
``moved``         is there if the user comes from another client, where the groups have stayed
================= =========================================================================

All that one entry or one request changes goes into one transaction.
"""

from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct, field

from geventim.chat.replies import ConversationInfo, Person
from geventim.chat.values import Count, Kind
from geventim.client.kept.memory import Memory
from geventim.client.kept.position import Position
from geventim.client.kept.stages import Stage
from geventim.errors import StoreError

TALK: Final = "talk/"
GROUP: Final = "group/"
RATCHETS: Final = "ratchets/"
PENDING: Final = "pending/"
OUTLOOK: Final = "outlook/"
CLOSED: Final = "closed/"
TRIED: Final = "tried/"
READ: Final = "read/"
PARCEL: Final = "parcel/"
KEY: Final = "key/"
MOVED: Final = "moved"


class Offer(Struct, frozen=True, array_like=True):
    """A key that ``nick`` has announced: as it is typed, and the secret that it stretches to.

    Of one without a nick the user is told nothing.
    """

    secret: bytes
    nick: str = ""
    text: str = ""

    def __repr__(self) -> str:
        return "<a key that was announced>"


class Record(Struct):
    """A conversation as we know it.

    ============== =============================================================================
    name           what the server calls it, and for a group what its founder did
    alias          what it is called here instead, where another one has that name
    keyed          whether it is a keyed room; ``gate`` is the gate that its members agreed on, or
                   that of our key
    founder        the account that made a group, by the server's word
    deleted        whether it was ended for everybody
    member         whether the server counts us in
    cause          the name of the :class:`.causes.Cause` for which it was stopped
    head           the last commit of the log, whether it counts or not
    base           the last one that counts
    epoch          the highest epoch that we were in, and its ``transcript`` hash
    leaving        whether what ends our part in it has left, and may have been accepted
    entered        the commit by which we got in, while it is not certain that it counts;
                   when that was, the history of the state that it came ``from``, which the
                   account ``giver`` gave, and the epoch that was ``known`` before, with its
                   transcript hash
    arrived        that commit, also when it is certain; 0 for who founded it or has a Welcome
    contested      whether somebody said meanwhile that it does not
    doubtful       what we wrote while it was not certain, by message id, to be written again if
                   it turns out that nobody else was there
    author         who made the commit that shut us out, and ``shut_out`` when, or 0
    accepted       how many messages of ours were accepted
    seen           how many messages there are by now of each account, as far as we know
    departed       accounts that are out and whose leaves are still in the tree, each with what
                   it signed, or what the server did, or nothing
    departed_at    when the last of them went, in seconds since the epoch
    invitees       nicks to be added to a group that we found
    missed         messages that could not be read since we fell out of step
    renewed        when we last changed our keys, and how many messages we sent ``since``
    unsure         whether messages of ours may be in the log that we do not know of: then our keys
                   are changed before we seal anything
    sealed         how many messages we sealed in the epoch whose transcript is ``sealed_in``
    parcels        the number of the last parcel
    room_key       the secret of a keyed room, see :mod:`.gates`
    offers         those that members have announced, by account, to be used with its next gate
    timer          seconds from reading after which what is said from now on is deleted, or 0, by
                   the entry ``timer_set``; and who has said so at which ``timer_date``, as long as
                   the user was not told
    ============== =============================================================================
    """

    id: bytes
    kind: Kind
    name: str
    incarnation: bytes
    alias: str = ""
    keyed: bool = False
    gate: bytes = b""
    founder: bytes = b""
    deleted: bool = False
    peer: Person | None = None
    member: bool = False
    stage: Stage = Stage.ABSENT
    cause: str = ""
    leaving: bool = False
    position: Position = field(default_factory=Position)
    head: int = 0
    base: int = 0
    epoch: int = -1
    transcript: bytes = b""
    entered: int = 0
    entered_at: float = 0
    entered_from: bytes = b""
    arrived: int = 0
    giver: bytes = b""
    contested: bool = False
    doubtful: dict[bytes, bytes] = field(default_factory=dict)
    known_epoch: int = -1
    known_transcript: bytes = b""
    author: str = ""
    shut_out: float = 0
    accepted: int = 0
    seen: dict[bytes, Count] = field(default_factory=dict)
    departed: dict[bytes, bytes] = field(default_factory=dict)
    departed_at: float = 0
    invitees: list[str] = field(default_factory=list)
    missed: int = 0
    renewed: float = 0
    since: int = 0
    unsure: bool = False
    sealed: int = 0
    sealed_in: bytes = b""
    parcels: int = 0
    room_key: bytes = b""
    offers: dict[bytes, Offer] = field(default_factory=dict)
    timer: int = 0
    timer_set: int = 0
    timer_by: str = ""
    timer_date: float = 0

    def __repr__(self) -> str:
        return f"<record of '{self.name}'>"

    @property
    def label(self) -> str:
        """What it is called here."""
        return self.alias or self.name

    def know(self) -> None:
        """The state of now is the last that we know to be right."""
        self.known_epoch, self.known_transcript = self.epoch, self.transcript

    def arrive(self, seq: int, history: bytes, giver: bytes, now: float) -> None:
        """We got in ``now`` by the commit ``seq``, and it is not certain yet that it counts.

        It was made on the state with the interim transcript hash ``history``, which ``giver`` gave.
        """
        self.entered, self.entered_at = seq, now
        self.arrived = seq or self.arrived
        self.entered_from, self.giver = history, giver

    def forget_the_future(self, now: float) -> None:
        """What is said to have happened after ``now`` has, by a clock that was wrong."""
        self.entered_at = min(self.entered_at, now)
        self.shut_out = min(self.shut_out, now)
        self.renewed = min(self.renewed, now)

    @classmethod
    def of(cls, info: ConversationInfo) -> "Record":
        """A conversation that we hear of for the first time."""
        return cls(
            info.id,
            info.kind,
            info.name,
            info.incarnation,
            keyed=info.keyed,
            gate=info.gate or b"",
            founder=info.founder or b"",
            peer=info.peer,
        )


class Pending(Struct):
    """A commit of ours on its way.

    ``fixed`` and ``moving`` are the group that it leads to. ``history`` is the interim transcript
    hash of the state that it builds on, if the account ``giver`` gave us that. ``seq`` is its
    number in the log once the server has accepted it; it takes effect in its turn.
    """

    message_id: Annotated[bytes, Meta(min_length=16)]
    head: int
    message: bytes
    welcome: bytes
    group_info: bytes
    added: tuple[bytes, ...]
    removed: tuple[bytes, ...]
    gate: bytes | None
    fixed: bytes
    moving: bytes
    history: bytes = b""
    giver: bytes = b""
    seq: int = 0

    def __repr__(self) -> str:
        return "<a commit on its way>"

    def is_entry(self, message_id: bytes, payload: bytes) -> bool:
        """Whether the entry with this id and payload is this commit."""
        return (message_id, payload) == (self.message_id, self.message)


_encoder = msgspec.msgpack.Encoder()
_records = msgspec.msgpack.Decoder(Record)
_pending = msgspec.msgpack.Decoder(Pending)


def load_records(memory: Memory) -> list[Record]:
    """Every conversation that is kept. Raises :class:`StoreError`."""
    try:
        return [_records.decode(kept) for _, kept in memory.under(TALK)]
    except msgspec.MsgspecError:
        raise StoreError("what is kept of a conversation is damaged") from None


def keep_record(memory: Memory, record: Record) -> None:
    """Keep ``record`` as it will be when the changes are taken."""
    memory.put_later(TALK + record.id.hex(), lambda: _encoder.encode(record))


def room_keys(memory: Memory) -> dict[str, bytes]:
    """The keys of all rooms, under the names by which another client takes them up.

    Raises :class:`StoreError`.
    """
    records = load_records(memory)
    return {KEY + record.id.hex(): record.room_key for record in records if record.room_key}


def load_pending(memory: Memory, conversation: bytes) -> Pending | None:
    """The commit that was on its way. Raises :class:`StoreError`."""
    kept = memory.get(PENDING + conversation.hex())
    try:
        return None if kept is None else _pending.decode(kept)
    except msgspec.MsgspecError:
        raise StoreError("a commit that is kept is damaged") from None


def keep_pending(memory: Memory, conversation: bytes, pending: Pending | None) -> None:
    """Keep ``pending``, or forget what was on its way."""
    if pending is None:
        memory.drop(PENDING + conversation.hex())
    else:
        memory.put(PENDING + conversation.hex(), _encoder.encode(pending))
