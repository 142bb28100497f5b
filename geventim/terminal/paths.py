"""Paths as they are typed."""

import os
from contextlib import suppress
from typing import Final

from msgspec.structs import replace

from geventim.client.wishes import FetchFile, Say, Wish

LISTED: Final = 500
"""Paths that are listed at most."""


def absolute(path: str) -> str:
    """What ``path`` means here: whoever uses it may be elsewhere.

    A name that is not UTF-8 cannot be wished for; what is left of it is not found.
    """
    whole = os.path.abspath(os.path.expanduser(path))
    return whole.encode(errors="replace").decode()


def with_whole_paths(wish: Wish) -> Wish:
    """The same with paths as they are meant here: who grants it may be elsewhere."""
    match wish:
        case Say(files=files) if files:
            return replace(wish, files=tuple(map(absolute, files)))
        case FetchFile(path=path) if path:
            return replace(wish, path=absolute(path))
    return wish


def beginning(text: str) -> tuple[str, ...]:
    """Paths that begin with ``text``, those of directories with a slash at their end.

    What is hidden is left out, unless it is asked for. Where nothing can be listed there is none.
    """
    name = text.rpartition("/")[2]
    lead = text[: len(text) - len(name)]
    place = os.path.expanduser(lead) or "."
    found: list[str] = []
    with suppress(OSError, ValueError), os.scandir(place) as entries:
        for entry in entries:
            fits = entry.name.startswith(name) and entry.name.isprintable()
            if fits and (name.startswith(".") or not entry.name.startswith(".")):
                found.append(f"{lead}{entry.name}{'/' if entry.is_dir() else ''}")
            if len(found) == LISTED:
                break
    return tuple(sorted(found))
