"""What opens over the screen, and what can be chosen there."""

from collections.abc import Callable, Sequence
from functools import partial

from geventim.chat.values import Kind
from geventim.terminal.screen.conversation.items import Said
from geventim.terminal.screen.conversation.rooms import Room
from geventim.terminal.screen.layers import Candidate, Card, Finder, Help, Palette
from geventim.terminal.screen.search import Search
from geventim.terminal.screen.travel import Travel
from geventim.terminal.screen.world import World

Commands = dict[str, tuple[str, str]]
"""The usage and the help of commands, by name."""


def help_page(commands: Commands) -> Help:
    """The keys and the commands."""
    return Help([(usage.replace("@", "/", 1), text) for usage, text in commands.values()])


def link(url: str) -> Card:
    """A link for a browser."""
    return Card("Open this in a browser, once, within half a minute", url)


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


def finder(search: Search, show: Callable[[Said], None]) -> Finder:
    """A search, and what shows a message where it was said."""

    def find(typed: str) -> Sequence[tuple[str, str, str]]:
        return [(x.key, x.author, x.text.replace("\n", " ")) for x in search.found(typed)]

    def choose(key: str) -> None:
        show(search.get(key))

    return Finder(search.room.title, find, choose)


def _news(room: Room) -> str:
    return f"{room.unread} new" if room.unread else ""
