"""The settings of ``client.toml``, and how they are read."""

import difflib
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, NoReturn

from geventim.terminal.screen.attention import Attention, Level, Preview
from geventim.terminal.screen.configuration.key_names import parse_key
from geventim.terminal.screen.configuration.looks import parse_look
from geventim.terminal.screen.configuration.places import Path, find_lines
from geventim.terminal.screen.configuration.profiles import PROFILES, keymap_of
from geventim.terminal.screen.drawing.cells import Style
from geventim.terminal.screen.drawing.themes import Theme
from geventim.terminal.screen.keys import DEFAULT, Action, Keymap, Where, spell

AUTO: Final = "auto"

KITTY: Final = "kitty"
"""Pictures are drawn by the terminal itself, in the way of that one."""

DESKTOP: Final = (AUTO, "none", "osc9", "osc777", "osc99")
"""How the terminal is asked to show a notice."""

SECTIONS: Final = {
    "anywhere": Where.EVERYWHERE,
    "typing": Where.INPUT,
    "message": Where.SELECTED,
    "search": Where.SEARCH,
}
"""Tables of keys, by when these mean something."""

WORDS: Final = 64
"""Words that call the user at most, and characters of each."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in the line with that number, as a sentence; 0 if it is not known where."""

    line: int
    sentence: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.sentence}" if self.line else self.sentence


@dataclass(frozen=True, slots=True)
class Configuration:
    """How the user wants it; ``styles`` are looks in words."""

    theme: str = AUTO
    styles: Mapping[Style, str] = field(default_factory=dict)
    profile: str = "default"
    keymap: Keymap = DEFAULT
    attention: Attention = field(default_factory=Attention)
    pictures: bool | str = True
    aloud: bool = False
    bell: bool = True
    desktop: str = AUTO


class _WrongError(Exception):
    """What a value is not, as the end of a sentence."""


def read(text: str) -> tuple[Configuration, tuple[Fault, ...]]:
    """What ``text`` says, and what is wrong with it; what is wrong is as if it were not there."""
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"\(at line (\d+), column \d+\)", str(error))
        last = len(text.split("\n"))
        said = re.sub(r" \(at .*\)$", "", str(error))
        sentence = f"this is not TOML: {said[:1].lower()}{said[1:]}."
        return Configuration(), (Fault(int(place[1]) if place else last, sentence),)
    reader = _Reader(find_lines(text))
    return reader.read(given), tuple(sorted(reader.faults, key=lambda fault: fault.line))


