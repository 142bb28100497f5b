"""What ``tmux capture-pane -e`` says into a small SVG picture of it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import escape
from typing import Final

import wcwidth

WIDE: Final = 8.4
"""Units of a column, in a font of 14 units."""

HIGH: Final = 17
EDGE: Final = 10

NBSP: Final = "\xa0"
"""A space that no viewer of pictures leaves out."""

SEQUENCES: Final = re.compile(r"\x1b\[([\d;:]*)m|\x1b\]8;[^\x07\x1b]*(?:\x1b\\|\x07)")

DARK: Final = (
    "#1d1f21 #cc6666 #8cb860 #d7ad5c #6c99c4 #b294bb #7cb8b0 #c5c8c6 "
    "#80858a #e06c75 #a5d075 #f0c674 #8ab4e0 #c9a6d6 #96d6cc #ffffff"
).split()
LIGHT: Final = (
    "#2a2c2e #b3261e #2e7d32 #9a6a00 #1f5fb0 #84358f #00707a #d8dadc "
    "#767b80 #c62828 #33691e #a86f00 #2962c4 #8e24aa #00838f #ffffff"
).split()


@dataclass(frozen=True)
class Look:
    """How characters look: colours by number or as ``#rrggbb``; None is that of the terminal."""

    front: str | int | None = None
    back: str | int | None = None
    bold: bool = False
    italic: bool = False
    underline: bool = False
    reverse: bool = False


def draw(captured: str, columns: int, *, light: bool = False) -> str:
    """The picture of ``captured`` rows."""
    palette = LIGHT if light else DARK
    paper, ink = ("#fbfbf8", "#2a2c2e") if light else ("#16181a", "#d5d8d6")
    rows = captured.rstrip("\n").split("\n")
    width, height = columns * WIDE + 2 * EDGE, len(rows) * HIGH + 2 * EDGE
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" '
        f'width="{width:.0f}" height="{height}" font-size="14" '
        'font-family="DejaVu Sans Mono,Menlo,Consolas,monospace">',
        f'<rect width="100%" height="100%" rx="6" fill="{paper}"/>',
    ]
    look = Look()
    for number, row in enumerate(rows):
        pieces, look = _pieces(row, look)
        parts += _draw_row(list(pieces), EDGE + number * HIGH, palette, paper, ink)
    return "\n".join([*parts, "</svg>", ""])


def _draw_row(
    pieces: list[tuple[int, str, Look]], top: float, palette: list[str], paper: str, ink: str
) -> Iterator[str]:
    for column, text, look in pieces:
        front, back = _colour(look.front, palette, ink), _colour(look.back, palette, paper)
        if look.reverse:
            front, back = back, front
        left, wide = EDGE + column * WIDE, max(wcwidth.wcswidth(text), 1) * WIDE
        if back != paper:
            yield (
                f'<rect x="{left:.1f}" y="{top}" width="{wide:.1f}" height="{HIGH}" fill="{back}"/>'
            )
        if not text.strip():
            continue
        style = f' fill="{front}"'
        style += ' font-weight="bold"' * look.bold + ' font-style="italic"' * look.italic
        style += ' text-decoration="underline"' * look.underline
        start = len(text) - len(text.lstrip(" "))
        words = text.strip(" ")
        content = escape(words).replace(" ", NBSP)
        wide = wcwidth.wcswidth(words) * WIDE
        yield (
            f'<text x="{left + start * WIDE:.1f}" y="{top + 13}" textLength="{wide:.1f}"'
            f"{style}>{content}</text>"
        )


def _pieces(row: str, look: Look) -> tuple[list[tuple[int, str, Look]], Look]:
    """Parts of ``row`` that look the same, by their columns; and how it goes on."""
    found: list[tuple[int, str, Look]] = []
    column = end = 0
    for match in [*SEQUENCES.finditer(row), None]:
        text = row[end : match.start() if match else len(row)]
        if text:
            found.append((column, text, look))
            column += max(wcwidth.wcswidth(text), 0)
        if match:
            end = match.end()
            look = look if match[1] is None else _obey(match[1], look)
    return found, look


def _obey(sequence: str, look: Look) -> Look:
    """``look`` after a sequence for styles (ECMA-48 §8.3.117)."""
    numbers = iter([int(part or 0) for part in re.split("[;:]", sequence)])
    for number in numbers:
        match number:
            case 0:
                look = Look()
            case 1:
                look = replace(look, bold=True)
            case 3:
                look = replace(look, italic=True)
            case 4:
                look = replace(look, underline=True)
            case 7:
                look = replace(look, reverse=True)
            case 38 | 48:
                colour = _extended(numbers)
                look = replace(look, **{"front" if number == 38 else "back": colour})
            case 39:
                look = replace(look, front=None)
            case 49:
                look = replace(look, back=None)
            case _ if 30 <= number <= 37 or 90 <= number <= 97:
                look = replace(look, front=number - 30 if number < 90 else number - 82)
            case _ if 40 <= number <= 47 or 100 <= number <= 107:
                look = replace(look, back=number - 40 if number < 100 else number - 92)
    return look


def _extended(numbers: Iterator[int]) -> str | int:
    if next(numbers, 5) == 2:
        return "#" + "".join(f"{next(numbers, 0):02x}" for _ in range(3))
    return next(numbers, 0)


def _colour(colour: str | int | None, palette: list[str], default: str) -> str:
    if colour is None or isinstance(colour, str):
        return colour or default
    if colour < 16:
        return palette[colour]
    if colour < 232:
        steps = (0, 95, 135, 175, 215, 255)
        place = colour - 16
        levels = [steps[place // 36], steps[place // 6 % 6], steps[place % 6]]
        return "#" + "".join(f"{level:02x}" for level in levels)
    return "#" + f"{8 + 10 * (colour - 232):02x}" * 3
