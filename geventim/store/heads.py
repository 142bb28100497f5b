"""On which commits of a log one may build, and what is taken back by building on another.

Most of the time that is one commit, the head. What a single author has put on top of it stays open
until somebody else builds on it: so long it can be contested, and then whoever may do so can build
on what was before.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from geventim.chat import log


@dataclass(frozen=True, slots=True)
class Tip:
    """The commit ``seq``, or 0 for a log that has none.

    ``joined`` became members by it and ``gone`` did not stay members. ``gate`` holds from then on.
    ``contesters`` have said that they cannot apply it.
    """

    seq: int
    author: bytes = b""
    joined: tuple[bytes, ...] = ()
    gone: tuple[bytes, ...] = ()
    gate: bytes = b""
    contesters: frozenset[bytes] = field(default_factory=frozenset)


Tips = Sequence[Tip]
"""What may have to be built on, in order. All but the first have the same author."""


def in_use(tips: Tips) -> Tip:
    """The last one that nobody contests, nor any before it."""
    for before, tip in pairwise(tips):
        if tip.contesters:
            return before
    return tips[-1]


def refuse(tips: Tips, author: bytes, head: int) -> log.Refusal | None:
    """Why ``author`` may not build on ``head``; None when it may."""
    newest = tips[-1]
    if head == newest.seq:
        is_contested = any(tip.contesters for tip in tips[1:])
        return log.CONTESTED if is_contested and author == newest.author else None
    for before, tip in pairwise(tips):
        if head == before.seq and tip.contesters:
            is_alone = tip.contesters == {author}
            is_party = author == tip.author or author in undo(dropped(tips, head)).restored
            return log.CONTESTED if is_alone or is_party else None
    return log.STALE_HEAD


def contest(tips: Tips, account: bytes, seq: int) -> Tips | None:
    """The tips when ``account`` contests the commit ``seq``; None when it cannot be any more."""
    if all(tip.seq != seq for tip in tips[1:]):
        return None
    return [
        replace(tip, contesters=tip.contesters | {account}) if tip.seq == seq else tip
        for tip in tips
    ]


def kept(tips: Tips, author: bytes, head: int) -> Tips:
    """What is left when ``author`` builds on ``head``: its own goes on being open."""
    left = [tip for tip in tips if tip.seq <= head]
    return left if author == tips[-1].author else left[-1:]


def dropped(tips: Tips, head: int) -> Tips:
    """What is taken back by building on ``head``."""
    return [tip for tip in tips if tip.seq > head]


@dataclass(frozen=True, slots=True)
class Undoing:
    """What it does to the membership to take commits back.

    ``restored`` were members before and are again, ``ousted`` were made members by them.
    """

    restored: frozenset[bytes]
    ousted: frozenset[bytes]


def undo(tips: Tips) -> Undoing:
    """Take ``tips`` back, the last first."""
    restored: set[bytes] = set()
    ousted: set[bytes] = set()
    for tip in reversed(tips):
        ousted.update(tip.joined)
        restored.difference_update(tip.joined)
        restored.update(tip.gone)
        ousted.difference_update(tip.gone)
    return Undoing(frozenset(restored), frozenset(ousted))
