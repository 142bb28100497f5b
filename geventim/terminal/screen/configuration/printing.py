"""A configuration as the file that says the same, with what else it could say."""

import json
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence

from geventim.terminal.screen.attention import Level, Preview
from geventim.terminal.screen.configuration.configuration import (
    AUTO,
    DESKTOP,
    KITTY,
    SECTIONS,
    Configuration,
)
from geventim.terminal.screen.configuration.profiles import PROFILES
from geventim.terminal.screen.drawing.cells import Style
from geventim.terminal.screen.drawing.themes import Theme
from geventim.terminal.screen.keys import Action, spell


def lines_of(found: Configuration) -> Iterator[str]:
    """The lines of the file."""
    attention = found.attention
    yield from _setting("theme", found.theme, (AUTO, *Theme))
    yield f'pictures = {json.dumps(found.pictures)}  # small ones: true, false, "{KITTY}"'
    yield f"aloud = {json.dumps(found.aloud)}  # for screen readers: lines are only added"
    yield ""
    yield '# How something looks, such as own = "bold bright-white on 236"; there is'
    yield from textwrap.wrap(
        f"{', '.join(Style)}.", 98, initial_indent="# ", subsequent_indent="# "
    )
    yield "[styles]"
    yield from _table(found.styles)
    yield ""
    yield "[notices]"
    yield from _setting("level", attention.level, Level)
    yield from _setting("preview", attention.preview, Preview)
    yield f"bell = {json.dumps(found.bell)}"
    yield from _setting("desktop", found.desktop, DESKTOP)
    words = "# words = []" if attention.words is None else f"words = {_list(attention.words)}"
    yield f"{words}  # what calls you as your name does"
    yield ""
    yield '# The level of a conversation, such as "#lobby" = "none" or "@bo" = "all".'
    yield "[notices.conversations]"
    yield from _table(attention.levels)
    yield ""
    yield "[keys]"
    yield from _setting("profile", found.profile, PROFILES)
    for section, where in SECTIONS.items():
        yield ""
        yield f"[keys.{section}]"
        for each in found.keymap.bindings:
            if each.where is where and each.action is not Action.GO:
                yield f"{each.action} = {_list(list(map(spell, each.keys)))}  # {each.help}"


def _setting(name: str, value: str, known: Iterable[str]) -> Iterator[str]:
    yield f"{name} = {json.dumps(str(value))}  # {', '.join(known)}"


def _table(given: Mapping[str, str] | Mapping[Style, str]) -> Iterator[str]:
    for name, value in given.items():
        yield f"{json.dumps(str(name), ensure_ascii=False)} = {json.dumps(str(value))}"


def _list(given: Sequence[str]) -> str:
    return json.dumps(list(given), ensure_ascii=False)
