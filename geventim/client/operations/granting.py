"""What is done about each wish, and what comes of it."""

from collections.abc import Callable
from typing import Any, Final

from geventim.chat.values import Kind
from geventim.client import answers, wishes
from geventim.client.answers import Result
from geventim.client.kept.parcels import Parcel
from geventim.client.operations import (
    groups,
    ignoring,
    presence,
    rejoining,
    rooms,
    survey,
    talk,
    verification,
)
from geventim.client.operations.addressing import address, find
from geventim.client.operations.context import Context
from geventim.client.steps.effects import Steps
from geventim.client.steps.outbox import Manner, Spoken, Task
from geventim.client.wishes import Wish
from geventim.errors import UserError

Grant = Callable[[Context, Any, float], Steps[Result]]
"""Does what a wish says at a time, in seconds since the epoch. Raises :class:`UserError`."""


def grant(context: Context, wish: Wish, date: float) -> Task:
    """The task that ``wish`` stands for; its result is a :class:`.Result`."""
    manner = Manner.TOGETHER if isinstance(wish, wishes.Say) else Manner.ALONE
    steps = GRANTS[type(wish)](context, wish, date)
    return Task(steps, manner, spoken=_spoken(wish, date), wish=wish)


def follow(parcel: Parcel) -> Steps[Result]:
    """Wait for the fate of a message that is on its way already. Raises :class:`UserError`."""
    return _said((yield from talk.await_fate(parcel)))


def refuse(error: UserError) -> Steps[Result]:
    """Raise ``error``, in the turn of a wish that is none."""
    yield from ()
    raise error


def _spoken(wish: Wish, date: float) -> Spoken | None:
    """What ``wish`` says to others, if it does."""
    match wish:
        case wishes.Say():
            return Spoken(wish.text, date)
        case wishes.Secret():
            return Spoken(f"a secret for {wish.nick}", date)
    return None


def _say(context: Context, wish: wishes.Say, date: float) -> Steps[Result]:
    place = yield from address(context, wish.to)
    speak = talk.whisper if place.record.kind is Kind.DM else talk.tell
    return _said((yield from speak(context, place, wish.text, date)))


def _secret(context: Context, wish: wishes.Secret, date: float) -> Steps[Result]:
    return _said((yield from talk.send_secret(context, wish.nick, wish.key, wish.text, date)))


def _open_secret(context: Context, wish: wishes.OpenSecret, _: float) -> Steps[Result]:
    kept, text = yield from talk.read_secret(context, wish.number, wish.key)
    return answers.Opened(kept.nick, text, kept.date)


def _conversations(context: Context, _: wishes.Conversations, __: float) -> Steps[Result]:
    yield from ()
    return answers.Conversations(tuple(map(survey.describe, survey.conversations(context))))


def _members(context: Context, wish: wishes.Members, _: float) -> Steps[Result]:
    yield from ()
    place = find(context, wish.conversation)
    if not place.in_step:
        text = f"Your client is not in step with '{place.name}' now."
        raise UserError("out_of_step", text, "Try again later.")
    return answers.Members(survey.members(context, place))


def _open_dm(context: Context, wish: wishes.OpenDm, _: float) -> Steps[Result]:
    return survey.describe((yield from talk.find_person(context, wish.nick)))


def _join(context: Context, wish: wishes.Join, _: float) -> Steps[Result]:
    return survey.describe((yield from rooms.find(context, wish.name, wish.key)))


def _create_room(context: Context, wish: wishes.CreateRoom, _: float) -> Steps[Result]:
    return survey.describe((yield from rooms.make(context, wish.name, wish.key)))


def _create_group(context: Context, wish: wishes.CreateGroup, _: float) -> Steps[Result]:
    return survey.describe((yield from groups.create(context, wish.name, wish.members)))


def _leave(context: Context, wish: wishes.Leave, _: float) -> Steps[Result]:
    place = find(context, wish.conversation)
    match place.record.kind:
        case Kind.ROOM:
            yield from rooms.part(context, place)
        case Kind.GROUP:
            yield from groups.part(context, place)
        case Kind.DM:
            raise UserError("not_allowed", "Nobody leaves a conversation of two.")
    return Result()


def _delete(context: Context, wish: wishes.Delete, _: float) -> Steps[Result]:
    place = find(context, wish.conversation)
    if place.record.kind is not Kind.GROUP:
        raise UserError("not_allowed", f"'{place.name}' is not a group.")
    yield from groups.end(context, place)
    return Result()


def _new_key(context: Context, wish: wishes.NewKey, _: float) -> Steps[Result]:
    place = find(context, wish.conversation)
    return answers.RoomKey((yield from rooms.renew_key(context, place)))


def _rejoin(context: Context, wish: wishes.Rejoin, _: float) -> Steps[Result]:
    yield from rejoining.recover(context, find(context, wish.conversation))
    return Result()


def _people(context: Context, __: wishes.People, ___: float) -> Steps[Result]:
    return answers.Names((yield from presence.ask_names(context)))


def _whois(context: Context, wish: wishes.Whois, _: float) -> Steps[Result]:
    known = yield from verification.find(context, wish.nick)
    return answers.Somebody(
        known.nick,
        known.account,
        known.identity,
        known.since,
        known.standing,
        known.conversations,
    )


def _verify(context: Context, wish: wishes.Verify, _: float) -> Steps[Result]:
    shown = yield from verification.find_number(context, wish.nick)
    return answers.Number(shown.nick, shown.number, shown.standing)


def _confirm(context: Context, wish: wishes.Confirm, _: float) -> Steps[Result]:
    yield from verification.confirm_number(context, wish.nick)
    return Result()


def _trust(context: Context, wish: wishes.Trust, _: float) -> Steps[Result]:
    yield from verification.trust(context, wish.nick)
    return Result()


def _ignore(context: Context, wish: wishes.Ignore, _: float) -> Steps[Result]:
    act = ignoring.ignore if wish.ignored else ignoring.unignore
    yield from act(context, wish.nick)
    return Result()


def _status(context: Context, wish: wishes.SetStatus, _: float) -> Steps[Result]:
    if wish.status is not None:
        yield from presence.change_status(context, wish.status)
    return answers.OwnStatus(context.status)


def _said(parcel: Parcel) -> answers.Said:
    return answers.Said(parcel.message_id.hex(), parcel.seq)


GRANTS: Final[dict[type[Wish], Grant]] = {
    wishes.Conversations: _conversations,
    wishes.Members: _members,
    wishes.OpenDm: _open_dm,
    wishes.Join: _join,
    wishes.CreateRoom: _create_room,
    wishes.CreateGroup: _create_group,
    wishes.Leave: _leave,
    wishes.Delete: _delete,
    wishes.NewKey: _new_key,
    wishes.Rejoin: _rejoin,
    wishes.Say: _say,
    wishes.Secret: _secret,
    wishes.OpenSecret: _open_secret,
    wishes.People: _people,
    wishes.Whois: _whois,
    wishes.Verify: _verify,
    wishes.Confirm: _confirm,
    wishes.Trust: _trust,
    wishes.Ignore: _ignore,
    wishes.SetStatus: _status,
}
"""What grants each kind of wish."""
