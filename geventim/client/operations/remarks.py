"""Operations on what was said: answering a message, editing and deleting it, reacting to it."""

from geventim.chat.values import Kind
from geventim.client.conversation.conversation import Conversation
from geventim.client.conversation.hearing import may_delete
from geventim.client.history.reading import Told
from geventim.client.kept.parcels import Parcel
from geventim.client.operations.context import Context
from geventim.client.operations.talk import deliver
from geventim.client.said.emoji import find_emoji
from geventim.client.sealing.content import (
    EXCERPT,
    LONGEST,
    SHORTEST,
    Content,
    ContentKind,
    Format,
    Reaction,
    Reply,
)
from geventim.client.steps.effects import Labour, Steps, compute
from geventim.errors import UserError

KINDS = {
    Kind.ROOM: ContentKind.ROOM,
    Kind.GROUP: ContentKind.GROUP,
    Kind.DM: ContentKind.PRIVATE,
}
"""The kind of what is said in each kind of conversation."""


def edit(context: Context, message: str, text: str, form: Format, date: float) -> Steps[Parcel]:
    """Put ``text`` in the place of a message of the user. Raises :class:`UserError`."""
    place, told = yield from find(context, message)
    if told.utterance.account != context.user.account:
        raise UserError("not_yours", "Only who wrote a message can edit it.")
    said = Content(
        context.user.nick,
        text,
        date,
        told.utterance.kind,
        replaces=told.utterance.message_id,
        format=form,
    )
    return (yield from deliver(place, said))


def delete(context: Context, message: str, date: float) -> Steps[Parcel]:
    """Delete a message for everybody. Raises :class:`UserError`."""
    user = context.user
    place, told = yield from find(context, message)
    if told.utterance.account != user.account and not _is_founder(place, user.account):
        raise UserError(
            "not_yours", "Only who wrote a message can delete it, and the founder of a group."
        )
    message_id = told.utterance.message_id
    said = Content(user.nick, "", date, told.utterance.kind, retracts=message_id)
    return (yield from deliver(place, said))


def react(context: Context, message: str, reaction: str, date: float) -> Steps[Parcel]:
    """React to a message with an emoji, or what it is called; with nothing to take it back.

    Raises :class:`UserError`.
    """
    emoji = find_emoji(reaction) if reaction else ""
    if emoji is None:
        raise UserError("no_emoji", "A reaction is one emoji, or the name of one such as 'tada'.")
    place, told = yield from find(context, message)
    about = Reaction(told.utterance.message_id, emoji)
    said = Content(context.user.nick, "", date, told.utterance.kind, reaction=about)
    return (yield from deliver(place, said))


def set_timer(context: Context, place: Conversation, seconds: int, date: float) -> Steps[Parcel]:
    """Have what everybody says from now on deleted so many seconds after it was read; 0: never.

    Raises :class:`UserError`.
    """
    if seconds and not SHORTEST <= seconds <= LONGEST:
        raise UserError(
            "bad_timer", f"A timer is between {SHORTEST} seconds and {LONGEST // 86_400} days."
        )
    kind = KINDS[place.record.kind]
    return (yield from deliver(place, Content(context.user.nick, "", date, kind, timer=seconds)))


def answer(context: Context, place: Conversation, message: str) -> Steps[Reply]:
    """What says that something answers a message of ``place``. Raises :class:`UserError`."""
    where, told = yield from find(context, message)
    if where.id != place.id:
        raise UserError("elsewhere", f"That message is not in '{place.name}'.")
    said = told.utterance
    # What is to be deleted by itself must not stay with those who answer it.
    excerpt = "" if said.beside.lifetime else said.text[:EXCERPT]
    return Reply(said.message_id, said.nick, excerpt)


def find(context: Context, message: str) -> Steps[tuple[Conversation, Told]]:
    """A message by its id in hexadecimal digits, and where it is. Raises :class:`UserError`."""
    told = None
    try:
        message_id = bytes.fromhex(message)
    except ValueError:
        message_id = b""
    if message_id:
        told = yield from compute(Labour.READING, context.user.history.seek(message_id))
    place = None if told is None else context.conversations.get(told.place)
    if told is None or place is None:
        raise UserError("no_message", "There is no such message here.")
    if told.utterance.beside.retracted:
        raise UserError("no_message", "That message was deleted.")
    return place, told


def _is_founder(place: Conversation, account: bytes) -> bool:
    return place.seat is not None and may_delete(account, place.seat.public.context.extensions)
