"""What can be put in the place of the word that is being typed."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Final

import emoji

from geventim.chat.values import Kind
from geventim.terminal.screen.conversation.rooms import Room
from geventim.terminal.screen.scene import Choice, Choices
from geventim.terminal.screen.typed import fuzzy
from geventim.terminal.screen.typed.editor import Editor
from geventim.terminal.screen.world import World

Paths = Callable[[str], Sequence[str]]
"""Gives the paths that begin so; those of directories end with a slash."""

SHOWN: Final = 8
"""Choices that are shown at a time."""

_WORD: Final = re.compile(r"\S*$")
_EMOJI: Final = re.compile(r"(?:^|(?<=\s)):(\w{2,})$")


@dataclass(frozen=True, slots=True)
class Offer:
    """A choice, and the text that it puts in the place of the word."""

    choice: Choice
    text: str


@dataclass(frozen=True, slots=True)
class Known:
    """What there is to choose from, names without their signs; ``commands`` are usage and help."""

    people: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    commands: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    paths: Paths = lambda _: ()


@dataclass(slots=True)
class _Cycle:
    """Choices are put in the place of what stands between ``start`` and ``end``."""

    start: int
    offers: list[Offer]
    chosen: int
    text: str


class Completion:
    """Completes in ``editor`` from what is known."""

    def __init__(self, editor: Editor, known: Callable[[], Known]) -> None:
        self._editor = editor
        self._known = known
        self._cycle: _Cycle | None = None

    def step(self, steps: int) -> None:
        """Put the next choice there, or the one before it."""
        cycle = self._running()
        if cycle is None:
            start, offers = self._offers(explicit=True)
            if not offers:
                return
            cycle = self._cycle = _Cycle(start, offers, -1 if steps > 0 else 0, "")
        cycle.chosen = (cycle.chosen + steps) % len(cycle.offers)
        end = self._editor.cursor
        chosen = cycle.offers[cycle.chosen].text
        text = self._editor.text
        cursor = cycle.start + len(chosen)
        self._editor.set(text[: cycle.start] + chosen + text[end:].removeprefix(" "), cursor)
        cycle.text = self._editor.before

    def choices(self) -> Choices | None:
        """What is shown of them now; a word without a sign is completed only when asked to."""
        cycle = self._running()
        if cycle is not None:
            offers, chosen = cycle.offers, cycle.chosen
        else:
            _, offers = self._offers(explicit=False)
            chosen = -1
        if not offers or (len(offers) == 1 and chosen >= 0):
            return None
        first = max(0, min(chosen - SHOWN // 2, len(offers) - SHOWN))
        shown = tuple(offer.choice for offer in offers[first : first + SHOWN])
        return Choices(shown, chosen - first if chosen >= 0 else -1)

    def _running(self) -> _Cycle | None:
        """The choices one is going through, as long as nothing else was typed."""
        if self._cycle is not None and self._editor.before != self._cycle.text:
            self._cycle = None
        return self._cycle

    def _offers(self, *, explicit: bool) -> tuple[int, list[Offer]]:
        """Where the word begins, and what fits it."""
        before = self._editor.before
        found = _WORD.search(before)
        start = found.start() if found else len(before)
        word = before[start:]
        called = _EMOJI.search(before)
        if called:
            return start, _emoji(called[1])
        known = self._known()
        if "\n" not in before and before[:1] in {"/", "@"} and start == 0 and word:
            people = known.people if word[0] == "@" else ()
            return start, _calls(word, people, known)
        if word.startswith("#"):
            return start, _plain(word[1:], known.places, "#")
        if word.startswith("@"):
            return start, _plain(word[1:], known.people, "@")
        if "\n" not in before and before[:1] in {"/", "@"}:
            return start, _arguments(before, word, known)
        if explicit and word:
            return start, _plain(word, known.people, "")
        return start, []


def _calls(word: str, people: Sequence[str], known: Known) -> list[Offer]:
    sign, typed = word[0], word[1:]
    if typed in known.commands:
        return []
    offers = [
        Offer(Choice(sign + name, text), f"{sign}{name} ")
        for name, (_, text) in known.commands.items()
        if name.startswith(typed)
    ]
    return [*_plain(typed, people, sign), *offers]


def _plain(typed: str, names: Sequence[str], sign: str) -> list[Offer]:
    fitting = fuzzy.best(typed, [each for each in names if _begins(each, typed)], lambda each: each)
    return [
        Offer(Choice(sign + name), f"{sign}{name}" if name.endswith("/") else f"{sign}{name} ")
        for name in fitting
        if name != typed
    ]


def _begins(name: str, typed: str) -> bool:
    return name.casefold().startswith(typed.casefold())


def _arguments(before: str, word: str, known: Known) -> list[Offer]:
    """What the usage of a command says can stand there."""
    name, *words = before[1:].split(" ")
    usage, _ = known.commands.get(name, ("", ""))
    wanted = usage.split()[1:]
    index = len(words) - 1
    if not 0 <= index < len(wanted):
        return []
    if wanted[index].strip("[]") == "PATH":
        return _plain(word, known.paths(word), "")
    return _plain(word, list(_fitting(wanted[index], known)), "")


def _fitting(wanted: str, known: Known) -> Iterator[str]:
    for each in wanted.strip("[]…").split("|"):
        match each.strip("[]…").upper():
            case "NICK" | "NICK,…" | "NICKS":
                yield from known.people
            case "CONVERSATION" | "ROOM" | "GROUP":
                yield from known.places
            case "NAME":
                yield from (*known.places, *known.people)
            case "COMMAND":
                yield from known.commands
            case _ if each.islower():
                yield each


@lru_cache(1)
def _names() -> list[tuple[str, str]]:
    """The names of all emoji, with the emoji, short names first."""
    pairs = [
        (name.strip(":"), each)
        for each, facts in emoji.EMOJI_DATA.items()
        if facts["status"] == emoji.STATUS["fully_qualified"]
        for name in (facts["en"], *facts.get("alias", ()))
    ]
    return sorted(pairs, key=lambda pair: (len(pair[0]), pair[0]))


def _emoji(typed: str) -> list[Offer]:
    folded = typed.casefold()
    first = [pair for pair in _names() if pair[0].startswith(folded)]
    others = [pair for pair in _names() if folded in pair[0][1:] and pair not in first[:50]]
    offers: dict[str, Offer] = {}
    for name, each in [*first, *others]:
        offers.setdefault(each, Offer(Choice(f"{each} :{name}:"), f"{each} "))
        if len(offers) == 4 * SHOWN:
            break
    return list(offers.values())


class Completions:
    """Completes in every conversation from what ``world``, ``commands`` and ``paths`` have."""

    def __init__(self, world: World, commands: Mapping[str, tuple[str, str]], paths: Paths) -> None:
        self._world = world
        self._commands = commands
        self._paths = paths
        self._by_room: dict[str, Completion] = {}

    def of(self, room: Room) -> Completion:
        """The one of ``room``."""
        if room.id not in self._by_room:
            self._by_room[room.id] = Completion(room.editor, partial(self._known, room))
        return self._by_room[room.id]

    def _known(self, room: Room) -> Known:
        here = [person.nick for person in room.people or ()]
        nicks = dict.fromkeys([*here, *self._world.present])
        nicks.pop(self._world.nick, None)
        places = tuple(each.name for each in self._world.rooms if each.kind is not Kind.DM)
        return Known(tuple(nicks), places, self._commands, self._paths)
