"""Emoji as they are written, whichever of them there are.

Which emoji exist changes every year, and all members have to agree on what is one: so it is told by
how it is built (UTS #51, ED-17) from characters of blocks that are pictures, or are kept for them.
"""

import functools
import re
from collections.abc import Mapping
from typing import Final

from geventim.client.sealing.content import EMOJI_SIZE

_PICTURE: Final = (
    "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u2460-\u24ff\u25a0-\u27bf"
    "\u2900-\u297f\u2b00-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001f1e5\U0001f200-\U0001f3fa"
    "\U0001f400-\U0001fbff]"
)
_ELEMENT: Final = f"{_PICTURE}(?:\ufe0f|\ufe0e|[\U0001f3fb-\U0001f3ff])?"
_FLAG: Final = "[\U0001f1e6-\U0001f1ff]{2}"
_REGION: Final = "\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f"
_KEYCAP: Final = "[0-9#*]\ufe0f?\u20e3"
_EMOJI: Final = re.compile(
    f"{_REGION}|{_FLAG}|{_KEYCAP}|{_ELEMENT}(?:\u200d{_ELEMENT})*|[\U0001f3fb-\U0001f3ff]"
)
_SHORT: Final = re.compile(r":[^\s:]{1,64}:")


def is_emoji(text: str) -> bool:
    """Whether ``text`` is one emoji, of at most 32 bytes."""
    return _EMOJI.fullmatch(text) is not None and len(text.encode()) <= EMOJI_SIZE


def spell_out(text: str) -> str:
    """``text`` with ``:name:`` replaced where there is an emoji of that name."""
    return _SHORT.sub(lambda match: _names().get(match.group().lower(), match.group()), text)


def find_emoji(text: str) -> str | None:
    """The emoji that somebody means by ``text``: itself, or what is called that."""
    if is_emoji(text):
        return text
    found = _names().get(f":{text.strip(':').lower()}:", "")
    return found if is_emoji(found) else None


@functools.cache
def _names() -> Mapping[str, str]:
    """What emoji are called, with colons around it."""
    # It takes 10 MB, and most who run never ask.
    from emoji import EMOJI_DATA  # noqa: PLC0415 - see above

    ranked = sorted(EMOJI_DATA.items(), key=lambda each: each[1]["status"], reverse=True)
    return {
        name.lower(): sign
        for sign, facts in ranked
        for name in (facts["en"], *facts.get("alias", ()))
    }
