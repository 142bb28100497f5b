"""Rooms as they are found and made at the server; being in one is up to :mod:`.rooms`."""

from geventim.chat.names import fold
from geventim.chat.replies import ConversationInfo, Opened
from geventim.chat.requests import CreateRoom, OpenRoom
from geventim.chat.values import Kind
from geventim.client.operations.context import Context
from geventim.client.sealing import gates
from geventim.client.steps.effects import RefusedError, Steps, ask
from geventim.client.steps.refusals import NAME_TAKEN, NO_ROOM
from geventim.errors import DeniedError, PeerError, UserError


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
