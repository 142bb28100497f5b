"""Operations on trust: comparing numbers, believing another key, and what is known of somebody."""

from geventim.chat.names import check_name, fold
from geventim.chat.replies import Found
from geventim.chat.requests import LookUp
from geventim.chat.values import Kind, account_id
from geventim.client import answers
from geventim.client.conversation import acquaintance
from geventim.client.conversation.conversation import Conversation
from geventim.client.events import Trusted
from geventim.client.operations.context import Context
from geventim.client.operations.conversations import check_person
from geventim.client.people import roster, safety_number
from geventim.client.people.safety_number import Party
from geventim.client.people.trust import Standing
from geventim.client.steps.effects import Operation, Steps, ask
from geventim.client.user import User
from geventim.crypto.readable import encode_key
from geventim.errors import DeniedError, MisuseError, PeerError


def find_number(context: Context, nick: str) -> Steps[answers.Number]:
    """The number that the user and ``nick`` compare; from now on it counts as shown."""
    name = check_name(nick)
    if fold(name) == fold(context.user.nick):
        raise DeniedError("to_oneself", case="verify")
    yield from _find(context, name)
    shown = context.user.trust.show(name)
    if shown is None:
        raise MisuseError("somebody was found, and not pinned")
    own = context.user.profile.keys.identity.public
    number = safety_number.safety_number(
        _party(context, context.user.nick, own), _party(context, shown.nick, shown.identity)
    )
    standing = context.user.trust.standing(shown.nick, shown.identity)
    return answers.Number(shown.nick, number, standing)


def confirm_number(context: Context, nick: str) -> Operation:
    """The user has compared the number that was shown, and it is right."""
    pin = context.user.trust.verify(check_name(nick))
    context.touch_all()
    context.user.emit(Trusted(pin.nick, encode_key(pin.identity), Standing.VERIFIED))
    yield from ()


def trust(context: Context, nick: str) -> Operation:
    """The user believes that the other key which was seen is that of ``nick``."""
    pin = context.user.trust.accept(check_name(nick))
    context.touch_all()
    context.user.emit(Trusted(pin.nick, encode_key(pin.identity), Standing.UNVERIFIED))
    yield from ()


def room_code(conversation: Conversation) -> answers.RoomCode:
    """The code that the members of a conversation compare."""
    if not conversation.in_step:
        raise DeniedError("out_of_step", name=conversation.name)
    group = conversation.group
    code = safety_number.room_code(conversation.id, group.epoch_authenticator)
    members = sum(1 for _ in group.members())
    return answers.RoomCode(conversation.name, group.epoch, members, code, conversation.hex)


def members(context: Context, conversation: Conversation) -> answers.Members:
    """Who is in a conversation, and whom of them the user has verified."""
    if conversation.seat is None:
        raise DeniedError("out_of_step", name=conversation.name)
    tree = conversation.seat.tree
    standings = acquaintance.standings(context.user, tree)
    people = roster.members(tree).values()
    accounts = {acquaintance.call(context.user, each): each.account for each in people}
    found = (
        answers.Member(
            nick,
            accounts[nick].hex(),
            standings[nick],
            conversation.readers.read(accounts[nick]),
            _away(context.user, accounts[nick]),
        )
        for nick in sorted(standings, key=fold)
    )
    return answers.Members(conversation.name, tuple(found), conversation.hex)


def _away(user: User, account: bytes) -> str:
    """What somebody has said of why they are away, if the user wants to hear of them."""
    is_shown = account != user.account and not user.ignored.has(account)
    return user.away.of(account) if is_shown else ""


def find(context: Context, nick: str) -> Steps[answers.Somebody]:
    """Everything that is known of ``nick``."""
    name = check_name(nick)
    yield from _find(context, name)
    somebody = context.user.trust.candidate(name)
    if somebody is None:
        raise MisuseError("somebody was found, and not pinned")
    account = account_id(somebody.identity)
    return answers.Somebody(
        somebody.nick,
        account.hex(),
        encode_key(somebody.identity),
        somebody.since,
        context.user.trust.standing(somebody.nick, somebody.identity),
        _shared(context, account),
    )


def _find(context: Context, name: str) -> Steps[None]:
    """See to it that somebody called ``name`` is known."""
    if context.user.trust.candidate(name) is not None:
        return
    person = (yield from ask(Found, LookUp(id=0, nick=name))).person
    check_person(person)
    if fold(person.nick) != fold(name):
        raise PeerError("somebody was asked for, and somebody else found")
    acquaintance.meet(context.user, person.nick, person.identity)


def _party(context: Context, nick: str, identity: bytes) -> Party:
    return Party(context.user.profile.server_key, account_id(identity), nick, identity)


def _shared(context: Context, account: bytes) -> tuple[str, ...]:
    """The rooms and groups in which the user is together with ``account``."""
    return tuple(
        sorted(
            conversation.name
            for conversation in context.conversations
            if conversation.in_step
            and conversation.record.kind is not Kind.DM
            and account in roster.members(conversation.seat_of().tree)
        )
    )
