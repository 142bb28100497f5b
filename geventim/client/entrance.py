"""From a fresh connection to being in the room."""

from typing import Final

from geventim.chat.replies import LoggedIn, Opened
from geventim.chat.requests import Login, OpenRoom, Register
from geventim.chat.values import Kind
from geventim.client.context import Context
from geventim.client.conversations import Conversations
from geventim.client.effects import Operation, RefusedError, Steps, ask
from geventim.client.profile import Profile
from geventim.errors import PeerError

UNKNOWN_ACCOUNT: Final = "unknown_account"
"""The server's word for a nick that nobody has claimed."""


def enter(profile: Profile, context: Context, conversations: Conversations) -> Operation:
    """Log in, claiming the nick if it is free, open the room, and follow every conversation.

    Raises :class:`RefusedError`, and :class:`PeerError` for answers to another question.
    """
    logged_in = yield from _log_in(profile)
    if logged_in.nick != profile.nick:
        raise PeerError("logged in as somebody else")
    context.status = logged_in.status
    for info in logged_in.conversations:
        conversations.follow(info)
    opened = yield from ask(
        Opened, OpenRoom(id=0, name=profile.room, conversation=context.new_id())
    )
    room = opened.conversation
    if room.kind is not Kind.ROOM:
        raise PeerError("a room was asked for, and something else opened")
    conversations.follow(room)
    context.room, context.room_name = room.id, room.name


def _log_in(profile: Profile) -> Steps[LoggedIn]:
    try:
        return (yield from ask(LoggedIn, Login(id=0, nick=profile.nick)))
    except RefusedError as refused:
        if refused.code != UNKNOWN_ACCOUNT:
            raise
    request = Register(
        id=0,
        nick=profile.nick,
        identity=profile.keys.identity.public,
        signature=profile.sign_claim(),
        code=profile.code,
    )
    return (yield from ask(LoggedIn, request))
