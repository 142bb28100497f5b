"""Operations on what was said: answering a message, editing and deleting it, reacting to it."""

from geventim.client.conversation.conversation import Conversation
from geventim.client.conversation.hearing import is_founder_of
from geventim.client.conversation.posting import KINDS
from geventim.client.history.reading import Told
from geventim.client.kept.parcels import Parcel
from geventim.client.operations.context import Context
from geventim.client.operations.saying.talk import deliver
from geventim.client.said.emoji import find_emoji
from geventim.client.sealing.content import (
    EXCERPT,
    LONGEST,
    SHORTEST,
    Content,
    Format,
    Reaction,
    Reply,
)
from geventim.client.steps.effects import Labour, Steps, compute
from geventim.errors import DeniedError


def edit(context: Context, message: str, text: str, form: Format, date: float) -> Steps[Parcel]:
    """Put ``text`` in the place of a message of the user. Raises :class:`DeniedError`."""
    place, told = yield from find(context, message)
    if told.utterance.account != context.user.account:
        raise DeniedError("not_yours", case="edit")
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
    """Delete a message for everybody. Raises :class:`DeniedError`."""
    user = context.user
    place, told = yield from find(context, message)
    if told.utterance.account != user.account and not is_founder_of(place):
        raise DeniedError("not_yours", case="delete")
    message_id = told.utterance.message_id
    said = Content(user.nick, "", date, told.utterance.kind, retracts=message_id)
    return (yield from deliver(place, said))


def react(context: Context, message: str, reaction: str, date: float) -> Steps[Parcel]:
    """React to a message with an emoji, or what it is called; with nothing to take it back.

    Raises :class:`DeniedError`.
    """
    emoji = find_emoji(reaction) if reaction else ""
    if emoji is None:
        raise DeniedError("no_emoji")
    place, told = yield from find(context, message)
    about = Reaction(told.utterance.message_id, emoji)
    said = Content(context.user.nick, "", date, told.utterance.kind, reaction=about)
    return (yield from deliver(place, said))


def set_timer(context: Context, place: Conversation, seconds: int, date: float) -> Steps[Parcel]:
    """Have what everybody says from now on deleted so many seconds after it was read; 0: never.

    Raises :class:`DeniedError`.
    """
    if seconds and not SHORTEST <= seconds <= LONGEST:
        raise DeniedError("bad_timer", seconds=SHORTEST, days=LONGEST // 86_400)
    kind = KINDS[place.record.kind]
    return (yield from deliver(place, Content(context.user.nick, "", date, kind, timer=seconds)))


def answer(context: Context, place: Conversation, message: str) -> Steps[Reply]:
    """What says that something answers a message of ``place``. Raises :class:`DeniedError`."""
    where, told = yield from find(context, message)
    if where.id != place.id:
        raise DeniedError("elsewhere", name=place.name)
    said = told.utterance
    # What is to be deleted by itself must not stay with those who answer it.
    excerpt = "" if said.beside.lifetime else said.text[:EXCERPT]
    return Reply(said.message_id, said.nick, excerpt)


def find(context: Context, message: str) -> Steps[tuple[Conversation, Told]]:
    """A message by its id in hexadecimal digits, and where it is. Raises :class:`DeniedError`."""
    told = None
    try:
        message_id = bytes.fromhex(message)
    except ValueError:
        message_id = b""
    if message_id:
        told = yield from compute(Labour.READING, context.user.history.seek(message_id))
    place = None if told is None else context.conversations.get(told.place)
    if told is None or place is None:
        raise DeniedError("no_message")
    if told.utterance.beside.retracted:
        raise DeniedError("no_message", case="deleted")
    return place, told
