"""Paths as they are typed."""

import os

from msgspec.structs import replace

from geventim.client.wishes import FetchFile, Say, Wish


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
