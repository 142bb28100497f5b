"""What authors say about the log, in the authenticated data of each message.

Which entry they processed last and what the log looked like to them, and how many of their own
messages the server had accepted. Readers compare: a server that shows two histories, or drops what
it has accepted, is found out by the next message that it lets through.
"""

from dataclasses import dataclass
from typing import Annotated

from geventim.wire.presentation import Bytes, Struct, Uint32, Uint64


@dataclass(frozen=True, slots=True)
class Testimony(Struct):
    """``running`` is the hash at ``seq``; zeros when the author does not know it (yet).

    ``accepted`` of the author's messages were accepted before, and ``ahead`` more were on their way
    when this one was sealed.
    """

    seq: Uint64
    running: Annotated[bytes, Bytes(32)]
    accepted: Uint64
    ahead: Uint32


UNKNOWN = bytes(32)


def count(seen: int | None, testimony: Testimony) -> tuple[int, int]:
    """How many messages of their author there are by now, and how many are missing.

    ``seen`` is the number before this one, None when this is the first that we read. What was on
    its way at the time may have been refused or seen, so it never counts as missing.
    """
    if seen is None:
        return testimony.accepted + testimony.ahead + 1, 0
    return max(seen, testimony.accepted) + 1, max(0, testimony.accepted - seen)
