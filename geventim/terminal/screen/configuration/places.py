"""Where in a TOML text something stands, so that a fault can be said with its line."""

import re
from typing import Final

_TABLE: Final = re.compile(r"^\s*\[([^\[\]]*)\]\s*(?:#.*)?$")
_NAME: Final = r"""(?:"[^"]*"|'[^']*'|[\w-]+)"""
_KEY: Final = re.compile(rf"^\s*({_NAME}(?:\s*\.\s*{_NAME})*)\s*=")
_PART: Final = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|([^.\s]+))\s*(?:\.|$)""")

Path = tuple[str, ...]


def find_lines(text: str) -> dict[Path, int]:
    """The line, from 1, of every table and key of ``text``."""
    found: dict[Path, int] = {}
    table: Path = ()
    for number, line in enumerate(text.split("\n"), 1):
        heading, key = _TABLE.match(line), _KEY.match(line)
        if heading:
            table = _split(heading[1])
            found.setdefault(table, number)
        elif key:
            path = (*table, *_split(key[1]))
            for size in range(1, len(path) + 1):
                found.setdefault(path[:size], number)
    return found


def _split(text: str) -> Path:
    return tuple(next(filter(None, part), "") for part in _PART.findall(text) if any(part))
