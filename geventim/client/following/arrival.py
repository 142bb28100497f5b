"""Getting in by the state of somebody else, until it is certain that we did.

Who gives out a state may have made it up. Others say so, and may lie as well.
"""

from typing import Final

from geventim.client.conversation.conversation import Conversation
from geventim.client.conversation.posting import say_again
from geventim.client.conversation.witnesses import OURSELVES, Offer
from geventim.client.kept.position import Position
from geventim.client.kept.stages import Move
from geventim.client.people import roster
from geventim.client.sealing.attempts import Arrival
from geventim.client.sealing.seat import Seat

DOUBT: Final = 0.5
"""Seconds that what we write waits where we have just got in by the state of somebody else."""

NEWNESS: Final = 10.0
"""Seconds for which others may say that the state by which we got in was not right."""

CONTESTED: Final = 3600.0
"""Seconds for which others may say so after somebody did."""

INTERVAL: Final = 60.0
"""Seconds in which one account is listened to once that is not where we are."""

KNOCK: Final = 1.0
"""Seconds after which who has gone to another attempt lets others see that."""


def certain_at(conversation: Conversation) -> float:
    """Until when nothing is sent: nobody could read it yet, or others may say we are elsewhere.

    Who got in anew is the only one to know the secrets of that epoch until others were helped. If
    somebody else gets in on top of that, and we go, what we wrote in it is lost to all.
    """
    record = conversation.record
    doubted = record.entered_at + DOUBT if record.entered else 0.0
    return max(doubted, conversation.needed_until)


def heard_at(conversation: Conversation) -> float:
    """Until when a leave waits: what we wrote where we have just got in may have to be said again.

    Others may say so again and again, and are not waited for any longer.
    """
    if not conversation.leaves_by:
        return 0.0
    record, waiting = conversation.record, conversation.parcels.waiting()
    if any(parcel.is_repeated for parcel in waiting):
        return conversation.leaves_by
    heard = record.entered_at + NEWNESS if record.doubtful else 0.0
    return min(heard, conversation.leaves_by)


def settle_in(conversation: Conversation, author: bytes) -> None:
    """Somebody else has written where we got in: after a while it is certain that we did.

    Who gave us the state by which we got in may have made it up, and proves nothing by writing
    there, unless there is nobody else: by that state, and by what the server counts, as far as
    anybody says.
    """
    record = conversation.record
    newness = CONTESTED if record.contested else NEWNESS
    if not record.entered or conversation.user.clock() - record.entered_at <= newness:
        return
    is_alone = not record.contested and _is_between_two(conversation)
    if author != record.giver or is_alone:
        record.entered, record.contested, record.doubtful = 0, False, {}
        conversation.attempts.clear()
        conversation.witnesses.forget()


def doubt(conversation: Conversation, author: bytes) -> None:
    """The ``author`` of an entry is not where we have just got in: look for another state.

    The author may be elsewhere for no good, and is listened to once in a while.
    """
    if conversation.record.entered and conversation.witnesses.hear(author, INTERVAL):
        disown(conversation)


def doubt_by_message(conversation: Conversation, author: bytes) -> None:
    """A message of ``author`` does not open where we have got in: maybe we are not where it is.

    Anybody can write what does not open. Who has just got in would have to wait for its turn to do
    so anew; later, it costs a second.
    """
    if conversation.user.clock() - conversation.record.entered_at > NEWNESS:
        doubt(conversation, author)


def _is_between_two(conversation: Conversation) -> bool:
    info = conversation.latest
    others = info.members - info.member if info is not None else 0
    return conversation.seat_of().tree.census.members <= 2 and others <= 1


def disown(conversation: Conversation) -> None:
    """Others say that the state by which we got in was not right: look for another one."""
    record = conversation.record
    _set_aside(conversation)
    if conversation.owing.knock_at is not None and conversation.pending is None:
        # Others have not seen yet where we were, so they may see at once where we go.
        conversation.witnesses.release(OURSELVES, INTERVAL)
    conversation.vacate_seat()
    record.entered, record.contested = 0, True
    record.epoch, record.transcript = record.known_epoch, record.known_transcript
    conversation.lack_secrets("")


def lose_seat(conversation: Conversation) -> None:
    """What our seat has come to is not known: look for the state of another member."""
    conversation.give_up_seat()
    conversation.lack_secrets("")


def adopt(conversation: Conversation, seat: Seat) -> None:
    """Another attempt to get in is the one that counts, as far as somebody else says.

    Whoever made up a state can say so of it. The seat that we had is kept beside, and what was
    written there is written again. A commit lets those see where we are who are elsewhere.
    """
    record, attempts = conversation.record, conversation.attempts
    conversation.drop_pending()
    is_another = bool(record.entered) or seat is not attempts.newest
    arrival = attempts.take(seat)
    _set_aside(conversation)
    conversation.move(Move.SHUT_OUT)
    conversation.seat = seat
    record.arrive(arrival.seq, arrival.history, arrival.giver, conversation.user.clock())
    conversation.settle_on(record.base)
    if is_another:
        say_again(conversation, conversation.parcels.sent())
    if conversation.owing.knock_at is None:
        conversation.owing.knock(KNOCK + conversation.witnesses.book(OURSELVES, INTERVAL))
    if seat.is_whole:
        conversation.helper.remember(seat.group, is_own=False)
        conversation.move(Move.HELP)


def heed(conversation: Conversation, offer: Offer) -> None:
    """Go where who calls void what we wrote says that the group is: we may have been there."""
    for attempt in conversation.attempts:
        if attempt.is_ours and attempt.leaf.encryption_key in offer.group_info:
            conversation.record.contested = True
            adopt(conversation, attempt)
            return
    disown(conversation)
    conversation.witnesses.offered = offer


def _set_aside(conversation: Conversation) -> None:
    record, seat = conversation.record, conversation.seat
    if seat is not None:
        since = record.entered or record.arrived or record.base
        arrival = Arrival(since, record.entered_from, record.giver)
        conversation.attempts.add(seat, arrival)


def rejoin(conversation: Conversation) -> None:
    """A person wants to go on with what the server has now."""
    record = conversation.record
    if conversation.needs_person:
        info = conversation.latest
        # Where nobody has begun we may do so.
        is_outside = not record.member or (info is not None and not info.head)
        conversation.move(Move.RETRY if is_outside else Move.REJOIN)
    conversation.intent.failure, record.cause = None, ""
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
        is_told = info is not None and (info.head > 0 or not record.member)
        record.position = Position(min(read, info.head) if info and is_told else read)
    conversation.keep()
