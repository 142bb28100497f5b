"""What opens over the screen, and what can be chosen there."""

from collections.abc import Callable, Sequence
from functools import partial

from geventim.chat.values import Kind
from geventim.client.events import SafetyNumber
from geventim.client.people.safety_number import format_number
from geventim.client.people.trust import Standing
from geventim.terminal.screen.conversation.rooms import Room
from geventim.terminal.screen.layers.figure import Figure, code_of
from geventim.terminal.screen.layers.help import Commands
from geventim.terminal.screen.layers.palette import Candidate, Palette
from geventim.terminal.screen.travel import Travel
from geventim.terminal.screen.world import World


def link(url: str) -> Figure:
    """A link for a browser."""
    title = "Open this in a browser, once, within half a minute"
    return Figure(title, url, (), lambda: None, "Esc closes")


def safety_number(event: SafetyNumber, begin: Callable[[str], object]) -> Figure:
    """The digits of ``event``, and the same for a camera; Enter begins the line that confirms."""
    nick, number = event.nick, event.number
    is_verified = event.standing is Standing.VERIFIED
    title = f"Safety number with {nick}" + (" (verified)" if is_verified else "")
    code = code_of(number)
    if is_verified:
        return Figure(title, format_number(number), code, lambda: None, "Esc closes")
    confirm = partial(begin, f"/verify {nick} ok")
    foot = "Enter: it is the same · Esc closes"
    return Figure(title, format_number(number), code, confirm, foot)


def palette(
    world: World,
    travel: Travel,
    commands: Commands,
    begin: Callable[[str], None],
    extra: Sequence[Candidate] = (),
) -> Palette:
    """Conversations, people, what is ``extra`` and commands.

    ``begin`` puts the beginning of a line into the input.
    """
    candidates = [
        Candidate(room.title, _news(room), partial(travel.go, room))
        for room in sorted(world.rooms, key=lambda room: (not room.mentions, not room.unread))
        if room is not world.rooms.current
    ]
    candidates += [
        Candidate(f"@{nick}", "talk privately", partial(travel.open_dm, nick))
        for nick in sorted(world.present, key=str.casefold)
        if nick != world.nick and world.rooms.named(nick, Kind.DM) is None
    ]
    candidates += extra
    for name, (usage, text) in commands.items():
        line = partial(begin, f"/{name} ")
        candidates.append(Candidate(usage.replace("@", "/", 1), text, line))
    return Palette(candidates)


def people(world: World, room: Room, travel: Travel) -> Palette:
    """Who is in ``room``; to choose somebody is to talk to them."""
    candidates: list[Candidate] = []
    for person in world.people(room):
        is_user = person.nick == world.nick
        go = partial(travel.open_dm, person.nick)
        status = "you" if is_user else person.status or "not connected"
        detail = f"{status}, {person.standing}" if not is_user else status
        candidates.append(Candidate(f"@{person.nick}", detail, _stay if is_user else go))
    title = f"{room.title}: {len(candidates)} here"
    return Palette(candidates, title, "Enter talks privately · Esc closes")


def _stay() -> None:
    """Nobody talks to themselves."""


def _news(room: Room) -> str:
    return f"{room.unread} new" if room.unread else ""
