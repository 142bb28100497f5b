"""How styles look: the parameters of the escape sequence that sets them (ECMA-48 §8.3.117)."""

import re
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from geventim.terminal.screen.drawing.cells import Colours, Style

FEW: Final = 16
MANY: Final = 256
EXACT: Final = 1 << 24
"""Colours that a terminal may have."""

_EXACT: Final = re.compile(r"([34]8);2;(\d+);(\d+);(\d+)")


class Theme(StrEnum):
    """Colours for a dark or a light background, or none at all."""

    DARK = "dark"
    LIGHT = "light"
    MONO = "mono"


_MONO: Final[dict[Style, str]] = {
    Style.FAINT: "",
    Style.STRONG: "1",
    Style.EMPHASIS: "3",
    Style.OWN: "1",
    Style.MENTION: "1",
    Style.LINK: "4",
    Style.CODE: "2",
    Style.CODE_BLOCK: "2",
    Style.PROBLEM: "1",
    Style.SELECTED: "7",
    Style.NEW: "1",
    Style.BAR: "7",
    Style.BAR_STRONG: "1;7",
    Style.BAR_CALL: "1;7",
    Style.BAR_PROBLEM: "1;7",
    Style.HERE: "7",
    Style.UNREAD: "1",
    Style.CALL: "1;7",
    Style.PROMPT: "1",
    Style.PROMPT_PRIVATE: "1;4",
    Style.BOX_STRONG: "1",
    Style.BOX_CHOSEN: "7",
}

_DARK: Final[dict[Style, str]] = {
    Style.FAINT: "90",
    Style.STRONG: "1",
    Style.EMPHASIS: "3",
    Style.OWN: "1;37",
    Style.AUTHOR: "36",
    Style.AUTHOR_2: "32",
    Style.AUTHOR_3: "33",
    Style.AUTHOR_4: "94",
    Style.AUTHOR_5: "35",
    Style.AUTHOR_6: "96",
    Style.MENTION: "1;33",
    Style.LINK: "4;94",
    Style.QUOTE: "32",
    Style.CODE: "38;5;180;48;5;236",
    Style.CODE_BLOCK: "38;5;252;48;5;235",
    Style.NOTICE: "36",
    Style.PROBLEM: "31",
    Style.SELECTED: "7",
    Style.DAY: "90",
    Style.NEW: "1;31",
    Style.BAR: "37;44",
    Style.BAR_STRONG: "1;97;44",
    Style.BAR_CALL: "1;97;41",
    Style.BAR_PROBLEM: "1;30;43",
    Style.HERE: "1;97;44",
    Style.UNREAD: "1",
    Style.CALL: "1;97;41",
    Style.EDGE: "90",
    Style.PROMPT: "1;32",
    Style.PROMPT_PRIVATE: "1;35",
    Style.BOX: "97;48;5;236",
    Style.BOX_STRONG: "1;93;48;5;236",
    Style.BOX_CHOSEN: "1;97;44",
    Style.FIGURE: "97;40",
}

_LIGHT: Final[dict[Style, str]] = {
    **_DARK,
    Style.OWN: "1;30",
    Style.AUTHOR_2: "32",
    Style.AUTHOR_3: "31",
    Style.AUTHOR_4: "34",
    Style.AUTHOR_6: "36",
    Style.MENTION: "1;31",
    Style.LINK: "4;34",
    Style.CODE: "38;5;88;48;5;254",
    Style.CODE_BLOCK: "38;5;236;48;5;254",
    Style.BAR: "30;47",
    Style.BAR_STRONG: "1;30;47",
    Style.HERE: "1;37;44",
    Style.BOX: "30;48;5;254",
    Style.BOX_STRONG: "1;34;48;5;254",
}

_FEW: Final[dict[Style, str]] = {
    Style.BOX: "37;40",
    Style.BOX_STRONG: "1;33;40",
    Style.CODE: "33",
    Style.CODE_BLOCK: "33",
}
"""The same where there are only 16 colours."""

_TABLES: Final = {Theme.DARK: _DARK, Theme.LIGHT: _LIGHT, Theme.MONO: _MONO}


def table(
    theme: Theme, colours: int = 256, own: Mapping[Style, str] = MappingProxyType({})
) -> dict[Style, str]:
    """The parameters of every style where there are so many colours; first the user's ``own``."""
    few = _FEW if colours < 256 and theme is not Theme.MONO else {}
    found = {**_TABLES[theme], **few, **own}
    return {style: _reduce(found.get(style, ""), colours) for style in Style}


def paint(look: Colours, colours: int) -> str:
    """The parameters of the colours of a cell where there are so many; none if there are few."""
    parts = [(38, look.text), (48, look.behind)]
    exact = ";".join(f"{code};2;{rgb >> 16};{rgb >> 8 & 255};{rgb & 255}" for code, rgb in parts)
    return _reduce(exact, colours)


def _reduce(look: str, colours: int) -> str:
    """``look`` with the colours that there are."""
    if colours < MANY:
        return re.sub(r"(^|;)[34]8;(?:2;\d+;\d+;\d+|5;\d+)", "", look).removeprefix(";")
    return look if colours > MANY else _EXACT.sub(_nearest, look)


def _nearest(exact: re.Match[str]) -> str:
    """The nearest colour of the cube of 6 by 6 by 6, or grey."""
    levels = [int(exact[place]) for place in (2, 3, 4)]
    if max(levels) - min(levels) < 8:
        return f"{exact[1]};5;{232 + min(23, max(0, round((levels[0] - 8) / 10)))}"
    red, green, blue = (min(5, max(0, round((level - 55) / 40))) for level in levels)
    return f"{exact[1]};5;{16 + 36 * red + 6 * green + blue}"
