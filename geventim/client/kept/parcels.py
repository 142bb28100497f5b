"""Messages to a conversation on their way: queued, sealed and sent, then accepted or refused.

A message is kept from the moment it is said until its fate is known, in its sealed form before that
leaves; after a break the same bytes are sent again. If the log has another head by then, the server
refuses them: they go again as they are if the group is the one for which they were sealed, and are
sealed anew under the same message id if it is not. So no message is in a log twice.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

import msgspec
from msgspec import Struct

from geventim.chat.replies import Recipient
from geventim.client.kept.memory import Memory
from geventim.client.kept.record import PARCEL
from geventim.errors import StoreError, UserError


class Fate(Enum):
    """What has become of a parcel."""

    QUEUED = "queued"
    SENT = "sent"
    ACCEPTED = "accepted"
    REFUSED = "refused"


OVER: Final = frozenset({Fate.ACCEPTED, Fate.REFUSED})


class _Kept(Struct):
    message_id: bytes
    content: bytes
    head: int
    sealed: bytes
    epoch: bytes
    seq: int = 0
    is_repeated: bool = False
    is_quiet: bool = False
    is_light: bool = False
    own_id: bytes = b""


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Kept)


@dataclass(slots=True, eq=False)
class Parcel:
    """One message: its ``content``, and its ``sealed`` form for the members of an ``epoch``.

    ``epoch`` is the transcript hash of the group then, ``head`` the head of the log for which the
    parcel was sent last.
    ``seq`` and ``recipient`` are what the server said when it accepted, ``error`` why it did not.
    One that ``is_repeated`` was sent before, where nobody else could read it. Of one that
    ``is_left`` by an earlier process, nobody here waits to hear. The front end that wrote it calls
    it ``own_id``, if it does. For one that ``is_light`` no keys are renewed, and for one that
    ``is_quiet`` nothing is done: it goes when it can, and is not missed if it never does.
    """

    number: int
    message_id: bytes
    content: bytes = field(repr=False)
    fate: Fate = Fate.QUEUED
    head: int = 0
    sealed: bytes = field(default=b"", repr=False)
    epoch: bytes = b""
    seq: int = 0
    recipient: Recipient | None = None
    error: UserError | None = None
    is_repeated: bool = False
    is_left: bool = False
    is_quiet: bool = False
    is_light: bool = False
    own_id: bytes = b""

    def is_sealed_for(self, epoch: bytes) -> bool:
        """Whether it was sealed for the members of ``epoch``; that of the first one is empty."""
        return bool(self.sealed) and self.epoch == epoch

    @property
    def over(self) -> bool:
        """Whether its fate is known."""
        return self.fate in OVER


class Parcels:
    """The parcels of one conversation, in the order in which they were put.

    ``refused`` is called with each that will never be in the log.
    """

    def __init__(
        self,
        memory: Memory,
        conversation: bytes,
        refused: Callable[[Parcel], None] = lambda _: None,
    ) -> None:
        self._memory = memory
        self._refused = refused
        self._prefix = f"{PARCEL}{conversation.hex()}/"
        self._parcels = [
            _load(int(number), kept) for number, kept in sorted(memory.under(self._prefix))
        ]
        self._by_fate: dict[Fate, dict[int, Parcel]] = {fate: {} for fate in Fate}
        for parcel in self._parcels:
            self._by_fate[parcel.fate][parcel.number] = parcel

    def __len__(self) -> int:
        return len(self._parcels)

    def put(self, parcel: Parcel, *, is_lasting: bool = True) -> None:
        """Add ``parcel`` after all others; one that is not lasting may be lost before it leaves."""
        self._parcels.append(parcel)
        self._by_fate[parcel.fate][parcel.number] = parcel
        if is_lasting:
            self.keep(parcel)

    def find(self, message_id: bytes) -> Parcel | None:
        """The parcel with that id, if its fate is not known yet."""
        return next((each for each in self._parcels if each.message_id == message_id), None)

    def sent(self) -> list[Parcel]:
        """Those that are on their way, in order."""
        return list(self._by_fate[Fate.SENT].values())

    def waiting(self) -> list[Parcel]:
        """Those whose fate is not known, in order."""
        return [parcel for parcel in self._parcels if not parcel.over]

    @property
    def undelivered(self) -> int:
        """How many those are that are to arrive."""
        return sum(not parcel.is_quiet for parcel in self.waiting())

    @property
    def queued(self) -> bool:
        """Whether a message waits to be sealed that is to arrive."""
        return any(not parcel.is_quiet for parcel in self._by_fate[Fate.QUEUED].values())

    @property
    def has_unsealed(self) -> bool:
        """Whether anything waits to be sealed, also if it is quiet."""
        return bool(self._by_fate[Fate.QUEUED])

    @property
    def renewing(self) -> bool:
        """Whether a message waits to be sealed for which keys are renewed, if that is due."""
        return any(not parcel.is_light for parcel in self._by_fate[Fate.QUEUED].values())

    @property
    def is_quiet_on_its_way(self) -> bool:
        """Whether one that is quiet has not arrived yet."""
        return any(parcel.is_quiet for parcel in self.waiting())

    def next_for(self, head: int) -> Parcel | None:
        """The parcel to be sealed next, for ``head``.

        None also while others are on their way that were sent for another head: those may be
        refused, and come first then. One that was refused because ``head`` is stale waits for the
        next head.
        """
        if any(parcel.head != head for parcel in self._by_fate[Fate.SENT].values()):
            return None
        first = next(iter(self._by_fate[Fate.QUEUED].values()), None)
        return None if first is None or (first.sealed and first.head == head) else first

    def seal(self, parcel: Parcel, epoch: bytes, sealed: bytes) -> None:
        """``parcel`` was sealed for the members of ``epoch``."""
        parcel.epoch, parcel.sealed = epoch, sealed

    def send(self, parcel: Parcel, head: int) -> None:
        """``parcel`` is about to leave, to be put after ``head``."""
        parcel.head = head
        self._move(parcel, Fate.SENT)
        self.keep(parcel)

    def requeue(self, parcel: Parcel) -> None:
        """``parcel`` was sent for a head that is not that of the log any more."""
        self._move(parcel, Fate.QUEUED)
        queued = self._by_fate[Fate.QUEUED]
        self._by_fate[Fate.QUEUED] = {number: queued[number] for number in sorted(queued)}

    def accept(self, parcel: Parcel, seq: int, recipient: Recipient | None) -> None:
        """``parcel`` is in the log."""
        parcel.seq, parcel.recipient = seq, recipient
        self._move(parcel, Fate.ACCEPTED)
        self.keep(parcel)

    def forget(self, parcel: Parcel) -> None:
        """``parcel`` is in the part of the log that we have read."""
        self._remove(parcel)

    def accepted_at(self, seq: int) -> Parcel | None:
        """The parcel whose place in the log is ``seq``."""
        accepted = self._by_fate[Fate.ACCEPTED].values()
        return next((each for each in accepted if each.seq == seq), None)

    def refuse(self, parcel: Parcel, error: UserError) -> None:
        """``parcel`` will never be in the log."""
        self._remove(parcel)
        parcel.fate, parcel.error = Fate.REFUSED, error
        self._refused(parcel)

    def refuse_queued(self, error: UserError) -> None:
        """What is not sealed yet will never be in the log."""
        for parcel in list(self._by_fate[Fate.QUEUED].values()):
            self.refuse(parcel, error)

    def refuse_all(self, error: UserError) -> None:
        """None of them will."""
        for parcel in list(self._parcels):
            if parcel.over:
                self._remove(parcel)
            else:
                self.refuse(parcel, error)

    def _move(self, parcel: Parcel, fate: Fate) -> None:
        del self._by_fate[parcel.fate][parcel.number]
        parcel.fate = fate
        self._by_fate[fate][parcel.number] = parcel

    def _remove(self, parcel: Parcel) -> None:
        self._parcels.remove(parcel)
        del self._by_fate[parcel.fate][parcel.number]
        self._memory.drop(self._name(parcel))

    def keep(self, parcel: Parcel) -> None:
        """Have ``parcel`` outlive the process, whatever its fate."""
        self._memory.put_later(self._name(parcel), lambda: _save(parcel))

    def _name(self, parcel: Parcel) -> str:
        return f"{self._prefix}{parcel.number:012}"


def _save(parcel: Parcel) -> bytes:
    kept = _Kept(
        parcel.message_id,
        parcel.content,
        parcel.head,
        parcel.sealed,
        parcel.epoch,
        parcel.seq,
        parcel.is_repeated,
        parcel.is_quiet,
        parcel.is_light,
        parcel.own_id,
    )
    return _encoder.encode(kept)


def _load(number: int, kept: bytes) -> Parcel:
    try:
        read = _decoder.decode(kept)
    except msgspec.MsgspecError:
        raise StoreError("a message that is kept is damaged") from None
    fate = Fate.ACCEPTED if read.seq else Fate.SENT if read.sealed else Fate.QUEUED
    return Parcel(
        number,
        read.message_id,
        read.content,
        fate,
        read.head,
        read.sealed,
        read.epoch,
        read.seq,
        is_repeated=read.is_repeated,
        is_left=True,
        is_quiet=read.is_quiet,
        is_light=read.is_light,
        own_id=read.own_id,
    )
