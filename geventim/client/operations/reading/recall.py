"""Operations on the history: showing what was written, searching it, and deleting from it."""

from collections.abc import Callable, Iterable, Sequence
from math import inf
from typing import Final

from geventim.client.conversation.hearing import tell_altered
from geventim.client.events import Error, Notice
from geventim.client.history.reading import Query, Reading, Told
from geventim.client.operations.context import Context
from geventim.client.steps.effects import Labour, Operation, Steps, compute
from geventim.client.user import User
from geventim.errors import StoreError

MOST: Final = 500
"""Messages that are shown at a time."""


def begin_with(context: Context, count: int) -> None:
    """Show the last messages, and where they end: behind them comes what is new.

    They are read on the spot: it is for a start, when nobody else waits.
    """
    told: list[Told] = []
    reading = context.user.history.read_backwards(Query(), count)
    while not reading.over:
        told += reading.step()
    if reading.damage:
        _report(context.user, reading.damage)
    if told:
        tell(context, reversed(told))
        context.user.emit(Notice.own("news"))


def timeline(
    user: User,
    limit: int,
    *,
    places: frozenset[bytes] | None = None,
    before: int | None = None,
    after: int | None = None,
    around: int | None = None,
) -> Steps[tuple[list[Told], bool]]:
    """At most ``limit`` messages in order, of ``places`` or of all conversations.

    They are the last ``before`` an utterance, the first ``after`` one, or those ``around`` one and
    itself, half of them newer. Without any of these they are the last. Told is as well whether
    something could not be read.
    """
    history, told, limit = user.history, list[Told](), min(limit, MOST)
    newer, damaged = 0, False
    if around is not None:
        newer, before, after = (limit + 1) // 2, around, around - 1
    elif after is not None:
        newer = limit
    if newer < limit:
        query = Query(places=places, before=inf if before is None else before)
        older = history.read_backwards(query, limit - newer)
        yield from read(user, older, told.extend)
        told.reverse()
        damaged = bool(older.damage)
    if newer:
        query = Query(places=places, after=0 if after is None else after)
        later = history.read_forwards(query, newer)
        yield from read(user, later, told.extend)
        damaged = damaged or bool(later.damage)
    return told, damaged


def read(user: User, reading: Reading, take: Callable[[list[Told]], object]) -> Operation:
    """Have ``take`` called with what is found, as it is found; say what could not be read.

    What others wrote may be long, and there may be much: it is read elsewhere, and bit by bit.
    """
    while not reading.over:
        found = yield from compute(Labour.READING, reading.step)
        if found:
            take(found)
    if reading.damage:
        _report(user, reading.damage)


def revise(context: Context) -> Operation:
    """Write anew the pages in which something has changed or is gone."""
    while (revision := context.user.history.next_revision()) is not None:
        yield from compute(Labour.READING, revision.read)
        changed, around = revision.finish(), context.conversations.get(revision.place)
        if around is not None:
            for text in revision.forgotten:
                around.bookmark.unquote(text)
        for altered in changed:
            place = context.conversations.get(altered.place)
            if place is None:
                context.user.tell_altered(altered)
            else:
                tell_altered(place, altered)


def _report(user: User, damage: Sequence[StoreError]) -> None:
    user.emit(Error.of("damaged", count=len(damage), why=str(damage[0])))


def tell(context: Context, told: Iterable[Told]) -> None:
    """Tell the user again what was written before."""
    for each in told:
        context.user.emit(context.user.history.tell(each).event(history=True))
