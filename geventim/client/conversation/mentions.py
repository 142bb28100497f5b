"""Whether a text calls the user."""

import functools
import re

from geventim.client.history.reading import fold_text

SIGN = "@"


def mentions(text: str, nick: str, words: tuple[str, ...] = ()) -> bool:
    """Whether ``text`` has ``@nick``, or one of ``words``, neither as a part of another word."""
    # Most texts call nobody, and it takes less to see that.
    if not words and SIGN not in text:
        return False
    return _pattern(nick, words).search(fold_text(text)) is not None


@functools.lru_cache(16)
def _pattern(nick: str, words: tuple[str, ...]) -> re.Pattern[str]:
    # A dot or hyphen goes on with a name only if a letter follows.
    called = rf"(?<![\w.@-]){SIGN}{re.escape(fold_text(nick))}(?![\w]|[.-]\w)"
    named = [rf"(?<!\w){re.escape(fold_text(word))}(?!\w)" for word in words]
    return re.compile("|".join([called, *named]))
