"""What is done about each wish, and what comes of it."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final

import msgspec

from geventim.chat import names
from geventim.chat.values import Kind
from geventim.client import answers, wishes
from geventim.client.answers import Result
from geventim.client.conversation.conversation import Conversation
from geventim.client.conversation.summary import describe
from geventim.client.events import Found
from geventim.client.operations import (
    doors,
    exporting,
    groups,
    ignoring,
    parting,
    presence,
    rejoining,
    rooms,
    speech,
    survey,
    verification,
)
from geventim.client.operations.addressing import (
    PERSON,
    find,
    find_all,
    places,
)
from geventim.client.operations.context import Context
from geventim.client.operations.reading import browsing, keeping
from geventim.client.operations.saying import files, remarks, talk
from geventim.client.steps.effects import Steps, wait
from geventim.client.steps.outbox import Manner, Task
from geventim.client.wishes import Wish
from geventim.errors import DeniedError, UserError

Grant = Callable[..., Steps[Result]]
"""Does what a wish says at a time, in seconds since the epoch. Raises :class:`UserError`.

What is :data:`FOR_ASKER` is also told who that is.
"""


FOR_ASKER: Final = wishes.Say | wishes.FetchFile | wishes.Cancel
"""What goes on after a restart, or is about what the same front end has wished for."""


def grant(context: Context, wish: Wish, date: float, asker: int = 0) -> Task:
    """The task that ``wish`` of ``asker`` stands for; its result is a :class:`.Result`."""
    more = (asker,) if isinstance(wish, FOR_ASKER) else ()
    steps = GRANTS[type(wish)](context, wish, date, *more)
    return Task(
        steps,
        _manner(wish),
        spoken=speech.what_is_said(wish, context.user.clock()),
        wish=wish,
        goes_ahead=partial(_goes_ahead, context, wish),
    )


def _goes_ahead(context: Context, wish: Wish) -> bool:
    """Whether ``wish`` can be granted without a connection."""
    if isinstance(wish, wishes.Say):
        return not wish.files and speech.can_be_kept(context, wish)
    return isinstance(wish, wishes.Conversations)


def _manner(wish: Wish) -> Manner:
    """How ``wish`` stands to others."""
    if isinstance(wish, wishes.Say) and wish.files:
        return Manner.BESIDE
    if isinstance(wish, wishes.Say) and wish.to.startswith(PERSON):
        # It may have to be begun first, and comes after what was said before.
        return Manner.ALONE
    return MANNERS.get(type(wish), Manner.ALONE)


def refuse(error: UserError) -> Steps[Result]:
    """Raise ``error``, in the turn of a wish that is none."""
    yield from ()
    raise error


def _fetch_file(context: Context, wish: wishes.FetchFile, _: float, asker: int) -> Steps[Result]:
    path, index = wish.path, wish.index
    return (yield from files.fetch(context, wish.message_id, index, path, asker, wish.id))


def _transfers(context: Context, _: wishes.Transfers, __: float) -> Steps[Result]:
    yield from ()
    return answers.Transfers(tuple(each.describe() for each in context.user.transfers.under_way))


def _cancel(context: Context, wish: wishes.Cancel, _: float, asker: int) -> Steps[Result]:
    yield from ()
    yield from wait(context.cancel(asker, wish))
    return Result()


def _edit(context: Context, wish: wishes.Edit, date: float) -> Steps[Result]:
    edited = remarks.edit(context, wish.message_id, wish.text, wish.format, date)
    return speech.said((yield from edited))


def _delete_message(context: Context, wish: wishes.DeleteMessage, date: float) -> Steps[Result]:
    return speech.said((yield from remarks.delete(context, wish.message_id, date)))


def _react(context: Context, wish: wishes.React, date: float) -> Steps[Result]:
    return speech.said((yield from remarks.react(context, wish.message_id, wish.reaction, date)))


def _set_timer(context: Context, wish: wishes.SetTimer, date: float) -> Steps[Result]:
    place = find(context, wish.conversation)
    return speech.said((yield from remarks.set_timer(context, place, wish.seconds, date)))


def _secret(context: Context, wish: wishes.Secret, date: float) -> Steps[Result]:
    return speech.said((yield from talk.send_secret(context, wish.nick, wish.key, wish.text, date)))


def _open_secret(context: Context, wish: wishes.OpenSecret, _: float) -> Steps[Result]:
    kept, text = yield from talk.open_secret(context, wish.number, wish.key)
    return answers.Opened(
        kept.nick,
        text,
        kept.date,
        kept.seq,
        kept.verified,
        kept.conversation.hex(),
        kept.message_id.hex(),
    )


def _secrets(context: Context, _: wishes.Secrets, __: float) -> Steps[Result]:
    yield from ()
    return answers.Secrets(context.user.strongbox.numbers)


def _conversations(context: Context, _: wishes.Conversations, __: float) -> Steps[Result]:
    yield from ()
    return answers.Conversations(tuple(map(describe, survey.conversations(context))))


def _rooms(context: Context, wish: wishes.Rooms, _: float) -> Steps[Result]:
    return (yield from doors.list_rooms(context, wish.after))


def _find(context: Context, wish: wishes.Find, _: float) -> Steps[Result]:
    yield from ()
    return answers.Found(
        tuple(map(describe, find_all(context, wish.name))),
        deleted=context.conversations.has_ended(wish.name),
        known=context.user.trust.pin(wish.name) is not None,
    )


def _contacts(context: Context, _: wishes.Contacts, __: float) -> Steps[Result]:
    yield from ()
    return answers.Nicks(tuple(context.user.trust.nicks))


def _members(context: Context, wish: wishes.Members, _: float) -> Steps[Result]:
    yield from ()
    return verification.members(context, find(context, wish.conversation))


def _room_code(context: Context, wish: wishes.RoomCode, _: float) -> Steps[Result]:
    yield from ()
    return verification.room_code(find(context, wish.conversation))


def _open_dm(context: Context, wish: wishes.OpenDm, _: float) -> Steps[Result]:
    return describe((yield from talk.find_person(context, names.check_name(wish.nick))))


def _join(context: Context, wish: wishes.Join, _: float) -> Steps[Result]:
    return describe((yield from rooms.find(context, wish.name, wish.key)))


def _create_room(context: Context, wish: wishes.CreateRoom, _: float) -> Steps[Result]:
    return describe((yield from rooms.make(context, wish.name, wish.key)))


def _create_group(context: Context, wish: wishes.CreateGroup, _: float) -> Steps[Result]:
    group, members = yield from groups.create(context, wish.name, wish.members)
    made = describe(group)
    return answers.Created(**msgspec.structs.asdict(made), present=members)


def _leave(context: Context, wish: wishes.Leave, _: float) -> Steps[Result]:
    place = find(context, wish.conversation)
    match place.record.kind:
        case Kind.ROOM:
            yield from parting.resign(context, place)
        case Kind.GROUP:
            yield from groups.leave(context, place)
        case Kind.DM:
            raise DeniedError("not_allowed", case="pair")
    return describe(place)


def _delete(context: Context, wish: wishes.Delete, _: float) -> Steps[Result]:
    group = _group(context, wish.conversation)
    yield from groups.delete(context, group)
    return describe(group)


def _add(context: Context, wish: wishes.Add, _: float) -> Steps[Result]:
    yield from groups.add(context, _group(context, wish.conversation), wish.members)
    return Result()


def _remove(context: Context, wish: wishes.Remove, _: float) -> Steps[Result]:
    yield from groups.remove(context, _group(context, wish.conversation), wish.members)
    return Result()


def _group(context: Context, name: str) -> Conversation:
    """The group of that name, or with that id. Raises :class:`UserError`."""
    place = find(context, name)
    if place.record.kind is not Kind.GROUP:
        raise DeniedError("not_allowed", case="no_group", name=place.name)
    return place


def _new_key(context: Context, wish: wishes.NewKey, _: float) -> Steps[Result]:
    if wish.create:
        place, key = yield from rooms.make_keyed(context, wish.conversation)
    else:
        place = find(context, wish.conversation)
        key = yield from rooms.renew_key(context, place)
    return answers.RoomKey(place.name, key)


def _rejoin(context: Context, wish: wishes.Rejoin, _: float) -> Steps[Result]:
    yield from rejoining.rejoin(context, wish.conversation)
    return Result()


def _timeline(context: Context, wish: wishes.Timeline, _: float) -> Steps[Result]:
    page = wish.before, wish.after, wish.around
    within = places(context, wish.conversation) if wish.conversation else None
    return (yield from browsing.timeline(context.user, wish.limit, within, *page))


def _search(context: Context, wish: wishes.Search, _: float) -> Steps[Result]:
    within = places(context, wish.conversation) if wish.conversation else None
    query = browsing.make_query(wish.words, wish.author, within, wish.before, wish.until)
    query = replace(query, with_files=wish.with_files)
    emit = context.user.emit
    return (
        yield from browsing.search(context.user, query, wish.limit, lambda some: emit(Found(some)))
    )


def _mark_read(context: Context, wish: wishes.MarkRead, _: float) -> Steps[Result]:
    place = find(context, wish.conversation)
    yield from keeping.mark_read(context.user, place, wish.order)
    context.conversations.stir(place.id)
    return Result()


def _draft(context: Context, wish: wishes.Draft, _: float) -> Steps[Result]:
    find(context, wish.conversation).bookmark.write(wish.text)
    yield from ()
    return Result()


def _mute(context: Context, wish: wishes.Mute, _: float) -> Steps[Result]:
    find(context, wish.conversation).bookmark.mute(is_muted=wish.muted)
    yield from ()
    return Result()


def _settings(context: Context, _: wishes.Settings, __: float) -> Steps[Result]:
    yield from ()
    return answers.Settings(**msgspec.structs.asdict(context.user.preferences.values))


def _change_setting(context: Context, wish: wishes.ChangeSetting, _: float) -> Steps[Result]:
    context.user.preferences.change(wish.name, wish.value)
    return (yield from _settings(context, wishes.Settings(id=wish.id), 0))


def _people(context: Context, __: wishes.People, ___: float) -> Steps[Result]:
    return answers.Names((yield from presence.ask_names(context)))


def _whois(context: Context, wish: wishes.Whois, _: float) -> Steps[Result]:
    return (yield from verification.find(context, wish.nick))


def _verify(context: Context, wish: wishes.Verify, _: float) -> Steps[Result]:
    return (yield from verification.find_number(context, wish.nick))


def _confirm(context: Context, wish: wishes.Confirm, _: float) -> Steps[Result]:
    yield from verification.confirm_number(context, wish.nick)
    return Result()


def _trust(context: Context, wish: wishes.Trust, _: float) -> Steps[Result]:
    yield from verification.trust(context, wish.nick)
    return Result()


def _ignore(context: Context, wish: wishes.Ignore, _: float) -> Steps[Result]:
    if wish.ignored:
        return answers.Nicks(((yield from ignoring.ignore(context, wish.nick)),))
    return answers.Nicks((ignoring.unignore(context, wish.nick),))


def _ignored(context: Context, _: wishes.Ignored, __: float) -> Steps[Result]:
    yield from ()
    return answers.Nicks(tuple(context.user.ignored.nicks))


def _status(context: Context, wish: wishes.SetStatus, _: float) -> Steps[Result]:
    if wish.status is not None:
        yield from presence.change_status(context, wish.status, " ".join(wish.text.split()))
    return answers.OwnStatus(context.status, context.user.away.text)


def _export(context: Context, wish: wishes.ExportIdentity, _: float) -> Steps[Result]:
    return (yield from exporting.export(context, wish.passphrase))


GRANTS: Final[dict[type[Wish], Grant]] = {
    wishes.Conversations: _conversations,
    wishes.Rooms: _rooms,
    wishes.Members: _members,
    wishes.OpenDm: _open_dm,
    wishes.Join: _join,
    wishes.CreateRoom: _create_room,
    wishes.CreateGroup: _create_group,
    wishes.Leave: _leave,
    wishes.Delete: _delete,
    wishes.Add: _add,
    wishes.Remove: _remove,
    wishes.NewKey: _new_key,
    wishes.Rejoin: _rejoin,
    wishes.RoomCode: _room_code,
    wishes.Say: speech.say,
    wishes.FetchFile: _fetch_file,
    wishes.Transfers: _transfers,
    wishes.Cancel: _cancel,
    wishes.Edit: _edit,
    wishes.DeleteMessage: _delete_message,
    wishes.React: _react,
    wishes.SetTimer: _set_timer,
    wishes.Secret: _secret,
    wishes.OpenSecret: _open_secret,
    wishes.Secrets: _secrets,
    wishes.Timeline: _timeline,
    wishes.Search: _search,
    wishes.MarkRead: _mark_read,
    wishes.Draft: _draft,
    wishes.Mute: _mute,
    wishes.Settings: _settings,
    wishes.ChangeSetting: _change_setting,
    wishes.Find: _find,
    wishes.Contacts: _contacts,
    wishes.People: _people,
    wishes.Whois: _whois,
    wishes.Verify: _verify,
    wishes.Confirm: _confirm,
    wishes.Trust: _trust,
    wishes.Ignore: _ignore,
    wishes.Ignored: _ignored,
    wishes.SetStatus: _status,
    wishes.ExportIdentity: _export,
}
"""What grants each kind of wish."""

MANNERS: Final = {
    wishes.Say: Manner.TOGETHER,
    wishes.FetchFile: Manner.BESIDE,
    wishes.Transfers: Manner.APART,
    wishes.Cancel: Manner.APART,
    wishes.Timeline: Manner.APART,
    wishes.Search: Manner.APART,
    wishes.MarkRead: Manner.APART,
    wishes.Draft: Manner.APART,
    wishes.Mute: Manner.APART,
    wishes.Settings: Manner.APART,
    wishes.ChangeSetting: Manner.APART,
    wishes.OpenSecret: Manner.APART,
    wishes.ExportIdentity: Manner.APART,
    wishes.Secrets: Manner.APART,
    wishes.Find: Manner.APART,
    wishes.Contacts: Manner.APART,
}
"""How each stands to others, unless it is alone; see :func:`_manner`."""
