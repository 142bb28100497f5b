"""Paths as they are typed."""

import os


def absolute(path: str) -> str:
    """What ``path`` means here: whoever uses it may be elsewhere.

    A name that is not UTF-8 cannot be wished for; what is left of it is not found.
    """
    whole = os.path.abspath(os.path.expanduser(path))
    return whole.encode(errors="replace").decode()
