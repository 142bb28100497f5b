"""Operations on the history: showing what was written, searching it, and deleting from it."""

from collections.abc import Callable, Iterable, Sequence
from math import inf
from typing import Final

from geventim.client.answers import Messages, Written
from geventim.client.events import Error, Notice
from geventim.client.history.reading import Query, Reading, Told, fold_text
from geventim.client.operations.context import Context
from geventim.client.steps.effects import Labour, Operation, Steps, compute
from geventim.client.user import User
from geventim.errors import StoreError

MOST: Final = 1_000
"""Messages that are shown at a time."""

FOUND: Final = 50
"""Messages that a search shows."""


def show(context: Context, count: int, name: str) -> Steps[Messages]:
    """The last messages, of the conversation called ``name`` or of all."""
    history = context.user.history
    places = history.places(name) if name else None
    return (yield from _gather(context.user, Query(places=places), min(count, MOST)))


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


def search(context: Context, text: str) -> Steps[Messages]:
    """The last messages that have all words of ``text``, in order."""
    query = Query(words=tuple(fold_text(text).split()))
    return (yield from _gather(context.user, query, FOUND))


def _gather(user: User, query: Query, most: int) -> Steps[Messages]:
    told: list[Told] = []
    reading = user.history.read_backwards(query, most)
    yield from read(user, reading, told.extend)
    return Messages(tuple(map(_write, reversed(told))), damaged=bool(reading.damage))


def _write(told: Told) -> Written:
    said = told.event(history=True)
    return Written(
        said.conversation,
        said.kind,
        said.nick,
        said.message,
        said.date,
        said.seq,
        said.verified,
        said.conversation_id,
        said.message_id,
        said.order,
    )


def timeline(
    user: User,
    limit: int,
    *,
    places: frozenset[bytes] | None = None,
    before: int | None = None,
    after: int | None = None,
    around: int | None = None,
) -> Steps[list[Told]]:
    """At most ``limit`` messages in order, of ``places`` or of all conversations.

    They are the last ``before`` an utterance, the first ``after`` one, or those ``around`` one and
    itself, half of them newer. Without any of these they are the last.
    """
    history, told, limit = user.history, list[Told](), min(limit, MOST)
    newer = 0
    if around is not None:
        newer, before, after = (limit + 1) // 2, around, around - 1
    elif after is not None:
        newer = limit
    if newer < limit:
        query = Query(places=places, before=inf if before is None else before)
        yield from read(user, history.read_backwards(query, limit - newer), told.extend)
        told.reverse()
    if newer:
        query = Query(places=places, after=0 if after is None else after)
        yield from read(user, history.read_forwards(query, newer), told.extend)
    return told


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


def erase(user: User) -> Operation:
    """Delete what was forgotten from the pages that it is in."""
    while (erasure := user.history.next_erasure()) is not None:
        yield from compute(Labour.READING, erasure.read)
        erasure.finish()


def _report(user: User, damage: Sequence[StoreError]) -> None:
    user.emit(Error.of("damaged", count=len(damage), why=str(damage[0])))


def tell(context: Context, told: Iterable[Told]) -> None:
    """Tell the user again what was written before."""
    for each in told:
        context.user.emit(each.event(history=True))
