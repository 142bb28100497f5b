"""Operations on trust: comparing numbers, believing another key, and what is known of somebody."""

from typing import Final

from geventim.chat.names import check_name, fold
from geventim.chat.replies import Found
from geventim.chat.requests import LookUp
from geventim.chat.values import Kind, account_id
from geventim.client.conversation import acquaintance
from geventim.client.conversation.conversation import Conversation
from geventim.client.events import (
    Acquaintance,
    Names,
    Notice,
    RoomCode,
    SafetyNumber,
    Speaker,
    Trusted,
)
from geventim.client.operations.context import Context
from geventim.client.operations.conversations import check_person
from geventim.client.people import roster, safety_number
from geventim.client.people.safety_number import Party
from geventim.client.people.trust import Standing
from geventim.client.steps.effects import Operation, Steps, ask
from geventim.crypto.readable import encode_key
from geventim.errors import MisuseError, PeerError, UserError

SHOWN: Final = {
    Standing.VERIFIED: "verified",
    Standing.UNVERIFIED: "not verified",
    Standing.CHANGED: "has another key than before",
}
"""What is held of somebody, in words."""


def show_number(context: Context, nick: str) -> Operation:
    """Show the number that the user and ``nick`` compare."""
    context.user.emit((yield from find_number(context, nick)))


def find_number(context: Context, nick: str) -> Steps[SafetyNumber]:
    """The number that the user and ``nick`` compare; from now on it counts as shown."""
    name = check_name(nick)
    if fold(name) == fold(context.user.nick):
        raise UserError("to_oneself", "There is nothing to compare with oneself.")
    yield from _find(context, name)
    shown = context.user.trust.show(name)
    if shown is None:
        raise MisuseError("somebody was found, and not pinned")
    own = context.user.profile.keys.identity.public
    number = safety_number.safety_number(
        _party(context, context.user.nick, own), _party(context, shown.nick, shown.identity)
    )
    standing = context.user.trust.standing(shown.nick, shown.identity)
    return SafetyNumber(shown.nick, number, standing)


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


def show_room_code(context: Context, name: str) -> Operation:
    """Show the code that the members of a room or group compare; of the present room if no name."""
    conversation = _find_conversation(context, name)
    if not conversation.in_step:
        raise UserError(
            "out_of_step", f"Your client is not in step with '{conversation.name}' now."
        )
    group = conversation.group
    code = safety_number.room_code(conversation.id, group.epoch_authenticator)
    members = sum(1 for _ in group.members())
    context.user.emit(RoomCode(conversation.name, group.epoch, members, code, conversation.hex))
    yield from ()


def list_members(context: Context, name: str) -> Operation:
    """Say who is in a room or group, and whom of them the user has verified."""
    conversation = _find_conversation(context, name.removeprefix("#"))
    if conversation.seat is None:
        raise UserError(
            "out_of_step", f"Your client is not in step with '{conversation.name}' now."
        )
    standings = acquaintance.standings(context.user, conversation.seat.tree)
    nicks = sorted(standings, key=fold)
    others = [nick for nick in nicks if nick != context.user.nick]
    verified = [nick for nick in others if standings[nick] is Standing.VERIFIED]
    context.user.emit(Names(tuple(nicks), conversation.name, tuple(verified), conversation.hex))
    people = ", ".join(
        f"{nick} ({SHOWN[standings[nick]]})" if nick in others else nick for nick in nicks
    )
    text = f"In '{conversation.name}' are: {people}"
    context.user.emit(Notice(text, speaker=Speaker.CLIENT))
    yield from ()


def describe(context: Context, nick: str) -> Operation:
    """Say everything that is known of ``nick``."""
    context.user.emit((yield from find(context, nick)))


def find(context: Context, nick: str) -> Steps[Acquaintance]:
    """Everything that is known of ``nick``."""
    name = check_name(nick)
    yield from _find(context, name)
    somebody = context.user.trust.candidate(name)
    if somebody is None:
        raise MisuseError("somebody was found, and not pinned")
    account = account_id(somebody.identity)
    return Acquaintance(
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


def _find_conversation(context: Context, name: str) -> Conversation:
    if not name:
        conversation = context.conversations.get(context.room)
    else:
        known = context.conversations
        conversation = known.named(Kind.ROOM, name) or known.named(Kind.GROUP, name)
    if conversation is None:
        raise UserError("not_a_member", f"You are in no room or group '{name}'.")
    return conversation


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
