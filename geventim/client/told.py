"""Events and answers with those whom they concern: the front ends of one client.

Whoever wishes for something, or types a line, is an *asker*. What an event says that somebody's
wish has caused carries the id of the wish, for them alone.
"""

from dataclasses import dataclass
from typing import Final, Self

from geventim.client.answers import Answer
from geventim.client.events import (
    Acquaintance,
    Delayed,
    Delivery,
    Entered,
    Error,
    Event,
    Found,
    Message,
    Names,
    Notice,
    RoomCode,
    SafetyNumber,
    Sent,
)
from geventim.client.sealing.content import ContentKind
from geventim.client.steps.outbox import Task
from geventim.client.steps.outboxes import Outboxes
from geventim.client.wishes import Id

OWN: Final = 0
"""The asker that is the front end of the process itself."""

REPLIES: Final = (
    Acquaintance,
    Delayed,
    Entered,
    Error,
    Found,
    Names,
    Notice,
    RoomCode,
    SafetyNumber,
)
"""Events that answer whoever caused them, and concern nobody else then."""


@dataclass(frozen=True, slots=True)
class Told:
    """An event or an answer.

    ``asker`` has caused it, by the wish with the id ``request`` if it was one. What is not
    ``shared`` is for them alone.
    """

    item: Event | Answer
    asker: int | None = None
    request: Id | None = None
    shared: bool = True

    @classmethod
    def of(cls, event: Event, task: Task | None) -> Self:
        """An event that a step of ``task`` has caused, or nobody here."""
        if task is None:
            return cls(event)
        request = None if task.wish is None else task.wish.id
        return cls(event, task.asker, request, not _is_private(event))

    @classmethod
    def to(cls, asker: int, item: Event | Answer, request: Id | None = None) -> Self:
        """What is said to ``asker`` alone."""
        return cls(item, asker, request, shared=False)


def cause(event: Event, outboxes: Outboxes) -> Task | None:
    """The task that has caused ``event``, which is told just now, if one has."""
    match event:
        case Sent():
            return outboxes.awaiting(bytes.fromhex(event.message_id))
        case Message(delivery=Delivery.QUEUED) if outboxes.advancing is not None:
            # It is just being said, and nobody waits for it yet.
            return outboxes.advancing
        case Message(delivery=Delivery()):
            return outboxes.awaiting(bytes.fromhex(event.message_id)) or outboxes.advancing
    return outboxes.advancing


def _is_private(event: Event) -> bool:
    """Whether ``event`` is for who caused it alone: a reply, what is read again, a secret."""
    if isinstance(event, Message):
        return event.history or event.kind is ContentKind.SECRET
    return isinstance(event, REPLIES)
