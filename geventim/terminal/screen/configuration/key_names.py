"""Keys as people write them, into the names that the screen has for them."""

import string
from itertools import product
from typing import Final

from geventim.terminal.screen.keys import spell

NAMED: Final = (
    "up", "down", "left", "right", "home", "end", "insert", "delete", "page up", "page down",
    "tab", "enter", "esc", "backspace", *(f"f{number}" for number in range(1, 13)),
)  # fmt: skip

_SINGLE: Final = (
    *(f"{lead}{name}" for lead, name in product(("", "shift ", "ctrl ", "meta "), NAMED)),
    *(f"ctrl {char}" for char in f"{string.ascii_lowercase}_"),
    *(f"meta {char}" for char in string.printable if char.isprintable() and char != " "),
    *(char for char in string.printable if char.isprintable() and char != " "),
)

CHORD: Final = "ctrl x"
"""The key that begins a chord."""

KEYS: Final = {
    **{spell(key): key for key in _SINGLE},
    **{f"{spell(CHORD)} {spell(key)}": f"{CHORD} {key}" for key in _SINGLE if key[:5] == "ctrl "},
}
"""Every key that can be bound, as people write it."""

_FOLDED: Final = {name.casefold(): key for name, key in KEYS.items() if name[-2:-1] != "-"}


def parse_key(text: str) -> str | None:
    """The name of the key that people write like that; None if there is none."""
    text = text.strip()
    if text in KEYS.values():
        return text
    return KEYS.get(text) or _FOLDED.get(text.casefold()) or KEYS.get(_tidy(text))


def _tidy(text: str) -> str:
    """``ctrl-p`` as ``Ctrl-P``; letters after Alt stay as they are."""
    words = []
    for word in text.split():
        lead, dash, letter = word.rpartition("-")
        lead = "-".join(part.capitalize() for part in lead.split("-"))
        words.append(f"{lead}{dash}{letter.upper() if lead == 'Ctrl' else letter}")
    return " ".join(words)
