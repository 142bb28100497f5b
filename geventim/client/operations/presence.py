"""Other people: what happened to them, who is there, and how one wants to be seen oneself."""

from typing import Final

from geventim.chat.names import fold
from geventim.chat.replies import Change, NameList, Ok, Presence, PresenceChange
from geventim.chat.requests import ListNames, SetStatus
from geventim.chat.values import Status
from geventim.client.events import Departure, Event, Joined, Left, Notice, StatusChanged
from geventim.client.operations.context import Context
from geventim.client.steps.effects import Operation, Steps, ask
from geventim.client.user import is_name
from geventim.errors import DeniedError

CROWD: Final = 4_096
"""People whose doings are gathered; of more than that nobody needs to know at once."""


def tell(context: Context, presence: Presence) -> None:
    """Tell the user what happened to others since the login."""
    for change in presence.changes[max(0, context.changes - presence.before) :]:
        is_shown = is_name(change.nick) and not context.user.ignored.has_nick(change.nick)
        if change.nick != context.user.nick and is_shown:
            _note(context, change)
            is_status = change.turn is Change.STATUS
            gathered = context.user.digest.gather(("presence", is_status), Crowd)
            if gathered is None:
                for event in _events(change, ()):
                    context.user.emit(event)
            else:
                gathered.add(change)


def ask_names(context: Context) -> Steps[tuple[str, ...]]:
    """Ask who is connected."""
    reply = yield from ask(NameList, ListNames(id=0))
    names = tuple(sorted(filter(is_name, reply.names), key=fold))
    others = [name for name in names[:CROWD] if name != context.user.nick]
    context.present = {name: context.present.get(name, Status.NORMAL) for name in others}
    return names


def change_status(context: Context, status: Status, text: str = "") -> Operation:
    """Have another status; who is away may say why in a ``text``. Raises :class:`UserError`."""
    if text and status is not Status.AWAY:
        raise DeniedError("not_away")
    yield from ask(Ok, SetStatus(id=0, status=status))
    context.status = status
    if text != context.user.away.text or text:
        context.user.away.change(text)
        context.conversations.stir_all()


def _note(context: Context, change: PresenceChange) -> None:
    """Remember who is there, and how."""
    if change.turn in {Change.JOINED, Change.STATUS} and change.status is not Status.AWAY:
        context.user.away.forget(change.nick)
    if change.turn in {Change.QUIT, Change.LOST}:
        context.present.pop(change.nick, None)
    elif len(context.present) < CROWD or change.nick in context.present:
        context.present[change.nick] = change.status


class Crowd:
    """Many people, and what each did last."""

    def __init__(self) -> None:
        self._last: dict[str, PresenceChange] = {}

    def add(self, change: PresenceChange) -> None:
        """One of them did something."""
        if len(self._last) < CROWD or change.nick in self._last:
            self._last[change.nick] = change

    def tell(self) -> list[Event]:
        """What they did, those together who did the same."""
        alike: dict[tuple[Change, Status], list[PresenceChange]] = {}
        for change in self._last.values():
            alike.setdefault((change.turn, change.status), []).append(change)
        return [
            event
            for first, *others in alike.values()
            for event in _events(first, tuple(other.nick for other in others))
        ]


def _events(change: PresenceChange, others: tuple[str, ...]) -> list[Event]:
    """What somebody did, and others as well."""
    nick = change.nick
    match change.turn:
        case Change.JOINED:
            return [Joined(nick, others)]
        case Change.QUIT:
            return [Left(nick, Departure.QUIT, others)]
        case Change.LOST:
            return [Left(nick, Departure.LOST, others)]
        case Change.STATUS:
            notice = Notice.told(
                "status", nick=nick, others=len(others), status=change.status.value
            )
            return [StatusChanged(nick, change.status, others), notice]
