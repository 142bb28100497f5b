"""What is said by a wish: what becomes of it, also when it was said before."""

from collections.abc import Iterable

from geventim.chat import names
from geventim.chat.values import Kind
from geventim.client import answers, wishes
from geventim.client.answers import Result
from geventim.client.conversation.conversation import Conversation
from geventim.client.files.transfers import Errand
from geventim.client.kept.letters import Letter
from geventim.client.kept.parcels import Parcel
from geventim.client.kept.tickets import Ticket
from geventim.client.operations.addressing import PERSON, address, is_known
from geventim.client.operations.context import Context
from geventim.client.operations.saying import files, letters, remarks, talk
from geventim.client.steps.effects import Steps, wait
from geventim.client.steps.legacy import Order
from geventim.client.steps.outbox import Spoken, Task
from geventim.client.wishes import Wish
from geventim.errors import DeniedError


def say(context: Context, wish: wishes.Say, date: float, asker: int) -> Steps[Result]:
    """Send a message, unless it was sent already. Raises :class:`UserError`."""
    if not wish.text and not wish.files:
        raise DeniedError("nothing_said")
    if wish.files and wish.message_id:
        why = "what is said with files has no message_id yet"
        raise DeniedError("bad_wish", case="invalid", why=why)
    own_id = bytes.fromhex(wish.message_id)
    if not wish.files and _can_be_letter(wish):
        nick = names.check_name(wish.to[1:])
        letter = context.user.letters.called(nick, own_id)
        if letter is not None:
            yield from wait(lambda: letter not in context.user.letters)
        elif letters.is_needed(context, nick):
            return said((yield from letters.write(context, nick, wish, date, asker)))
    place = yield from address(context, wish.to)
    before = context.user.tickets.find(place.id, own_id)
    if before is not None:
        return (yield from _repeat(place, before))
    reply = None
    if wish.reply_to:
        reply = yield from remarks.answer(context, place, wish.reply_to)
    if wish.files:
        sent = files.send(
            context,
            place,
            wish.text,
            date,
            wish.files,
            reply=reply,
            form=wish.format,
            asker=asker,
            wish=wish.id,
        )
        return said((yield from sent))
    speak = talk.whisper if place.record.kind is Kind.DM else talk.tell
    text, form = wish.text, wish.format
    spoken = speak(context, place, text, date, reply=reply, form=form, own_id=own_id)
    return said((yield from spoken))


def _repeat(place: Conversation, ticket: Ticket) -> Steps[Result]:
    """What came of a message that was said already."""
    parcel = place.parcels.find(ticket.message_id)
    if parcel is not None and not ticket.seq:
        yield from talk.await_fate(parcel)
    return answers.Said(ticket.message_id.hex(), ticket.seq)


def can_be_kept(context: Context, wish: wishes.Say) -> bool:
    """Whether what is said can be queued without a connection."""
    return _can_be_letter(wish) or is_known(context, wish.to)


def _can_be_letter(wish: wishes.Say) -> bool:
    return wish.to.startswith(PERSON) and not wish.reply_to


def what_is_said(wish: Wish, date: float) -> Spoken | None:
    """What ``wish`` says to others, if it does."""
    match wish:
        case wishes.Say(files=()):
            return Spoken(wish.text, date, wish.id)
        case wishes.Edit():
            return Spoken(wish.text, date, wish.id)
        case wishes.Secret():
            return Spoken(f"a secret for {wish.nick}", date, wish.id)
    return None


def resume(context: Context, wish: Wish, asker: int) -> Steps[Result] | None:
    """Wait for the files or the letter of ``wish``, if they are on their way already."""
    letter = context.user.letters.find(asker, wish.id)
    if letter is not None:
        return _follow_letter(context, letter)
    errand = context.user.transfers.find(asker, wish.id)
    if errand is None:
        return None
    if isinstance(wish, wishes.FetchFile):
        return files.follow_fetching(errand)
    return _follow_sending(errand)


def follow(parcel: Parcel) -> Steps[Result]:
    """Wait for the fate of a message that is on its way already. Raises :class:`UserError`."""
    return said((yield from talk.await_fate(parcel)))


def take_up(context: Context, orders: Iterable[Order]) -> list[Task]:
    """What delivers the letters that are kept, but those that ``orders`` are for."""
    mine = {(order.asker, order.wish.id) for order in orders if order.wish is not None}
    left = (each for each in context.user.letters if (each.asker, each.wish) not in mine)
    return [Task(letters.deliver_left(context, letter), goes_ahead=lambda: True) for letter in left]


def _follow_letter(context: Context, letter: Letter) -> Steps[Result]:
    return said((yield from letters.deliver(context, letter)))


def _follow_sending(errand: Errand) -> Steps[Result]:
    return said((yield from files.follow(errand)))


def said(parcel: Parcel) -> answers.Said:
    """The result of a message that the server has."""
    return answers.Said(parcel.message_id.hex(), parcel.seq)
