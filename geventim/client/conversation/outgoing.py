"""What becomes of the messages that we write, as the user is told."""

from collections.abc import Iterator
from typing import Any, Final

from geventim.client.events import Delivery, Error, Message
from geventim.client.kept.bookmark import Bookmark
from geventim.client.kept.parcels import Parcel, Parcels
from geventim.client.kept.record import Record
from geventim.client.sealing import content
from geventim.client.sealing.content import Act, Content, ContentKind
from geventim.client.user import User
from geventim.errors import DeniedError

LASTING: Final = frozenset({ContentKind.ROOM, ContentKind.PRIVATE, ContentKind.GROUP})
"""What is shown as written by the user, and written down."""


def message(record: Record, parcel: Parcel, said: Content, delivery: Delivery) -> Message | None:
    """How far ``parcel`` has come, which says what was ``said``.

    Of secrets and keys nothing is said, and nothing is said twice of what is written again.
    """
    if said.act is not Act.SAY or said.kind not in LASTING or parcel.is_repeated:
        return None
    return Message(
        record.label,
        said.kind,
        said.nick,
        said.message,
        said.date,
        parcel.seq,
        conversation_id=record.id.hex(),
        message_id=parcel.message_id.hex(),
        delivery=delivery,
    )


def queued(record: Record, parcels: Parcels) -> Iterator[Message]:
    """The messages of which nobody knows yet whether the server has them, in order."""
    for parcel in parcels.waiting():
        told = message(record, parcel, content.parse(parcel.content), Delivery.QUEUED)
        if told is not None:
            yield told


def tell(user: User, record: Record, parcel: Parcel, said: Content, delivery: Delivery) -> None:
    """Say how far ``parcel`` has come; see :func:`message`."""
    told = message(record, parcel, said, delivery)
    if told is not None:
        user.emit(told)


def tell_refused(user: User, record: Record, bookmark: Bookmark, parcel: Parcel) -> None:
    """Say that ``parcel`` will never be in the log, and why, if nobody waits to hear that.

    Its text is a draft then: whoever wrote it may not be here.
    """
    said = content.parse(parcel.content)
    tell(user, record, parcel, said, Delivery.REFUSED)
    if parcel.own_id:
        user.tickets.drop(record.id, parcel.own_id)
    error = parcel.error
    if error is None or not parcel.is_left or parcel.is_repeated or said.kind not in LASTING:
        return
    if said.message:
        bookmark.add(said.message)
    # The words of the server, if it was the server.
    facts: dict[str, Any] = {"words": str(error)}
    if isinstance(error, DeniedError):
        facts = {**error.facts, "why_case": error.case}
        facts.pop("name", None)
    user.emit(Error.of("not_sent", name=record.label, why=error.code, **facts))
