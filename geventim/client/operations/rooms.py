"""Operations on rooms: being in one, leaving it, and changing its key."""

from functools import partial

from geventim.chat.names import check_name
from geventim.chat.replies import ConversationInfo
from geventim.chat.values import Kind
from geventim.client.causes import Cause
from geventim.client.conversation.conversation import Conversation
from geventim.client.events import Error, Notice
from geventim.client.kept.stages import Stage
from geventim.client.operations import doors
from geventim.client.operations.context import Context
from geventim.client.sealing import gates
from geventim.client.sealing.gates import NewKey
from geventim.client.steps.effects import Labour, Operation, RefusedError, Steps, compute, wait
from geventim.client.steps.refusals import BAD_GATE, NO_ROOM
from geventim.crypto.readable import encode_key, format_key
from geventim.errors import DeniedError, UserError


def begin(context: Context) -> Operation:
    """Be where lines go when a connection begins: where they went before, or in the first room.

    That one is made if there is none. Raises :class:`UserError`.
    """
    name = context.room_name or context.user.profile.room
    place = context.conversations.named(Kind.GROUP, name)
    room = context.conversations.named(Kind.ROOM, name)
    if room is not None and room.is_stopped_for(Cause.LOST):
        # Whether to be in another one of that name is up to the user.
        place = room
    if place is None:
        try:
            info = yield from doors.find_first(context, name)
        except RefusedError as refused:
            if refused.code != NO_ROOM or name == context.user.profile.room:
                raise
            # It was deleted meanwhile.
            context.room, context.room_name = b"", ""
            context.user.emit(Error.by(doors.no_room(name)))
            return
        place = yield from enter(context, info)
    context.room, context.room_name = place.id, place.name


def enter(context: Context, info: ConversationInfo, secret: bytes = b"") -> Steps[Conversation]:
    """Be in a room, whose key stretches to ``secret`` if it has one.

    Raises :class:`UserError`.
    """
    yield from _check_known(context, info, secret)
    conversation = context.conversations.learn(info)
    if not info.member:
        # What came until we were put out is read first.
        yield from wait(
            lambda: not conversation.in_step or context.conversations.is_settled(conversation)
        )
    if secret and not info.keyed:
        raise not_keyed(info)
    if secret and info.gate not in {None, gates.gate(secret).public}:
        raise _wrong_key(info)
    former = conversation.record.room_key
    if secret:
        conversation.key.take(secret)
        conversation.keep()
    if not conversation.in_step:
        _check_key(conversation)
    if secret and conversation.record.cause == Cause.NO_KEY.name:
        context.conversations.rejoin(conversation)
    conversation.seek()
    yield from wait_for(context, conversation)
    if conversation.stage is Stage.ABSENT and conversation.intent.failure is None:
        # We were put out meanwhile.
        conversation.seek()
        yield from wait_for(context, conversation)
    failure = conversation.intent.failure
    if failure is not None and conversation.stage is not Stage.STOPPED:
        if secret:
            conversation.key.take(former)
            conversation.keep()
        raise _wrong_key(info) if secret and failure.code == BAD_GATE else failure
    return conversation


def look_again(context: Context, listed: frozenset[bytes]) -> Operation:
    """Ask once more for the rooms that we were about to enter when the last connection broke.

    Not for those that the server has ``listed`` by now.
    """
    for conversation in context.conversations:
        record = conversation.record
        is_sought = conversation.intent.sought and not conversation.needs_person
        if is_sought and record.kind is Kind.ROOM and record.id not in listed:
            try:
                info = yield from doors.find(record.name)
            except UserError as error:
                conversation.fail(error)
                continue
            if info.id == conversation.id:
                context.conversations.learn(info)
            else:
                conversation.fail(other_room(info))


def find(context: Context, name: str, key: str) -> Steps[Conversation]:
    """The room of this name, which the user is in from now on, or the group that they are in."""
    group = context.conversations.named(Kind.GROUP, name)
    if group is not None and key:
        raise DeniedError("not_keyed", case="group", name=group.name)
    if group is not None:
        return group
    name = check_name(name)
    try:
        info = yield from doors.find(name)
    except RefusedError as refused:
        raise doors.no_room(name) if refused.code == NO_ROOM else refused from None
    secret = (yield from _stretch(context, name, key)) if key else b""
    return (yield from _get_in(context, info, secret))


