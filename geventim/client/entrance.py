"""From a fresh connection to being in the room."""

from geventim.chat.replies import LoggedIn
from geventim.chat.requests import Login, Register
from geventim.client import rooms
from geventim.client.context import Context
from geventim.client.effects import Operation, RefusedError, Steps, ask, wait
from geventim.client.refusals import UNKNOWN_ACCOUNT
from geventim.errors import PeerError


def enter(context: Context) -> Operation:
    """Log in, claiming the nick if it is free, follow every conversation, and be in the room.

    Who has left the room since an earlier connection is not brought back. Raises
    :class:`UserError`, and :class:`PeerError` for answers to another question.
    """
    has_left = context.room_name != "" and context.room_joined is None
    logged_in = yield from _log_in(context)
    if logged_in.nick != context.nick:
        raise PeerError("logged in as somebody else")
    context.status, context.changes = logged_in.status, logged_in.changes
    context.life_signs = logged_in.life_signs
    conversations = context.conversations
    for info in logged_in.conversations:
        conversations.learn(context, info)
    context.packages.expire()
    if not context.packages.stocked:
        yield from context.packages.restock()
    yield from rooms.look_again(context, frozenset(info.id for info in logged_in.conversations))
    if not has_left:
        room = yield from rooms.enter(context, context.room_name or context.profile.room)
        context.room, context.room_name = room.id, room.name
    yield from wait(lambda: not conversations.unread)


def _log_in(context: Context) -> Steps[LoggedIn]:
    try:
        return (yield from ask(LoggedIn, Login(id=0, nick=context.nick, life_signs=True)))
    except RefusedError as refused:
        if refused.code != UNKNOWN_ACCOUNT:
            raise
    profile = context.profile
    request = Register(
        id=0,
        nick=profile.nick,
        identity=profile.keys.identity.public,
        signature=profile.sign_claim(),
        code=profile.code,
        life_signs=True,
    )
    return (yield from ask(LoggedIn, request))
