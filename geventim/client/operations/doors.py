"""Rooms as they are found and made at the server; being in one is up to :mod:`.rooms`."""

from geventim.chat.names import fold, is_name
from geventim.chat.replies import ConversationInfo, Opened, RoomList
from geventim.chat.requests import CreateRoom, ListRooms, OpenRoom
from geventim.chat.values import Kind
from geventim.client import answers
from geventim.client.operations import survey
from geventim.client.operations.context import Context
from geventim.client.sealing import gates
from geventim.client.steps.effects import RefusedError, Steps, ask
from geventim.client.steps.refusals import NAME_TAKEN, NO_ROOM
from geventim.errors import DeniedError, PeerError, UserError


def list_rooms(context: Context, after: str) -> Steps[answers.Rooms]:
    """Rooms behind the name ``after``; what the server calls one is left out if it is no name.

    Each comes behind the one before, so that whoever goes on behind the last one gets to an end.
    """
    reply = yield from ask(RoomList, ListRooms(id=0, after=after))
    known = survey.conversations(context)
    joined = {fold(each.record.name) for each in known if each.record.kind is Kind.ROOM}
    last, listed = fold(after), []
    for room in reply.rooms:
        folded = fold(room.name)
        if is_name(room.name) and folded > last:
            last = folded
            listed.append(answers.Room(room.name, room.keyed, folded in joined))
    return answers.Rooms(tuple(listed), reply.more and bool(listed))


def find(name: str) -> Steps[ConversationInfo]:
    """The room that there is. Raises :class:`RefusedError`."""
    info = (yield from ask(Opened, OpenRoom(id=0, name=name))).conversation
    _check_room(info, name)
    return info


def make(context: Context, name: str, secret: bytes = b"") -> Steps[ConversationInfo]:
    """A new room, a keyed one if there is a ``secret``. Raises :class:`RefusedError`."""
    gate = gates.gate(secret).public if secret else None
    request = CreateRoom(id=0, message_id=context.user.new_id(), name=name, gate=gate)
    info = (yield from ask(Opened, request)).conversation
    _check_room(info, name)
    return info


def find_first(context: Context, name: str) -> Steps[ConversationInfo]:
    """The room that there is; the first one that a user is to be in is made if there is none.

    Raises :class:`RefusedError`.
    """
    try:
        return (yield from find(name))
    except RefusedError as refused:
        if refused.code != NO_ROOM or name != context.user.profile.room:
            raise
    try:
        return (yield from make(context, name))
    except RefusedError as taken:
        if taken.code != NAME_TAKEN:
            raise
        try:
            # Somebody else was faster.
            return (yield from find(name))
        except RefusedError:
            raise taken from None


def check_free(context: Context, name: str) -> None:
    """Raise :class:`UserError` if the user would have two conversations of this name."""
    if context.user.labels.is_taken(name):
        raise DeniedError("name_taken", name=name)


def no_room(name: str) -> UserError:
    """What is said of a room that is not there, and is not made for that."""
    return DeniedError("no_room", name=name)


def _check_room(info: ConversationInfo, name: str) -> None:
    if info.kind is not Kind.ROOM or fold(info.name) != fold(name):
        raise PeerError("a room was asked for, and something else opened")
