"""How much of everything a service does or remembers."""

from dataclasses import dataclass
from typing import Final

from geventim.chat import limits


@dataclass(frozen=True, slots=True)
class Bounds:
    """The bounds of one service; what clients can see of them is what :mod:`.limits` says.

    :ivar rooms_listed: Rooms that are listed at a time.
    :ivar listed: Conversations in a page of those of an account.
    :ivar members: People whom one commit can declare as added or removed, together.
    :ivar asks: Members whose asking is told at a time.
    :ivar line: Sessions that may wait for their turn in one conversation.
    :ivar page_entries: Entries in a page of what was said of late.
    :ivar page_size: Bytes of it; a page holds at least one entry.
    :ivar recent_size: Bytes that may be kept of what was said of late, in all conversations.
    :ivar people: Accounts kept in memory; a nick never changes its owner, nor an owner the keys.
    :ivar stored: Accounts of which it is in mind what they have stored.
    :ivar given: Conversations and accounts of which it is in mind who has given them a state.
    :ivar gather_each: Seconds in which changes of presence are gathered for each of those who hear
        of them: when many come, each is told less often of others.
    :ivar gather_most: The most of these seconds.
    """

    rooms_listed: int = limits.ROOMS_LISTED
    listed: int = limits.LISTED
    members: int = limits.MEMBERS
    asks: int = limits.ASKS
    line: int = limits.LINE
    page_entries: int = limits.PAGE_ENTRIES
    page_size: int = limits.PAGE_SIZE
    recent_size: int = 4 * 1024 * 1024
    people: int = 65_536
    stored: int = 16_384
    given: int = 4_096
    gather_each: float = 0.002
    gather_most: float = 1.0


USUAL: Final = Bounds()
"""Those of every service."""
