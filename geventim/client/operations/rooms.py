"""Operations on rooms: being in one, leaving it, changing its key, and getting in anew."""

from geventim.chat.names import check_name, fold
from geventim.chat.replies import ConversationInfo, Opened
from geventim.chat.requests import OpenDm, OpenGroup, OpenRoom
from geventim.chat.values import Kind
from geventim.client.causes import Cause
from geventim.client.context import Context
from geventim.client.conversation import parting, roster
from geventim.client.conversation.conversation import Conversation
from geventim.client.events import Entered, Error, Notice, Speaker
from geventim.client.kept.stages import Stage
from geventim.client.operations import doors
from geventim.client.sealing import gates
from geventim.client.sealing.gates import NewKey
from geventim.client.steps.effects import Labour, Operation, RefusedError, Steps, ask, compute, wait
from geventim.client.steps.refusals import BAD_GATE, NO_ROOM
from geventim.crypto.readable import encode_key, format_key
from geventim.errors import UserError


def begin(context: Context) -> Operation:
    """Be where lines go when a connection begins: where they went before, or in the first room.

    That one is made if there is none. Raises :class:`UserError`.
    """
    name = context.room_name or context.user.profile.room
    place = context.conversations.named(Kind.GROUP, name)
    if place is None:
        try:
            info = yield from doors.find_first(context, name)
        except RefusedError as refused:
            if refused.code != NO_ROOM or name == context.user.profile.room:
                raise
            # It was deleted meanwhile.
            context.room, context.room_name = b"", ""
            context.user.emit(Error(refused.code, str(doors.no_room(name))))
            return
        place = yield from enter(context, info)
    context.room, context.room_name = place.id, place.name


def enter(context: Context, info: ConversationInfo, secret: bytes = b"") -> Steps[Conversation]:
    """Be in a room, whose key stretches to ``secret`` if it has one.

    Raises :class:`UserError`.
    """
    yield from _check_known(context, info, secret)
    conversation = context.conversations.learn(context, info)
    if not info.member:
        # What came until we were put out is read first.
        yield from wait(
            lambda: not conversation.in_step or context.conversations.is_settled(conversation)
        )
    if secret and not info.keyed:
        raise _not_keyed(info)
    if secret and info.gate not in {None, gates.gate(secret).public}:
        raise _wrong_key(info)
    former = conversation.record.room_key
    if secret:
        conversation.key.take(secret)
        conversation.keep()
    if not conversation.in_step:
        _check_key(conversation)
    if secret and conversation.is_stopped_for(Cause.NO_KEY):
        context.conversations.rejoin(conversation)
    conversation.seek()
    yield from _wait_for(context, conversation)
    if conversation.stage is Stage.ABSENT and conversation.failure is None:
        # We were put out meanwhile.
        conversation.seek()
        yield from _wait_for(context, conversation)
    failure = conversation.failure
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
        if conversation.sought and record.kind is Kind.ROOM and record.id not in listed:
            try:
                info = yield from doors.find(record.name)
            except UserError as error:
                conversation.fail(error)
                continue
            if info.id == conversation.id:
                context.conversations.learn(context, info)
            else:
                conversation.fail(_other_room(info))


def join(context: Context, name: str, key: str) -> Operation:
    """Be in a room, and say there what names nobody; or say it in the group of that name."""
    group = context.conversations.named(Kind.GROUP, name)
    if group is not None and key:
        raise UserError(
            "not_keyed",
            f"'{group.name}' is a group that you are in, and has no key.",
            f"'@join {group.name}' goes there.",
        )
    if group is not None:
        _talk_in(context, group)
        return
    name = check_name(name)
    try:
        info = yield from doors.find(name)
    except RefusedError as refused:
        raise doors.no_room(name) if refused.code == NO_ROOM else refused from None
    secret = (yield from _stretch(context, name, key)) if key else b""
    yield from _go_to(context, info, secret)


def create(context: Context, name: str, key: str) -> Operation:
    """Make a room, with a key or without, and say there what names nobody."""
    name = check_name(name)
    doors.check_free(context, name)
    if key and gates.is_weak(key):
        text = "That key may be guessed. '@newkey ROOM' makes one that cannot be."
        context.user.emit(Notice(text, "weak_key", Speaker.CLIENT))
    secret = (yield from _stretch(context, name, key)) if key else b""
    yield from _go_to(context, (yield from doors.make(context, name, secret)), secret)


def _go_to(context: Context, info: ConversationInfo, secret: bytes) -> Operation:
    """Be in a room, and say there what names nobody."""
    conversation = yield from enter(context, info, secret)
    if conversation.stage is Stage.STOPPED or conversation.is_held_up:
        raise conversation.objection()
    _talk_in(context, conversation)


def _talk_in(context: Context, place: Conversation) -> None:
    """Say in ``place`` what names nobody."""
    context.room, context.room_name = place.id, place.name
    context.user.emit(Entered(place.name))
    text = f"You are in {place.record.kind} '{place.name}'."
    context.user.emit(Notice(text, speaker=Speaker.CLIENT))


def leave(context: Context, name: str) -> Operation:
    """Be in a room no longer."""
    conversation = _joined(context, name)
    yield from parting.leave(conversation)
    context.user.emit(Notice(f"You left room '{conversation.name}'.", speaker=Speaker.CLIENT))


def list_rooms(context: Context) -> Operation:
    """Say which rooms the user is in."""
    found = [
        conversation
        for conversation in context.conversations
        if conversation.record.kind is Kind.ROOM and conversation.record.member
    ]
    names = [_describe(context, room) for room in sorted(found, key=lambda room: room.name)]
    text = f"Rooms: {', '.join(names) or 'none'}"
    context.user.emit(Notice(text, speaker=Speaker.CLIENT))
    yield from ()


