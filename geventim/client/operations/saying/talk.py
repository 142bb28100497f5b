"""Operations that send messages: to a room or group, to one person, sealed with a shared key."""

from functools import partial
from typing import Final

from geventim.chat.names import fold
from geventim.chat.replies import Opened, Recipient
from geventim.chat.requests import OpenDm
from geventim.chat.values import Kind, Status
from geventim.client.conversation.acquaintance import meet
from geventim.client.conversation.conversation import Conversation
from geventim.client.conversation.posting import post
from geventim.client.events import Notice
from geventim.client.kept.parcels import Parcel
from geventim.client.kept.strongbox import Sealed
from geventim.client.operations.context import Context
from geventim.client.phases import Phase
from geventim.client.sealing import secret
from geventim.client.sealing.content import Content, ContentKind, Format, Reply
from geventim.client.steps.effects import Labour, Steps, ask, compute, wait
from geventim.crypto import etm
from geventim.errors import AuthenticationError, DeniedError, PeerError

WRONG_KEY: Final = "wrong_key"
"""The code of a key that does not open a secret."""


def tell(
    context: Context,
    place: Conversation,
    text: str,
    date: float,
    *,
    reply: Reply | None = None,
    form: Format = Format.TEXT,
    own_id: bytes = b"",
) -> Steps[Parcel]:
    """Send ``text`` to a room or a group."""
    is_group = place.record.kind is Kind.GROUP
    kind = ContentKind.GROUP if is_group else ContentKind.ROOM
    said = Content(context.user.nick, text, date, kind, reply=reply, format=form)
    return (yield from deliver(place, said, own_id))


def find_person(context: Context, nick: str) -> Steps[Conversation]:
    """The conversation with ``nick``; while there is no connection, that which is known."""
    known = None
    if context.phase is Phase.OFFLINE:
        known = context.conversations.named(Kind.DM, nick)
    if known is not None:
        return known
    info = (yield from ask(Opened, OpenDm(id=0, nick=nick))).conversation
    if info.kind is not Kind.DM or fold(info.name) != fold(nick):
        raise PeerError("somebody was asked for, and somebody else found")
    conversation = context.conversations.learn(info)
    if info.peer is not None:
        meet(context.user, info.peer.nick, info.peer.identity)
        context.user.trust.require([(info.peer.nick, info.peer.identity)])
    return conversation


def whisper(
    context: Context,
    dm: Conversation,
    text: str,
    date: float,
    *,
    reply: Reply | None = None,
    form: Format = Format.TEXT,
    own_id: bytes = b"",
) -> Steps[Parcel]:
    """Send ``text`` to the other person of ``dm``."""
    said = Content(context.user.nick, text, date, ContentKind.PRIVATE, reply=reply, format=form)
    return (yield from send_private(context, dm, said, own_id))


def send_private(
    context: Context, dm: Conversation, said: Content, own_id: bytes = b""
) -> Steps[Parcel]:
    """Send what was said to the other person of ``dm``."""
    parcel = yield from deliver(dm, said, own_id)
    _remark(context, parcel.recipient)
    return parcel


def send_secret(context: Context, nick: str, key: str, text: str, date: float) -> Steps[Parcel]:
    """Send ``text`` to ``nick``, sealed so that only ``key`` opens it."""
    if fold(nick) == fold(context.user.nick):
        raise DeniedError("to_oneself", case="secret")
    dm = yield from find_person(context, nick)
    salt, iv = context.user.random(secret.SALT_SIZE), context.user.random(etm.BLOCK)
    stretched = yield from _stretch(context, key, salt)
    parties = secret.between(context.user.nick, dm.name, date)
    sealed = secret.seal(stretched, salt, iv, text, parties)
    parcel = yield from deliver(
        dm, Content(context.user.nick, "", date, ContentKind.SECRET, sealed)
    )
    _remark(context, parcel.recipient)
    return parcel


def open_secret(context: Context, number: int, key: str) -> Steps[tuple[Sealed, str]]:
    """The secret with this number, and what it says, if ``key`` is the right one."""
    kept = context.user.strongbox.find(number)
    if kept is None:
        raise DeniedError("no_secret", number=number)
    salt = secret.salt_of(kept.sealed)
    stretched = yield from _stretch(context, key, salt)
    parties = secret.between(kept.nick, context.user.nick, kept.date)
    try:
        text = secret.unseal(stretched, kept.sealed, parties)
    except AuthenticationError:
        raise DeniedError(WRONG_KEY, case="secret", number=number) from None
    return kept, text


def deliver(conversation: Conversation, said: Content, own_id: bytes = b"") -> Steps[Parcel]:
    """Put a message into a log, and wait until the server has it on disk.

    Raises :class:`UserError`.
    """
    return (yield from await_fate(post(conversation, said, own_id)))


def await_fate(parcel: Parcel) -> Steps[Parcel]:
    """Wait until the server has a message on disk. Raises :class:`UserError`."""
    parcel.is_left = False
    yield from wait(lambda: parcel.over, parcel.message_id)
    if parcel.error is not None:
        raise parcel.error
    return parcel


def _remark(context: Context, recipient: Recipient | None) -> None:
    """Say what keeps ``recipient`` from answering soon."""
    if recipient is None:
        return
    away = context.user.away
    if recipient.status is not Status.AWAY:
        away.forget(recipient.nick)
    if not recipient.connected:
        context.user.emit(Notice.told("not_connected", nick=recipient.nick))
    elif recipient.status is Status.AWAY:
        text = away.called(recipient.nick)
        context.user.emit(Notice.told("away", nick=recipient.nick, text=text))


def _stretch(context: Context, key: str, salt: bytes) -> Steps[bytes]:
    cost = context.user.measures.secret_cost
    return (yield from compute(Labour.STRETCHING, partial(secret.stretch, key, salt, cost)))