class _Reader:
    """Reads one file whose keys are in ``lines``."""

    def __init__(self, lines: dict[Path, int]) -> None:
        self._lines = lines
        self.faults: list[Fault] = []

    def read(self, given: dict[str, Any]) -> Configuration:
        """All of it."""
        self._check_names((), given, ("theme", "pictures", "aloud", "styles", "keys", "notices"))
        found = Configuration()
        theme = self._take(given, ("theme",), _one_of((AUTO, *Theme)), found.theme)
        notices = self._table(given, ("notices",))
        self._check_names(
            ("notices",),
            notices,
            ("level", "preview", "bell", "desktop", "words", "conversations"),
        )
        levels = {
            name.casefold(): Level(level)
            for name in self._table(notices, ("notices", "conversations"))
            if (level := self._take(
                notices["conversations"], ("notices", "conversations", name), _one_of(Level), ""
            ))
        }  # fmt: skip
        attention = Attention(
            Preview(self._take(notices, ("notices", "preview"), _one_of(Preview), Preview.FULL)),
            level=Level(self._take(notices, ("notices", "level"), _one_of(Level), Level.MENTIONS)),
            levels=levels,
            words=self._take(notices, ("notices", "words"), _words, None),
        )
        profile, keymap = self._keys(self._table(given, ("keys",)))
        return replace(
            found,
            theme=theme,
            pictures=self._take(given, ("pictures",), _pictures, found.pictures),
            aloud=self._take(given, ("aloud",), _flag, found.aloud),
            styles=self._styles(self._table(given, ("styles",))),
            profile=profile,
            keymap=keymap,
            attention=attention,
            bell=self._take(notices, ("notices", "bell"), _flag, found.bell),
            desktop=self._take(notices, ("notices", "desktop"), _one_of(DESKTOP), found.desktop),
        )

    def _styles(self, given: dict[str, Any]) -> dict[Style, str]:
        self._check_names(("styles",), given, tuple(Style))
        taken = {
            Style(name): self._take(given, ("styles", name), _look, None)
            for name in given
            if name in tuple(Style)
        }
        return {style: look for style, look in taken.items() if look is not None}

    def _keys(self, given: dict[str, Any]) -> tuple[str, Keymap]:
        self._check_names(("keys",), given, ("profile", *SECTIONS))
        profile = self._take(given, ("keys", "profile"), _one_of(PROFILES), "default")
        keymap = keymap_of(profile)
        for section, where in SECTIONS.items():
            path = ("keys", section)
            table = self._table(given, path)
            here = {each.action: each for each in keymap.bindings if each.where is where}
            # Its keys say where to go by their last digit.
            here.pop(Action.GO, None)
            self._check_names(path, table, tuple(here))
            for name in table:
                if name not in here:
                    continue
                keys = self._take(table, (*path, name), _keys_for(where), None)
                if keys is None:
                    continue
                changed = keymap.with_binding(replace(here[Action(name)], keys=keys))
                other = _meant_twice(changed, where, keys)
                if other:
                    self._fault((*path, name), f"{spell(other)} means something else there.")
                else:
                    keymap = changed
        return profile, keymap

    def _take(
        self, given: Mapping[str, Any], path: Path, check: Callable[[Any], Any], default: Any
    ) -> Any:
        """What is given there, if it is what it has to be; else ``default``."""
        if path[-1] not in given:
            return default
        try:
            return check(given[path[-1]])
        except _WrongError as error:
            self._fault(path, f"{path[-1]} {error}")
            return default

    def _table(self, given: Mapping[str, Any], path: Path) -> dict[str, Any]:
        found = given.get(path[-1], {})
        if isinstance(found, dict):
            return found
        self._fault(path, f"{path[-1]} is a table: it begins with [{'.'.join(path)}].")
        return {}

    def _check_names(self, path: Path, given: Mapping[str, Any], known: tuple[str, ...]) -> None:
        for name in given:
            if name in known:
                continue
            near = difflib.get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]}?" if near else f"there is {', '.join(known)}."
            where = f" in [{'.'.join(path)}]" if path else ""
            self._fault((*path, name), f"there is no setting {name}{where}; {hint}")

    def _fault(self, path: Path, sentence: str) -> None:
        while path and path not in self._lines:
            path = path[:-1]
        self.faults.append(Fault(self._lines.get(path, 0), sentence))


def _one_of(known: Iterable[str]) -> Callable[[Any], str]:
    names = tuple(map(str, known))

    def check(value: Any) -> str:
        if not isinstance(value, str) or value not in names:
            _wrong(f"is one of {', '.join(names)}; {value!r} is none of them.")
        return value

    return check


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        _wrong(f"is true or false, and not {value!r}.")
    return value


def _pictures(value: Any) -> bool | str:
    if value != KITTY and not isinstance(value, bool):
        _wrong(f'is true, false or "{KITTY}", and not {value!r}.')
    return KITTY if value == KITTY else bool(value)


def _words(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        _wrong('is a list of words, such as ["release", "lunch"].')
    if len(value) > WORDS or not all(0 < len(word) <= WORDS for word in value):
        _wrong(f"has at most {WORDS} words, each of 1 to {WORDS} characters.")
    return tuple(value)


def _look(value: Any) -> str:
    if not isinstance(value, str):
        _wrong('is words for a look, such as "bold red on 236".')
    try:
        parse_look(value)
    except ValueError as error:
        _wrong(
            f"has {str(error)!r}, which is no colour: that is a name such as red or bright-red, "
            "a number below 256, or #rrggbb; before it may stand bold, dim, italic, underline "
            "or reverse, and on."
        )
    return value


def _keys_for(where: Where) -> Callable[[Any], tuple[str, ...]]:
    def check(value: Any) -> tuple[str, ...]:
        given = [value] if isinstance(value, str) else value
        if not isinstance(given, list) or not all(isinstance(key, str) for key in given):
            _wrong('is a key, such as "Ctrl-P", or a list of keys.')
        keys = []
        for text in given:
            key = parse_key(text)
            if key is None:
                _wrong(f"has {text!r}, which is no key; one is written as Ctrl-P, Alt-a or F2.")
            if len(key) == 1 and where is not Where.SELECTED:
                _wrong(f"cannot have {text!r}: you could not type that any more.")
            keys.append(key)
        return tuple(keys)

    return check


def _meant_twice(keymap: Keymap, where: Where, keys: tuple[str, ...]) -> str:
    """One of ``keys`` that has another meaning there as well, or nothing."""
    bound = [key for each in keymap.bindings if each.where is where for key in each.keys]
    return next((key for key in keys if bound.count(key) > 1), "")


def _wrong(what: str) -> NoReturn:
    raise _WrongError(what)
