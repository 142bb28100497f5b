"""Operations that send messages: to the room, to one person, and sealed with a shared key."""

from geventim.chat.names import fold
from geventim.chat.replies import Appended, ConversationInfo, Opened, Recipient
from geventim.chat.requests import Append, OpenDm
from geventim.chat.values import Status
from geventim.client import content, secret
from geventim.client.content import Content, ContentKind
from geventim.client.context import Context
from geventim.client.effects import Operation, Steps, ask, stretch
from geventim.client.events import Message, Notice, Sent
from geventim.crypto import etm
from geventim.errors import AuthenticationError, UserError


def say(context: Context, text: str, date: float) -> Operation:
    """Send ``text`` to the room."""
    said = Content(context.nick, text, date, ContentKind.ROOM)
    yield from deliver(context, context.room, context.room_name, said)


def find_person(nick: str) -> Steps[ConversationInfo]:
    """The conversation with ``nick``."""
    reply = yield from ask(Opened, OpenDm(id=0, nick=nick))
    return reply.conversation


def whisper(context: Context, dm: ConversationInfo, text: str, date: float) -> Operation:
    """Send ``text`` to the other person of ``dm``."""
    said = Content(context.nick, text, date, ContentKind.PRIVATE)
    reply = yield from deliver(context, dm.id, dm.name, said)
    _remark(context, reply.recipient)


def send_secret(context: Context, nick: str, key: str, text: str, date: float) -> Operation:
    """Send ``text`` to ``nick``, sealed so that only ``key`` opens it."""
    if fold(nick) == fold(context.nick):
        raise UserError("to_oneself", "A secret is for somebody else.")
    dm = yield from find_person(nick)
    salt, iv = context.random(secret.SALT_SIZE), context.random(etm.BLOCK)
    stretched = yield from stretch(key, salt)
    parties = secret.between(context.nick, dm.name, date)
    sealed = secret.seal(stretched, salt, iv, text, parties)
    said = Content(context.nick, "", date, ContentKind.SECRET, sealed)
    reply = yield from deliver(context, dm.id, dm.name, said)
    _remark(context, reply.recipient)


def open_secret(context: Context, number: int, key: str) -> Operation:
    """Show the secret with this number, if ``key`` is the right one."""
    kept = context.strongbox.find(number)
    if kept is None:
        raise UserError("no_secret", f"There is no secret #{number}.")
    stretched = yield from stretch(key, secret.salt_of(kept.sealed))
    parties = secret.between(kept.nick, context.nick, kept.date)
    try:
        text = secret.unseal(stretched, kept.sealed, parties)
    except AuthenticationError:
        raise UserError(
            "wrong_key", f"That key does not open secret #{number}.", f"Try again: @open {number}"
        ) from None
    context.emit(Message(kept.nick, ContentKind.SECRET, kept.nick, text, kept.date, kept.seq))


def deliver(context: Context, conversation: bytes, name: str, said: Content) -> Steps[Appended]:
    """Put a message into a log, and say so when the server has it on disk."""
    payload = content.encode(said)
    request = Append(
        id=0, conversation=conversation, message_id=context.new_id(), payload=len(payload)
    )
    reply = yield from ask(Appended, request, payload)
    message_id = request.message_id.hex()
    context.emit(Sent(message_id, reply.seq, name, said.kind, said.message))
    return reply


def _remark(context: Context, recipient: Recipient | None) -> None:
    """Say what keeps ``recipient`` from answering soon."""
    if recipient is None:
        return
    if not recipient.connected:
        context.emit(
            Notice(f"{recipient.nick} is not connected and will get it on return.", "not_connected")
        )
    elif recipient.status is Status.AWAY:
        context.emit(Notice(f"{recipient.nick} is 'Away' and may not respond.", "away"))
