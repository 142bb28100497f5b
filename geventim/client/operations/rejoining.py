"""Going on with what the server has of conversations, since a person wants to.

That is asked for where the server contradicts what we know: it may lie, or it may have been put
back to an older state, or have lost everything but its key.
"""

from geventim.chat.names import fold
from geventim.chat.replies import ConversationInfo, NameList, Opened
from geventim.chat.requests import ListNames, OpenDm, OpenGroup
from geventim.chat.values import Kind
from geventim.client.causes import GONE_BACK, Cause
from geventim.client.conversation.conversation import Conversation
from geventim.client.conversation.turnover import difference
from geventim.client.events import Error, Notice
from geventim.client.kept.stages import Stage
from geventim.client.operations import doors, parting, rooms
from geventim.client.operations.addressing import PERSON, PLACE
from geventim.client.operations.context import Context
from geventim.client.people import roster
from geventim.client.people.credentials import Somebody
from geventim.client.steps.effects import Operation, RefusedError, Steps, ask
from geventim.client.steps.refusals import NO_LONGER, USER_NOT_FOUND
from geventim.errors import DeniedError, UserError

ALL = "all"
"""What is said for every conversation, unless one is called so."""

GONE = frozenset(cause.name for cause in GONE_BACK)


def miss(context: Context, listed: frozenset[bytes]) -> None:
    """Stop the conversations that we are in and the server has not ``listed``.

    Where we were about to leave it has heard that we did, or has not.
    """
    for conversation in context.conversations:
        is_in = conversation.record.member and conversation.seat is not None
        if conversation.id in listed:
            parting.stay(conversation)
        elif is_in and conversation.record.leaving:
            conversation.exclude()
        elif is_in and not conversation.is_leaving:
            conversation.stop(Cause.LOST)


def rejoin(context: Context, name: str) -> Operation:
    """Go on with what the server has of a conversation, or of all, and show who is in it."""
    conversation = _known(context, name)
    if conversation is None and fold(name) == ALL:
        yield from _rejoin_all(context)
        return
    if conversation is None:
        raise DeniedError("no_conversation", name=name)
    if conversation.in_step:
        raise DeniedError("in_order", name=conversation.name)
    yield from _rejoin(context, conversation)


def _known(context: Context, name: str) -> Conversation | None:
    """The conversation that ``name`` stands for, whether the user is in it or not."""
    kinds = {PERSON: {Kind.DM}, PLACE: {Kind.ROOM, Kind.GROUP}}.get(name[:1], set(Kind))
    bare = fold(name.lstrip(PERSON + PLACE))
    found = (
        each
        for each in context.conversations
        if each.id.hex() == name or (each.record.kind in kinds and fold(each.name) == bare)
    )
    return next(found, None)


def _rejoin_all(context: Context) -> Operation:
    # What is asked is answered when we have come in, and it is known what has gone back.
    yield from ask(NameList, ListNames(id=0))
    gone = [each for each in context.conversations if _has_gone_back(each)]
    if not gone:
        raise DeniedError("in_order", case="all")
    for conversation in gone:
        try:
            yield from _rejoin(context, conversation)
        except UserError as error:
            context.user.emit(Error.by(error))


def _has_gone_back(conversation: Conversation) -> bool:
    is_kept_out = conversation.needs_person or conversation.is_held_up
    return is_kept_out and conversation.record.cause in GONE


def _rejoin(context: Context, conversation: Conversation) -> Operation:
    try:
        info = yield from _look_up(context, conversation)
    except RefusedError as refused:
        if refused.code == USER_NOT_FOUND:
            raise _not_back(conversation) from None
        if refused.code not in NO_LONGER or not conversation.is_stopped_for(Cause.LOST):
            raise
        raise _let_go(conversation) from None
    if info.id != conversation.id:
        yield from _begin_anew(context, conversation, info)
        return
    context.conversations.learn(info)
    context.conversations.rejoin(conversation)
    yield from rooms.wait_for(context, conversation)
    if conversation.stage is Stage.ABSENT and conversation.record.kind is not Kind.GROUP:
        # The server does not count us in any more, but we may join as anybody may.
        conversation.seek()
        yield from rooms.wait_for(context, conversation)
    if conversation.intent.failure is not None and conversation.stage is not Stage.STOPPED:
        raise conversation.intent.failure
    if conversation.stage is Stage.ABSENT:
        raise DeniedError("not_a_member", case="any_more", name=conversation.name)
    if conversation.in_step:
        before, conversation.before_rejoin = conversation.before_rejoin, None
        _tell_difference(context, conversation, before)


def _look_up(context: Context, conversation: Conversation) -> Steps[ConversationInfo]:
    """What the server has under the name that we know; the first room is made if there is none."""
    record = conversation.record
    if record.kind is Kind.ROOM:
        return (yield from doors.find_first(context, record.name))
    if record.kind is Kind.GROUP:
        return (yield from ask(Opened, OpenGroup(id=0, conversation=record.id))).conversation
    return (yield from ask(Opened, OpenDm(id=0, nick=record.name))).conversation


def _begin_anew(context: Context, former: Conversation, info: ConversationInfo) -> Operation:
    """Be in the room that has the name of a ``former`` one."""
    key = former.record.room_key
    if not former.is_stopped_for(Cause.LOST):
        raise rooms.other_room(info)
    if key and not info.keyed:
        raise rooms.not_keyed(info)
    before = None if former.seat is None else roster.members(former.seat.tree)
    former.exclude()
    room = yield from rooms.enter(context, info, key)
    if context.room == former.id:
        context.room, context.room_name = room.id, room.name
    if room.in_step:
        _tell_difference(context, room, before)


def _not_back(conversation: Conversation) -> UserError:
    """What is said while the other of two people has not come back."""
    return DeniedError(USER_NOT_FOUND, case="rejoin", nick=conversation.name)


def _let_go(conversation: Conversation) -> UserError:
    """Be in a conversation no longer that is nowhere any more; what is said then."""
    is_room = conversation.record.kind is Kind.ROOM
    conversation.exclude()
    return DeniedError("no_more", case="room" if is_room else "group", name=conversation.name)


def _tell_difference(
    context: Context, conversation: Conversation, before: dict[bytes, Somebody] | None
) -> None:
    """Say who is in a conversation that was joined anew, and what that changes."""
    now = roster.members(conversation.seat_of().tree)
    changes = difference(now, before)
    context.user.emit(Notice.own("rejoined", name=conversation.name, **changes))