def change_key(context: Context, name: str) -> Operation:
    """Make a new key for a keyed room, or a room with one."""
    name = check_name(name or context.room_name)
    text = encode_key(context.user.random(gates.KEY_SIZE))
    secret = yield from _stretch(context, name, text)
    new = NewKey(format_key(text), secret)
    conversation = context.conversations.named(Kind.ROOM, name)
    if conversation is None:
        doors.check_free(context, name)
        info = yield from doors.make(context, name, secret)
        conversation = yield from enter(context, info, secret)
        _talk_in(context, conversation)
    elif not conversation.record.keyed:
        raise UserError("not_keyed", f"'{name}' is not a keyed room.", "Make one: @newkey ROOM")
    else:
        yield from _rotate(conversation, new)
    text = f"The key of '{conversation.name}' is now: {new.text}"
    context.user.emit(Notice(text, "new_key", Speaker.CLIENT))


def rejoin(context: Context, name: str) -> Operation:
    """Go on with what the server has of a conversation, and show who is in it."""
    conversation = next(
        (each for each in context.conversations if fold(each.name) == fold(name)), None
    )
    if conversation is None:
        raise UserError("no_conversation", f"You know no conversation called '{name}'.")
    if conversation.in_step:
        raise UserError("in_order", f"'{conversation.name}' is in order.")
    context.conversations.learn(context, (yield from _look_up(conversation)))
    context.conversations.rejoin(conversation)
    yield from _wait_for(context, conversation)
    if conversation.stage is Stage.ABSENT and conversation.record.kind is Kind.ROOM:
        # The server does not count us in any more, but we may join as anybody may.
        conversation.seek()
        yield from _wait_for(context, conversation)
    if conversation.failure is not None and conversation.stage is not Stage.STOPPED:
        raise conversation.failure
    if conversation.stage is Stage.ABSENT:
        text = f"You are not a member of '{conversation.name}' any more."
        raise UserError("not_a_member", text)
    if conversation.in_step:
        _tell_difference(context, conversation)


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
        raise _other_room(info)


def _other_room(info: ConversationInfo) -> UserError:
    return UserError(
        "other_room",
        f"The server shows another room '{info.name}' than the one that you know.",
        "Nothing was sent there.",
    )


def _stretch(context: Context, name: str, key: str) -> Steps[bytes]:
    server_key = context.user.profile.server_key
    return (yield from compute(Labour.STRETCHING, lambda: gates.stretch(key, server_key, name)))


def _wrong_key(info: ConversationInfo) -> UserError:
    return UserError("wrong_key", f"That is not the key of '{info.name}'.", "Nothing was sent.")


def _not_keyed(info: ConversationInfo) -> UserError:
    return UserError(
        "not_keyed",
        f"'{info.name}' is not a keyed room: whoever runs the server can be in it.",
        f"If that is all right, type '@join {info.name}'.",
    )


def _check_key(conversation: Conversation) -> None:
    if conversation.key.is_lacking:
        raise UserError(Cause.NO_KEY.code, Cause.NO_KEY.text(name=conversation.name))


def _wait_for(context: Context, conversation: Conversation) -> Operation:
    """Wait until we are in, or it is clear that we will not be soon."""

    def is_over() -> bool:
        return (
            (conversation.in_step and context.conversations.is_settled(conversation))
            or conversation.failure is not None
            or conversation.stage is Stage.STOPPED
            or conversation.is_held_up
            or (conversation.stage is Stage.ABSENT and not conversation.wanted)
        )

    yield from wait(is_over)


def _joined(context: Context, name: str) -> Conversation:
    """The room that the user is in."""
    conversation = context.conversations.named(Kind.ROOM, name)
    if conversation is None and context.conversations.named(Kind.GROUP, name) is not None:
        raise UserError("not_a_room", f"'{name}' is a group.", f"Usage: @group leave {name}")
    if conversation is None:
        raise UserError("not_a_member", f"You are not in a room called '{name}'.")
    return conversation


def _describe(context: Context, room: Conversation) -> str:
    marks = ["keyed"] if room.record.keyed else []
    if room.id == context.room:
        marks.append("here")
    if not room.in_step:
        marks.append(str(room.stage))
    return f"{room.name} ({', '.join(marks)})" if marks else room.name


def _rotate(conversation: Conversation, new: NewKey) -> Operation:
    conversation.change_key(new)
    yield from wait(lambda: conversation.new_key is not new or conversation.stage is Stage.STOPPED)
    if conversation.record.gate != new.gate:
        raise conversation.failure or UserError("not_changed", "The key was not changed.")


def _look_up(conversation: Conversation) -> Steps[ConversationInfo]:
    record = conversation.record
    if record.kind is Kind.ROOM:
        return (yield from ask(Opened, OpenRoom(id=0, name=record.name))).conversation
    if record.kind is Kind.GROUP:
        return (yield from ask(Opened, OpenGroup(id=0, conversation=record.id))).conversation
    return (yield from ask(Opened, OpenDm(id=0, nick=record.name))).conversation


def _tell_difference(context: Context, conversation: Conversation) -> None:
    """Say who is in a conversation that was joined anew, and what that changes."""
    now = roster.members(conversation.seat_of().tree)
    text = roster.describe(now, conversation.before_rejoin)
    conversation.before_rejoin = None
    text = f"'{conversation.name}' was joined anew. {text}"
    context.user.emit(Notice(text, "rejoined", Speaker.CLIENT))
