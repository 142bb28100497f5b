"""Commands about rooms, and where lines go."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from msgspec.structs import replace

from geventim.chat import names
from geventim.chat.values import Kind
from geventim.client import answers, events, wishes
from geventim.client.events import Event
from geventim.client.kept.stages import INSIDE, Stage
from geventim.client.steps.refusals import NO_ROOM
from geventim.errors import UserError
from geventim.lines import finding
from geventim.lines.commands.command import Line, MisusedError, split
from geventim.lines.dialogue import Dialogue, Question, say
from geventim.lines.standpoint import Standpoint

PAGES: Final = 10
"""Pages of the list of all rooms that are shown, which are a thousand names."""


def resume(here: Standpoint) -> Dialogue:
    """Say where one was last what names nobody, if one still is in it."""
    settled: answers.Settings = yield wishes.Settings(id=0)
    if settled.place in ("", here.place):
        return ()
    try:
        place = yield from finding.find(settled.place)
    except UserError:
        return ()
    here.go(place.kind, place.name)
    text = f"You are in {here.place}, as last time."
    return [events.Entered(place.name, place.id), say(text)]


def return_to(here: Standpoint, event: events.Connected) -> Dialogue:
    """Tell that the user is connected, and where, if that is not where they were at first."""
    gone = ""
    if here.left:
        return [replace(event, room="")]
    if here.name:
        try:
            yield from finding.find(here.place)
        except UserError:
            gone = here.name
            here.name = ""
    told = replace(event, room=here.name)
    if not gone:
        return [told]
    text = f"There is no room '{gone}'. Make one: @create room {gone} [KEY]"
    return [told, events.Error("no_room", text)]


def join(here: Standpoint, line: Line) -> Dialogue:
    """Be in a room, and say there what names nobody."""
    name, key = split(line.argument)
    if not name:
        raise MisusedError
    try:
        place: answers.Conversation = yield wishes.Join(id=0, name=name, key=key)
    except UserError as error:
        if error.code != NO_ROOM or key or not here.asks:
            raise
    else:
        return _go(here, place)
    answer = yield Question(f"There is no room '{name}'. Make it? [y/N]")
    if answer.casefold() not in {"y", "yes"}:
        return [say(f"No room '{name}' was made.")]
    made: answers.Conversation = yield wishes.CreateRoom(id=0, name=name)
    return _go(here, made)


def go(here: Standpoint, line: Line) -> Dialogue:
    """Say in another conversation what names nobody."""
    name, more = split(line.argument)
    if not name or more:
        raise MisusedError
    if not name.startswith("@"):
        with suppress(UserError):
            return _go(here, (yield from finding.place(name.removeprefix("#"))))
    if name.startswith("#"):
        text = f"You are in no room or group '{name[1:]}'."
        raise UserError(finding.NOT_A_MEMBER, text, f"Enter it with '@join {name[1:]}'.")
    nick = names.check_name(name.removeprefix("@"))
    somebody: answers.Conversation = yield wishes.OpenDm(id=0, nick=nick)
    here.go(Kind.DM, somebody.name)
    text = f"What you type goes to {somebody.name} alone; '@go ROOM' goes back."
    return [events.Entered(somebody.name, somebody.id), say(text)]


def create(here: Standpoint, line: Line) -> Dialogue:
    """Make a room, and say there what names nobody."""
    what, rest = split(line.argument)
    name, key = split(rest)
    if what.casefold() != "room" or not name:
        raise MisusedError
    place: answers.Conversation = yield wishes.CreateRoom(id=0, name=name, key=key)
    return _go(here, place)


def leave(here: Standpoint, line: Line) -> Dialogue:
    """Be in a room no longer."""
    name = line.argument or here.name
    place = yield from finding.room(name)
    left: answers.Conversation = yield wishes.Leave(id=0, conversation=place.id)
    here.left |= here.name == left.name
    return [say(f"You left room '{left.name}'.")]


def rooms(here: Standpoint, line: Line) -> Dialogue:
    """List the rooms that the user is in, or can be in."""
    if line.argument.casefold() == "all":
        return (yield from _others())
    if line.argument:
        raise MisusedError
    known: answers.Conversations = yield wishes.Conversations(id=0)
    found = (each for each in known.conversations if each.kind is Kind.ROOM)
    listed = [_describe(here, room) for room in sorted(found, key=lambda room: room.name)]
    return [say(f"Rooms: {', '.join(listed) or 'none'}")]


def _others() -> Dialogue:
    """List the rooms that the user is not in."""
    listed: list[str] = []
    page = answers.Rooms((), more=True)
    for _ in range(PAGES):
        page = yield wishes.Rooms(id=0, after=page.rooms[-1].name if page.rooms else "")
        others = (room for room in page.rooms if not room.joined)
        listed += (f"{room.name} (keyed)" if room.keyed else room.name for room in others)
        if not page.more:
            break
    told = [say(f"Rooms that you can join: {', '.join(listed) or 'none'}")]
    return [*told, say("There are more.")] if page.more else told


def groups(_: Standpoint, __: Line) -> Dialogue:
    """List the groups."""
    known: answers.Conversations = yield wishes.Conversations(id=0)
    found = [each.name for each in known.conversations if each.kind is Kind.GROUP]
    return [say(f"Groups: {', '.join(sorted(found, key=names.fold)) or 'none'}")]


def new_key(here: Standpoint, line: Line) -> Dialogue:
    """Have another key for a room, or a new room with one."""
    name = names.check_name(line.argument or here.name)
    found: answers.Found = yield wishes.Find(id=0, name=f"#{name}")
    room = next((each for each in found.conversations if each.kind is Kind.ROOM), None)
    what = name if room is None else room.id
    new: answers.RoomKey = yield wishes.NewKey(id=0, conversation=what, create=room is None)
    told: list[Event] = []
    if room is None:
        here.go(Kind.ROOM, new.name)
        told += [events.Entered(new.name), say(f"You are in room '{new.name}'.")]
    return [*told, say(f"The key of '{new.name}' is now: {new.key}", "new_key")]


def rejoin(here: Standpoint, line: Line) -> Dialogue:
    """Go on with what was stopped."""
    name = line.argument or here.place
    if not name:
        raise MisusedError
    yield wishes.Rejoin(id=0, conversation=name)
    return ()


def _go(here: Standpoint, place: answers.Conversation) -> Sequence[Event]:
    """Say there what names nobody."""
    here.go(place.kind, place.name)
    return [events.Entered(place.name, place.id), say(f"You are in {place.kind} '{place.name}'.")]


def _describe(here: Standpoint, room: answers.Conversation) -> str:
    marks = ["keyed"] if room.keyed else []
    if (here.kind, here.name) == (Kind.ROOM, room.name):
        marks.append("here")
    if Stage(room.stage) not in INSIDE:
        marks.append(room.stage)
    return f"{room.name} ({', '.join(marks)})" if marks else room.name


def mute(here: Standpoint, line: Line) -> Dialogue:
    """Do not be called by what is written somewhere."""
    return (yield from _mute(here, line, muted=True))


def unmute(here: Standpoint, line: Line) -> Dialogue:
    """Be called again."""
    return (yield from _mute(here, line, muted=False))


def _mute(here: Standpoint, line: Line, *, muted: bool) -> Dialogue:
    name = line.argument or here.place
    if not name:
        raise UserError("nowhere", "You are nowhere.", "Name a conversation.")
    place = yield from finding.find(name)
    yield wishes.Mute(id=0, conversation=place.id, muted=muted)
    state = "does not call you any more" if muted else "calls you again"
    return [say(f"What is written in '{place.name}' {state}.")]
