"""Other people: what happened to them, who is there, and how one wants to be seen oneself."""

from geventim.chat.names import fold
from geventim.chat.replies import Change, NameList, Ok, Presence, PresenceChange
from geventim.chat.requests import ListNames, SetStatus
from geventim.chat.values import Status
from geventim.client.context import Context, is_name
from geventim.client.effects import Operation, RefusedError, ask
from geventim.client.events import Departure, Event, Joined, Left, Names, Notice, StatusChanged

INVALID_STATUS = "Invalid status. Use '@status normal', '@status dnd', or '@status away'."


def tell(context: Context, presence: Presence) -> None:
    """Tell the user what happened to others since the login."""
    for change in presence.changes[max(0, context.changes - presence.before) :]:
        is_shown = is_name(change.nick) and not context.ignored.has_nick(change.nick)
        if change.nick != context.nick and is_shown:
            context.emit(_event(change))
            if change.turn is Change.STATUS:
                context.emit(Notice(f"{change.nick} is now '{change.status}'."))


def list_names(context: Context) -> Operation:
    """Ask who is connected."""
    reply = yield from ask(NameList, ListNames(id=0))
    names = tuple(sorted(filter(is_name, reply.names), key=fold))
    context.emit(Names(names))
    context.emit(Notice(f"Connected users: {', '.join(names)}"))


def show_status(context: Context) -> Operation:
    """Say what one's own status is."""
    context.emit(Notice(f"Your current status is '{context.status}'."))
    yield from ()


def change_status(context: Context, wish: str) -> Operation:
    """Have another status, if ``wish`` is one."""
    try:
        status = Status(wish.casefold())
    except ValueError:
        raise RefusedError("invalid_status", INVALID_STATUS) from None
    yield from ask(Ok, SetStatus(id=0, status=status))
    context.status = status
    context.emit(Notice(f"Your status has been changed to '{status}'."))


def _event(change: PresenceChange) -> Event:
    match change.turn:
        case Change.JOINED:
            return Joined(change.nick)
        case Change.QUIT:
            return Left(change.nick, Departure.QUIT)
        case Change.LOST:
            return Left(change.nick, Departure.LOST)
        case Change.STATUS:
            return StatusChanged(change.nick, change.status)
