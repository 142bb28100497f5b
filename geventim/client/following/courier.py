"""Carries the messages of one conversation to the server, each until its fate is known."""

from functools import partial
from typing import Final

from geventim.chat.replies import Appended, Error, Reply
from geventim.chat.requests import Append
from geventim.client.causes import Cause
from geventim.client.conversation.acquaintance import distrust
from geventim.client.conversation.conversation import Conversation
from geventim.client.conversation.posting import accept_parcel, seal
from geventim.client.events import Notice
from geventim.client.following import amendment
from geventim.client.following.arrival import certain_at
from geventim.client.kept.parcels import Fate, Parcel
from geventim.client.kept.stages import SENDING
from geventim.client.sealing.testimony import UNKNOWN, Testimony
from geventim.client.steps.effects import Ask
from geventim.client.steps.patience import Patience
from geventim.client.steps.refusals import PASSING, STALE_HEAD, STORAGE_FAILED, refusal

WINDOW: Final = 32
"""Messages of a conversation that are on their way at the same time."""

STORAGE_PATIENCE: Final = 4.0
"""Seconds, at most, until something is sent again that the server could not store."""


class Courier:
    """Sends the parcels of ``conversation``."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation
        user = conversation.user
        self._exchange = user.ways.exchange
        self._patience = Patience(user.clock, user.random)
        self._asked: set[bytes] = set()

    @property
    def wake_at(self) -> float:
        """When to try again, in seconds since the epoch."""
        return max(self._patience.until, certain_at(self._conversation))

    def reset(self) -> None:
        """The connection is gone, and with it whatever was on its way."""
        self._asked.clear()
        self._patience.reset()

    def send(self) -> None:
        """Send what can be sent: first again what may have been lost, then what is new."""
        conversation = self._conversation
        parcels = conversation.parcels
        if not parcels or self._patience.waits:
            return
        for parcel in parcels.sent():
            if parcel.message_id not in self._asked:
                self._ask(parcel)
        self._refuse_blocked()
        certain = certain_at(conversation)
        if certain and conversation.user.clock() < certain:
            return
        while conversation.stage in SENDING and not amendment.is_barred(conversation):
            queued = parcels.next_for(conversation.record.head)
            if queued is None or len(self._asked) >= WINDOW:
                return
            if not queued.is_light and amendment.is_owed(conversation):
                return
            if not queued.is_sealed_for(conversation.record.transcript):
                self._seal(queued)
            parcels.send(queued, conversation.record.head)
            self._ask(queued)

    def _refuse_blocked(self) -> None:
        """Refuse what is queued, if somebody here is not trusted."""
        conversation = self._conversation
        seat = conversation.seat
        if seat is None or not conversation.parcels.has_unsealed:
            return
        error = distrust(conversation.user, conversation.record.kind, seat.tree)
        if error is not None:
            conversation.parcels.refuse_queued(error)

    def _seal(self, parcel: Parcel) -> None:
        """Seal ``parcel`` for the members of now, and say what we have seen of the log."""
        conversation = self._conversation
        record, parcels = conversation.record, conversation.parcels
        position = record.position
        testimony = Testimony(
            position.seq, position.hash or UNKNOWN, record.accepted, len(parcels.sent())
        )
        seal(conversation, parcel, testimony.encode())

    def _ask(self, parcel: Parcel) -> None:
        self._asked.add(parcel.message_id)
        request = Append(
            id=0,
            conversation=self._conversation.id,
            message_id=parcel.message_id,
            head=parcel.head,
            payload=len(parcel.sealed),
        )
        self._exchange.send(Ask(request, Appended, parcel.sealed), partial(self._answer, parcel))

    def _answer(self, parcel: Parcel, reply: Reply, _: bytes) -> None:
        self._asked.discard(parcel.message_id)
        if parcel.fate is not Fate.SENT:
            # Its entry came first, or it was given up.
            return
        conversation = self._conversation
        if isinstance(reply, Appended) and reply.seq <= conversation.record.position.seq:
            # Something else was there when we read it.
            conversation.stop(Cause.REPLACED_HISTORY)
        elif isinstance(reply, Appended):
            self._patience.reset()
            accept_parcel(conversation, parcel, reply.seq, reply.recipient)
        elif isinstance(reply, Error) and reply.code == STALE_HEAD:
            conversation.parcels.requeue(parcel)
        elif isinstance(reply, Error) and reply.code == STORAGE_FAILED:
            self._wait_for_the_server()
        elif isinstance(reply, Error) and reply.code in PASSING:
            self._patience.fail()
        elif isinstance(reply, Error):
            conversation.parcels.refuse(parcel, refusal(reply))

    def _wait_for_the_server(self) -> None:
        """Try again until it can store what was written; the user hears of it once."""
        if not self._patience.failures:
            name = self._conversation.name
            self._conversation.user.emit(Notice.own(STORAGE_FAILED, name=name))
        self._patience.fail(STORAGE_PATIENCE)
