"""Whose changes go to the disk next, when there are more than one transaction takes.

It is self-clocked fair queueing: each account is given, for what it wants to have written, the span
of a virtual time that its weight takes, and what ends first goes first. Whoever says a word waits
for what is being written and for nothing else, however much others have waiting.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from geventim.errors import StoreError
from geventim.log.changes import Change, whose
from geventim.log.outcomes import Outcome

Done = Callable[[Outcome | StoreError], None]


@dataclass(frozen=True, slots=True)
class Mark:
    """A place behind what an account has asked for, or behind everything if that is empty."""

    account: bytes = b""


Waiting = tuple[Change | Mark, Done, int]
"""A change or a mark, whom to tell, and its weight. A mark weighs nothing, and is answered, too."""

MOST: Final = 1024
"""Changes in one transaction."""

BULK: Final = 64
"""What those that weigh more than 1 may weigh more together: half a megabyte, or a single one."""


class Shares:
    """Remembers, while there is more than goes at once, how far into it each account is."""

    def __init__(self) -> None:
        self._now = 0
        self._ends: dict[bytes, int] = {}

    def take(self, waiting: list[Waiting]) -> tuple[list[Waiting], list[Waiting]]:
        """What of ``waiting`` goes into the next transaction, and what is left.

        What one account wants stays in its order, and marks come after what they are to be behind.
        """
        if _fitting([weight for _, _, weight in waiting]) == len(waiting):
            self._now = 0
            self._ends.clear()
            return waiting, []
        ends = self._each_ends(waiting)
        order = sorted(range(len(waiting)), key=ends.__getitem__)
        taken = order[: _fitting([waiting[place][2] for place in order])]
        for place in taken:
            change = waiting[place][0]
            if not isinstance(change, Mark):
                self._ends[whose(change)] = ends[place]
        self._now = ends[taken[-1]]
        self._ends = {account: end for account, end in self._ends.items() if end > self._now}
        left = set(taken)
        return (
            [waiting[place] for place in taken],
            [each for place, each in enumerate(waiting) if place not in left],
        )

    def _each_ends(self, waiting: Sequence[Waiting]) -> list[int]:
        """The virtual time at which each of ``waiting`` ends."""
        last = self._ends.copy()
        ends: list[int] = []
        latest = self._now
        for change, _, weight in waiting:
            if isinstance(change, Mark):
                own = max(self._now, last.get(change.account, 0))
                ends.append(own if change.account else latest)
                continue
            account = whose(change)
            end = last[account] = max(self._now, last.get(account, 0)) + weight
            ends.append(end)
            latest = max(latest, end)
        return ends


def _fitting(weights: Sequence[int]) -> int:
    """How many of the first fit into one transaction; there is room for one at least."""
    if len(weights) <= MOST and sum(weights) - len(weights) <= BULK:
        return len(weights)  # as nearly always
    bulk = 0
    for count, weight in enumerate(weights[:MOST]):
        bulk += max(0, weight - 1)
        if bulk > BULK and count:
            return count
    return min(len(weights), MOST)
