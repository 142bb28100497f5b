"""What authors say about the log, in the authenticated data of each message.

Which entry they processed last and what the log looked like to them, and how many of their own
messages the server had accepted. Readers compare: a server that shows two histories, or drops what
it has accepted, is found out by the next message that it lets through.
"""

from dataclasses import dataclass
from typing import Annotated

from geventim.chat.values import LARGEST_COUNT
from geventim.wire.presentation import Bytes, Limited, Struct, Uint32

Counted = Annotated[int, Limited(8, LARGEST_COUNT)]
"""8 bytes for a number of entries or messages: no more than a server can count."""


@dataclass(frozen=True, slots=True)
class Testimony(Struct):
    """``running`` is the hash at ``seq``; zeros when the author does not know it (yet).

    ``accepted`` of the author's messages were accepted before, and ``ahead`` more were on their way
    when this one was sealed.
    """

    seq: Counted
    running: Annotated[bytes, Bytes(32)]
    accepted: Counted
    ahead: Uint32


UNKNOWN = bytes(32)


def count(seen: int | None, testimony: Testimony) -> tuple[int, int]:
    """How many messages of their author there are by now, and how many are missing.

    ``seen`` is the number before this one, None when this is the first that we read. What was on
    its way at the time may have been refused or seen, so it never counts as missing.
    """
    if seen is None:
        return one_more(testimony.accepted + testimony.ahead), 0
    return one_more(max(seen, testimony.accepted)), max(0, testimony.accepted - seen)


def one_more(seen: int) -> int:
    """The number after ``seen``; it stays where nobody can count any further."""
    return min(seen + 1, LARGEST_COUNT)
