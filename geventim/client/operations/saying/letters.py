"""Writing to somebody with whom there is no conversation yet, while there is no connection."""

from geventim.chat.values import Kind
from geventim.client.events import Delivery, Error, Message
from geventim.client.kept.letters import Letter
from geventim.client.kept.parcels import Parcel
from geventim.client.operations.context import Context
from geventim.client.operations.saying.talk import find_person, send_private
from geventim.client.phases import Phase
from geventim.client.sealing import content
from geventim.client.sealing.content import Content, ContentKind
from geventim.client.steps.effects import Operation, Steps
from geventim.client.wishes import Say
from geventim.errors import PeerError, UserError


def is_needed(context: Context, nick: str) -> bool:
    """Whether a message to ``nick`` has to wait until a conversation can be begun."""
    known = context.conversations.named(Kind.DM, nick)
    return context.phase is not Phase.READY and known is None


def write(context: Context, nick: str, wish: Say, date: float, asker: int) -> Steps[Parcel]:
    """Keep what ``asker`` wishes to be said as a letter, and deliver it. Raises UserError."""
    user, own_id = context.user, bytes.fromhex(wish.message_id)
    said = Content(
        user.nick,
        wish.text,
        date,
        ContentKind.PRIVATE,
        format=wish.format,
        id=user.new_id(),
    )
    letter = Letter(nick, content.encode(said), own_id, asker, wish.id)
    user.letters.put(letter)
    _tell(context, letter, Delivery.QUEUED)
    return (yield from deliver(context, letter))


def deliver(context: Context, letter: Letter) -> Steps[Parcel]:
    """Begin the conversation, and send the letter there. Raises :class:`UserError`."""
    try:
        dm = yield from find_person(context, letter.nick)
    except (UserError, PeerError):
        context.user.letters.drop(letter)
        _tell(context, letter, Delivery.REFUSED)
        raise
    # From here on it is kept as a message of that conversation.
    context.user.letters.drop(letter)
    said = content.parse(letter.content)
    return (yield from send_private(context, dm, said, letter.own_id))


def deliver_left(context: Context, letter: Letter) -> Operation:
    """The same for one that an earlier process has left: nobody here waits to hear of it."""
    try:
        yield from deliver(context, letter)
    except UserError as error:
        said = content.parse(letter.content).message
        told = Error.of(
            "not_sent",
            case="letter",
            name=letter.nick,
            message=said,
            why=error.code,
            words=str(error),
        )
        context.user.emit(told)


def message(context: Context, letter: Letter, delivery: Delivery) -> Message:
    """How far it has come; nobody knows yet in which conversation it will be."""
    said = content.parse(letter.content)
    message_id = content.message_id(context.user.account, b"", said, letter.content)
    return Message(
        letter.nick,
        said.kind,
        said.nick,
        said.message,
        said.date,
        0,
        message_id=message_id.hex(),
        delivery=delivery,
    )


def _tell(context: Context, letter: Letter, delivery: Delivery) -> None:
    context.user.emit(message(context, letter, delivery))
