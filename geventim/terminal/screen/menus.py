"""What opens over the screen, and what can be chosen there."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from geventim.chat.values import Kind
from geventim.terminal.screen.conversation.rooms import Room
from geventim.terminal.screen.layers import Candidate, Finder, Help, Palette
from geventim.terminal.screen.travel import Travel
from geventim.terminal.screen.world import World

FOUND: Final = 100
"""What a search shows at most."""

Commands = dict[str, tuple[str, str]]
"""The usage and the help of commands, by name."""


def help_page(commands: Commands) -> Help:
    """The keys and the commands."""
    return Help([(usage.replace("@", "/", 1), text) for usage, text in commands.values()])


def palette(
    world: World, travel: Travel, commands: Commands, begin: Callable[[str], None]
) -> Palette:
    """Conversations, people and commands; ``begin`` puts the beginning of a line into the input."""
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
    for name, (usage, text) in commands.items():
        line = partial(begin, f"/{name} ")
        candidates.append(Candidate(usage.replace("@", "/", 1), text, line))
    return Palette(candidates)


def finder(room: Room, travel: Travel) -> Finder:
    """A search in what is held of ``room``."""
    return Finder(room.title, partial(_find, room), travel.selection.select)


def _news(room: Room) -> str:
    return f"{room.unread} new" if room.unread else ""


def _find(room: Room, typed: str) -> Sequence[tuple[str, str, str]]:
    words = typed.casefold().split()
    found = [
        (each.key, each.author, each.text.replace("\n", " "))
        for each in reversed(room.timeline.messages)
        if all(word in f"{each.author} {each.text}".casefold() for word in words)
    ]
    return found[:FOUND]
