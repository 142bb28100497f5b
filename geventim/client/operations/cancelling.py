"""Not doing what somebody has wished for, if that is still possible."""

from collections.abc import Callable
from typing import Final

from geventim.client.kept.parcels import Fate
from geventim.client.operations.context import Context
from geventim.client.phases import Phase
from geventim.client.steps.outboxes import Outboxes
from geventim.client.wishes import Cancel, Id
from geventim.errors import DeniedError

CANCELLED: Final = DeniedError("cancelled")


def cancel(context: Context, outboxes: Outboxes, asker: int, wish: Cancel) -> Callable[[], bool]:
    """Do what ``wish`` of ``asker`` says; what tells whether nothing is left of it.

    Raises :class:`UserError` with the code ``too_late`` for what is done, or may be, and with
    ``no_transfer`` for a number that no transfer has.
    """
    if wish.transfer is not None:
        errand = context.user.transfers.cancel_number(wish.transfer)
        return lambda: errand.over
    if wish.request is not None:
        return _cancel_request(context, outboxes, asker, wish.request)
    if not _unqueue(context, bytes.fromhex(wish.message_id)):
        raise DeniedError("too_late")
    return _at_once


def _cancel_request(
    context: Context, outboxes: Outboxes, asker: int, request: Id
) -> Callable[[], bool]:
    errand = context.user.transfers.find(asker, request)
    if errand is not None:
        context.user.transfers.cancel(errand)
        return lambda: errand.over
    task = outboxes.find(asker, request)
    letter = context.user.letters.find(asker, request)
    if task is not None and letter is not None and context.phase is not Phase.READY:
        outboxes.refuse(task, CANCELLED)
        return _at_once
    if task is None or not (outboxes.drop(task, CANCELLED) or _unqueue(context, task.message_id)):
        raise DeniedError("too_late")
    return _at_once


def _at_once() -> bool:
    return True


def _unqueue(context: Context, message_id: bytes) -> bool:
    """Refuse a message that has not left; whether there is one."""
    for conversation in context.conversations:
        parcel = conversation.parcels.find(message_id) if message_id else None
        if parcel is not None and parcel.fate is Fate.QUEUED and not parcel.sealed:
            # Who has it cancelled knows.
            parcel.is_left = False
            conversation.parcels.refuse(parcel, CANCELLED)
            return True
    return False
