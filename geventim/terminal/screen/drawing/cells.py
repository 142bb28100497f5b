"""Styled text, and how many columns it takes.

Text from others is made safe here, by :func:`shown` and :func:`segment`, before it is measured;
after that one character cluster takes what :func:`width` says, on whatever terminal.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum, auto
from functools import lru_cache
from typing import Final

import wcwidth

from geventim.app.files.raster import Raster
from geventim.terminal.sanitizer import sanitize

TAB: Final = 4
"""Columns between two stops of a tab."""

CUT: Final = "…"
"""At the end of what there is no room for."""


END: Final = 8
"""Columns of the end of a name that are seen at least."""


class Style(StrEnum):
    """What a text is; a theme says how that looks."""

    PLAIN = auto()
    FAINT = auto()
    STRONG = auto()
    EMPHASIS = auto()
    OWN = auto()
    AUTHOR = auto()
    AUTHOR_2 = auto()
    AUTHOR_3 = auto()
    AUTHOR_4 = auto()
    AUTHOR_5 = auto()
    AUTHOR_6 = auto()
    MENTION = auto()
    LINK = auto()
    QUOTE = auto()
    CODE = auto()
    CODE_BLOCK = auto()
    NOTICE = auto()
    PROBLEM = auto()
    SELECTED = auto()
    DAY = auto()
    NEW = auto()
    BAR = auto()
    BAR_STRONG = auto()
    BAR_CALL = auto()
    BAR_PROBLEM = auto()
    HERE = auto()
    UNREAD = auto()
    CALL = auto()
    EDGE = auto()
    PROMPT = auto()
    PROMPT_PRIVATE = auto()
    BOX = auto()
    BOX_STRONG = auto()
    BOX_CHOSEN = auto()
    FIGURE = auto()


@dataclass(frozen=True, slots=True)
class Colours:
    """How a cell of a picture looks: 0xRRGGBB for the text, and for what is behind it."""

    text: int
    behind: int


@dataclass(frozen=True, slots=True)
class Plate:
    """A cell of a picture that the terminal itself draws, in cells of that ``size``."""

    raster: Raster
    size: tuple[int, int]
    column: int
    row: int


Finish = Style | Colours | Plate


@dataclass(frozen=True, slots=True)
class Segment:
    """A text that is safe to show; ``link`` is where it leads."""

    text: str
    style: Finish = Style.PLAIN
    link: str = ""


Row = tuple[Segment, ...]


def shown(text: str) -> str:
    """``text``, of one line, safe to show."""
    safe = sanitize(text.expandtabs(TAB) if "\t" in text else text)
    if safe.isascii():
        return safe
    parts = wcwidth.iter_graphemes(safe)
    return "".join(each if _measure(each) else _stand(each) for each in parts)


def _stand(cluster: str) -> str:
    """What shows a ``cluster`` that has no width: a mark stands on a space, all else is named.

    Else it would stand on whatever is before it, or leave its cell as that was.
    """
    on_space = f" {cluster}"
    if len(list(wcwidth.iter_graphemes(on_space))) == 1:
        return on_space
    return "".join(f"<U+{ord(char):04X}>" for char in cluster)


def segment(text: str, style: Finish = Style.PLAIN, link: str = "") -> Segment:
    """``text``, of one line, as a segment."""
    return Segment(shown(text), style, link)


@lru_cache(8_192)
def _measure(cluster: str) -> int:
    return min(2, wcwidth.width(cluster))


def _columns(cluster: str) -> int:
    # What has no width of its own stands somewhere all the same.
    return max(1, _measure(cluster))


def clusters(text: str) -> Iterator[tuple[str, int]]:
    """The clusters of a safe ``text``, and the columns of each."""
    if text.isascii():
        for char in text:
            yield char, 1
        return
    for cluster in wcwidth.iter_graphemes(text):
        yield cluster, _columns(cluster)


def width(text: str) -> int:
    """The columns of a safe ``text``."""
    return len(text) if text.isascii() else sum(columns for _, columns in clusters(text))


def clip(text: str, columns: int) -> str:
    """As much of a safe ``text`` as fits, with a sign where something is missing."""
    if columns <= 0:
        return ""
    if width(text) <= columns:
        return text
    kept, used = [], 0
    for cluster, wide in clusters(text):
        if used + wide > columns - 1:
            break
        kept.append(cluster)
        used += wide
    return "".join(kept) + CUT


def clip_middle(text: str, columns: int) -> str:
    """The same, with what is missing in the middle: of a name the end matters as well."""
    if width(text) <= columns or columns <= 2 * END:
        return clip(text, columns)
    end, used = "", 0
    for cluster, wide in reversed(list(clusters(text))):
        if used + wide > END:
            break
        end, used = cluster + end, used + wide
    return clip(text, columns - used) + end


def row_width(row: Row) -> int:
    """The columns of ``row``."""
    return sum(width(each.text) for each in row)


def fit(row: Row, columns: int, style: Finish = Style.PLAIN) -> Row:
    """``row`` in exactly so many columns; what is missing is blank, in ``style``."""
    kept, left = [], columns
    for each in row:
        wide = width(each.text)
        if wide > left:
            text = clip(each.text, left)
            if text:
                kept.append(Segment(text, each.style, each.link))
            left -= width(text)
            break
        kept.append(each)
        left -= wide
    if left > 0:
        kept.append(Segment(" " * left, style))
    return tuple(kept)


def cut(row: Row, start: int, end: int) -> Row:
    """The columns of ``row`` from ``start`` up to ``end``; half of a wide character is blank."""
    kept: list[Segment] = []
    place = 0
    for each in row:
        text = ""
        for cluster, wide in clusters(each.text):
            if place >= start and place + wide <= end:
                text += cluster
            elif place < end and place + wide > start:
                text += " " * (min(place + wide, end) - max(place, start))
            place += wide
        if text:
            kept.append(Segment(text, each.style, each.link))
    return tuple(kept)


def splice(row: Row, start: int, over: Row, columns: int) -> Row:
    """``row`` of so many columns, with ``over`` on it from the column ``start``."""
    end = start + row_width(over)
    return (*cut(row, 0, start), *over, *cut(row, end, columns))
