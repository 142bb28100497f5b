"""What becomes of the messages that we write, as the user is told."""

from typing import Any, Final

from geventim.client.events import Delivery, Error, Message
from geventim.client.kept.bookmark import Bookmark
from geventim.client.kept.parcels import Parcel
from geventim.client.kept.record import Record
from geventim.client.sealing import content
from geventim.client.sealing.content import Act, ContentKind
from geventim.client.user import User
from geventim.errors import DeniedError

LASTING: Final = frozenset({ContentKind.ROOM, ContentKind.PRIVATE, ContentKind.GROUP})
"""What is shown as written by the user, and written down."""


def tell(user: User, record: Record, parcel: Parcel, delivery: Delivery, order: int = 0) -> None:
    """Say how far ``parcel`` has come; ``order`` is its number in the history, if it is there.

    Of secrets and keys nothing is said, and nothing is said twice of what is written again.
    """
    said = content.parse(parcel.content)
    if said.act is Act.SAY and said.kind in LASTING and not parcel.is_repeated:
        user.emit(
            Message(
                record.label,
                said.kind,
                said.nick,
                said.message,
                said.date,
                parcel.seq,
                conversation_id=record.id.hex(),
                message_id=parcel.message_id.hex(),
                order=order,
                delivery=delivery,
            )
        )


def tell_refused(user: User, record: Record, bookmark: Bookmark, parcel: Parcel) -> None:
    """Say that ``parcel`` will never be in the log, and why, if nobody waits to hear that.

    Its text is a draft then: whoever wrote it may not be here.
    """
    tell(user, record, parcel, Delivery.REFUSED)
    if parcel.own_id:
        user.tickets.drop(record.id, parcel.own_id)
    said = content.parse(parcel.content)
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
