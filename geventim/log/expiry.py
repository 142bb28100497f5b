"""What old entries a log lets go, a part of all logs at a time."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from geventim.chat.values import EntryKind
from geventim.log.changes import Expire
from geventim.log.outcomes import Expired

L = TypeVar("L")


@dataclass(frozen=True, slots=True)
class Line:
    """What decides whether an entry expires; ``size`` is in bytes of payload."""

    seq: int
    time: float
    kind: EntryKind
    size: int


@dataclass(frozen=True, slots=True)
class Cut:
    """The ``lines`` that a log lets go.

    Its messages have ``size`` bytes less, and those up to ``floor`` are gone; None if none is.
    """

    lines: list[Line]
    size: int
    floor: int | None


def sweep(logs: Iterable[tuple[int, L]], drop: Callable[[L, int], int], most: int) -> Expired:
    """Go through ``logs``, numbered upwards, from where an :class:`.changes.Expire` starts.

    At most ``most`` of them are taken. ``drop`` lets a log drop at most so many entries and
    says how many it did.
    """
    count, next_number = 0, 0
    for taken, (number, log) in enumerate(islice(logs, most), 1):
        count += drop(log, most - count)
        if count == most:
            return Expired(count, number)
        if taken == most:
            next_number = number + 1
    return Expired(count, next_number)


def cut(change: Expire, lines: Iterable[Line], size: int, unneeded: int, most: int) -> Cut:
    """What is to be dropped of a log, at most so many of its ``lines``, which come in order.

    Its messages have ``size`` bytes; no member can need what is no message up to ``unneeded``.
    """
    dropped = list(islice(_expired(change, lines, size, unneeded), most))
    messages = [line for line in dropped if line.kind is EntryKind.MESSAGE]
    floor = messages[-1].seq if messages else None
    return Cut(dropped, sum(line.size for line in messages), floor)


def _expired(change: Expire, lines: Iterable[Line], size: int, unneeded: int) -> Iterator[Line]:
    for line in lines:
        is_old = line.time < change.before
        if line.kind is EntryKind.MESSAGE:
            if not is_old and (change.size is None or size <= change.size):
                return
            size -= line.size
            yield line
        elif is_old and line.seq <= unneeded and line.kind is not EntryKind.DELETE:
            yield line
