"""Getting in by the state of somebody else, until it is certain that we did.

Who gives out a state may have made it up. Others say so, and may lie as well.
"""

from typing import Final

from geventim.client import roster
from geventim.client.conversation import Conversation
from geventim.client.position import Position
from geventim.client.posting import say_again
from geventim.client.seat import Seat
from geventim.client.stages import Move

DOUBT: Final = 0.5
"""Seconds that what we write waits where we have just got in by the state of somebody else."""

NEWNESS: Final = 10.0
"""Seconds for which others may say that the state by which we got in was not right."""


def certain_at(conversation: Conversation) -> float:
    """Until when nothing is sent, since others may say that we are not where they are."""
    record = conversation.record
    return record.entered_at + DOUBT if record.entered else 0.0


def settle_in(conversation: Conversation, author: bytes) -> None:
    """Somebody else has written where we got in: after a while it is certain that we did.

    Who gave us the state by which we got in may have made it up, and proves nothing by writing
    there, unless there is nobody else.
    """
    record = conversation.record
    if not record.entered or conversation.context.clock() - record.entered_at <= NEWNESS:
        return
    if author != record.giver or conversation.seat_of().tree.census.members <= 2:
        record.entered, record.doubtful = 0, {}
        conversation.attempts.clear()


def disown(conversation: Conversation) -> None:
    """Others say that the state by which we got in was not right: look for another one."""
    record = conversation.record
    if conversation.seat is not None:
        conversation.attempts.add(conversation.seat)
    conversation.vacate_seat()
    record.entered = 0
    record.epoch, record.transcript = record.known_epoch, record.known_transcript
    conversation.lack_secrets("")


def lose_seat(conversation: Conversation) -> None:
    """What our seat has come to is not known: look for the state of another member."""
    conversation.give_up_seat()
    conversation.lack_secrets("")


def adopt(conversation: Conversation, seat: Seat) -> None:
    """An earlier attempt to get in was the one that counts; what was written since comes again."""
    conversation.drop_pending()
    if conversation.record.entered or seat is not conversation.attempts.newest:
        say_again(conversation, conversation.parcels.sent())
    conversation.attempts.clear()
    conversation.move(Move.SHUT_OUT)
    conversation.seat = seat
    conversation.record.entered, conversation.record.doubtful = 0, {}
    conversation.settle_on(conversation.record.base)
    if seat.is_whole:
        conversation.helper.remember(seat.group, is_own=False)
        conversation.move(Move.HELP)


def rejoin(conversation: Conversation) -> None:
    """A person wants to go on with what the server has now."""
    record = conversation.record
    if conversation.needs_person:
        is_outside = conversation.seat is None and not record.member
        conversation.move(Move.RETRY if is_outside else Move.REJOIN)
    conversation.failure, record.cause = None, ""
    conversation.before_rejoin = (
        None if conversation.seat is None else roster.members(conversation.seat.tree)
    )
    conversation.give_up_seat()
    record.epoch, record.transcript = -1, b""
    record.seen, record.departed = {}, {}
    info, read = conversation.latest, record.position.seq
    if info is not None and info.incarnation != record.incarnation:
        record.incarnation, record.position = info.incarnation, Position()
    else:
        # Whatever the log looked like to us, from here on it is the one of the server.
        record.position = Position(min(read, info.head) if info and info.head else read)
    conversation.keep()