def make(context: Context, name: str, key: str) -> Steps[Conversation]:
    """A new room, with a key or without."""
    name = check_name(name)
    doors.check_free(context, name)
    if key and gates.is_weak(key):
        context.user.emit(Notice.own("weak_key"))
    secret = (yield from _stretch(context, name, key)) if key else b""
    return (yield from _get_in(context, (yield from doors.make(context, name, secret)), secret))


def _get_in(context: Context, info: ConversationInfo, secret: bytes) -> Steps[Conversation]:
    """A room that the user is in from now on."""
    conversation = yield from enter(context, info, secret)
    if conversation.stage is Stage.STOPPED or conversation.is_held_up:
        raise conversation.objection()
    return conversation


def make_keyed(context: Context, name: str) -> Steps[tuple[Conversation, str]]:
    """A new room with a key that cannot be guessed, and that key as it is shown to people."""
    name = check_name(name)
    doors.check_free(context, name)
    new = yield from _draw_key(context, name)
    info = yield from doors.make(context, name, new.secret)
    return (yield from enter(context, info, new.secret)), new.text


def renew_key(context: Context, conversation: Conversation) -> Steps[str]:
    """Another key for a keyed room, as it is shown to people."""
    if not conversation.record.keyed:
        raise DeniedError("not_keyed", name=conversation.name)
    new = yield from _draw_key(context, conversation.record.name)
    yield from _rotate(conversation, new)
    return new.text


def _check_known(context: Context, info: ConversationInfo, secret: bytes) -> Operation:
    """Raise :class:`UserError` if the server shows another room under a name that we know.

    Who types a key says by that which room is meant.
    """
    known = context.conversations.named(Kind.ROOM, info.name)
    if known is not None and known.id != info.id:
        # That it was deleted may be in what we have not read yet.
        yield from wait(lambda: not context.conversations.unread)
        known = context.conversations.named(Kind.ROOM, info.name)
    is_other = known is not None and known.id != info.id
    if is_other or (not secret and context.conversations.is_keyed_elsewhere(info)):
        raise other_room(info)


def other_room(info: ConversationInfo) -> UserError:
    """What is said of a room that has the name of one that we know."""
    return DeniedError("other_room", name=info.name)


def _stretch(context: Context, name: str, key: str) -> Steps[bytes]:
    user = context.user
    cost = user.measures.room_key_cost
    stretch = partial(gates.stretch, key, user.profile.server_key, name, cost)
    return (yield from compute(Labour.STRETCHING, stretch))


def _draw_key(context: Context, name: str) -> Steps[NewKey]:
    """A key for a room that cannot be guessed."""
    text = encode_key(context.user.random(gates.KEY_SIZE))
    return NewKey(format_key(text), (yield from _stretch(context, name, text)))


def _wrong_key(info: ConversationInfo) -> UserError:
    return DeniedError("wrong_key", case="room", name=info.name)


def not_keyed(info: ConversationInfo) -> UserError:
    """What is said of a room that is less than the one that was meant."""
    return DeniedError("not_keyed", case="open", name=info.name)


def _check_key(conversation: Conversation) -> None:
    if conversation.key.is_lacking:
        raise DeniedError(Cause.NO_KEY.code, name=conversation.name)


def wait_for(context: Context, conversation: Conversation) -> Operation:
    """Wait until we are in, or it is clear that we will not be soon."""

    def is_over() -> bool:
        return (
            (conversation.in_step and context.conversations.is_settled(conversation))
            or conversation.intent.failure is not None
            or conversation.stage is Stage.STOPPED
            or conversation.is_held_up
            or (conversation.stage is Stage.ABSENT and not conversation.wanted)
        )

    yield from wait(is_over)


def _rotate(conversation: Conversation, new: NewKey) -> Operation:
    intent = conversation.intent
    intent.change_key(new)
    yield from wait(lambda: intent.new_key is not new or conversation.stage is Stage.STOPPED)
    if conversation.record.gate != new.gate:
        raise intent.failure or DeniedError("not_changed")
