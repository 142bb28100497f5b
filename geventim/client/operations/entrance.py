"""From a fresh connection to being in the room."""

from geventim.chat.replies import ConversationList, LoggedIn
from geventim.chat.requests import ListConversations, Login
from geventim.chat.values import Status
from geventim.client.events import Error
from geventim.client.operations import rejoining, rooms
from geventim.client.operations.context import Context
from geventim.client.people.profile import ADMITTED
from geventim.client.steps.effects import Operation, RefusedError, Steps, ask, wait
from geventim.client.steps.refusals import UNINVITED, UNKNOWN_ACCOUNT
from geventim.errors import DeniedError, PeerError


def enter(context: Context) -> Operation:
    """Log in, claiming the nick if it is free, follow every conversation, and be in the room.

    Who has left the room since an earlier connection is not brought back. What the server has gone
    back with is told together. Raises :class:`UserError`, and :class:`PeerError` for answers to
    another question.
    """
    setback = context.user.setback
    setback.begin()
    try:
        yield from _enter(context)
    finally:
        event = setback.end()
        if event is not None:
            context.user.emit(event)


def _enter(context: Context) -> Operation:
    has_left = context.room_name != "" and context.room_joined is None
    logged_in = yield from _log_in(context)
    if logged_in.nick != context.user.nick:
        raise PeerError("logged in as somebody else")
    if context.user.memory.get(ADMITTED) is None:
        context.user.memory.put(ADMITTED, b"")
    context.status, context.changes = logged_in.status, logged_in.changes
    context.present.clear()
    if logged_in.status is not Status.AWAY:
        context.user.away.change("")
    context.user.signature_key = logged_in.signature_key
    context.life_signs = logged_in.life_signs
    context.user.clocks.hear(logged_in.time)
    listed = yield from _learn_all(context, logged_in)
    context.user.packages.expire()
    if context.user.clocks.is_off:
        off = round(context.user.clocks.error)
        context.user.emit(Error.of("wrong_clock", case="entering", seconds=off))
    elif not context.user.packages.stocked:
        yield from context.user.packages.restock()
    rejoining.miss(context, listed)
    yield from rooms.look_again(context, listed)
    if not has_left:
        yield from rooms.begin(context)
    yield from wait(lambda: not context.conversations.unread)


def _learn_all(context: Context, page: LoggedIn | ConversationList) -> Steps[frozenset[bytes]]:
    """Take what the login has listed, and whatever else there is; the ids of all.

    Raises :class:`PeerError` for a list that does not get further.
    """
    listed: set[bytes] = set()
    while True:
        for info in page.conversations:
            context.conversations.learn(info)
        before = len(listed)
        listed.update(info.id for info in page.conversations)
        if not page.more:
            return frozenset(listed)
        if len(listed) == before:
            raise PeerError("a list of conversations without an end")
        last = page.conversations[-1].id
        page = yield from ask(ConversationList, ListConversations(id=0, after=last))


def _log_in(context: Context) -> Steps[LoggedIn]:
    try:
        return (yield from ask(LoggedIn, Login(id=0, nick=context.user.nick, life_signs=True)))
    except RefusedError as refused:
        if refused.code != UNKNOWN_ACCOUNT:
            raise
    request = context.user.profile.registration(life_signs=True)
    try:
        return (yield from ask(LoggedIn, request))
    except RefusedError as refused:
        if refused.code not in UNINVITED or not context.has_been_here:
            raise
        raise DeniedError("account_lost") from None
