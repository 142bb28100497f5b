"""Whose changes go to the disk next, when there are more than one transaction takes.

It is self-clocked fair queueing: each account is given, for what it wants to have written, the span
of a virtual time that its weight takes, and what ends first goes first. Whoever says a word waits
for what is being written and for nothing else, however much others have waiting: every other
transaction is for words alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from msgspec import Struct

from geventim.errors import StoreError
from geventim.log.changes import Change, whose
from geventim.log.outcomes import Outcome

Done = Callable[[Outcome | StoreError], None]


@dataclass(frozen=True, slots=True)
class Mark:
    """A place behind what an account has asked for, or behind everything if that is empty."""

    account: bytes = b""


class Waiting(Struct):
    """A change or a mark, whom to tell, and its weight, which is 0 for a mark.

    It ``ends`` at a virtual time, which is 0 until it is known that not all go at once.
    """

    change: Change | Mark
    done: Done
    weight: int
    ends: int = 0


MOST: Final = 1024
"""Changes in one transaction."""

BULK: Final = 32
"""What those that weigh more than 1 may weigh more together: a quarter of a megabyte, or one."""


class Shares:
    """Knows, while there is more than goes at once, how far into it each account is."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._now = 0
        self._ends: dict[bytes, int] = {}
        self._went_ahead = False
        """Whether the last transaction had nothing large, though that waited."""

    def take(self, waiting: list[Waiting]) -> tuple[list[Waiting], list[Waiting]]:
        """What of ``waiting`` goes into the next transaction, and what is left.

        What one account wants stays in its order, and marks come after what they are to be behind.
        What is left keeps its place, so that what is large has its turn.
        """
        if self._fitting(waiting) == len(waiting):
            self._now = 0
            self._ends.clear()
            self._went_ahead = False
            return waiting, []
        for each in waiting:
            if not each.ends:
                self._place(each)
        order = sorted(waiting, key=lambda each: each.ends)
        if not self._went_ahead and (words := _words(order)[: self._most]):
            self._went_ahead = True
            ahead = set(map(id, words))
            return words, [each for each in order if id(each) not in ahead]
        self._went_ahead = False
        count = self._fitting(order)
        self._now = order[count - 1].ends
        return order[:count], order[count:]

    def _place(self, each: Waiting) -> None:
        """Say when it ends."""
        if not isinstance(each.change, Mark):
            account = whose(each.change)
            each.ends = max(self._now, self._ends.get(account, 0)) + each.weight
            self._ends[account] = each.ends
        elif each.change.account:
            each.ends = max(self._now, self._ends.get(each.change.account, 0))
        else:
            each.ends = max(self._now, *self._ends.values(), 0)

    def _fitting(self, waiting: Sequence[Waiting]) -> int:
        """How many of the first fit into one transaction; there is room for one at least."""
        bulk = sum(each.weight for each in waiting) - len(waiting)
        if len(waiting) <= self._most and bulk <= BULK:
            return len(waiting)  # as nearly always
        bulk = 0
        for count, each in enumerate(waiting[: self._most]):
            bulk += max(0, each.weight - 1)
            if bulk > BULK and count:
                return count
        return min(len(waiting), self._most)


def _words(order: Sequence[Waiting]) -> list[Waiting]:
    """What is small and not behind anything else of its account, if there is anything else."""
    words: list[Waiting] = []
    behind: set[bytes] = set()
    for each in order:
        account = whose(each.change) if not isinstance(each.change, Mark) else None
        if each.weight == 1 and account not in behind:
            words.append(each)
        elif account is not None:
            behind.add(account)
    return words if len(words) < len(order) else []
