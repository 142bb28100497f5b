"""Reading and searching the history by pages, for those who wish for it."""

from collections.abc import Callable
from math import inf
from typing import Final

import msgspec

from geventim.client.answers import Messages, Written
from geventim.client.events import Message
from geventim.client.history.reading import Query, Told, fold_text
from geventim.client.operations.reading import recall
from geventim.client.steps.effects import Steps
from geventim.client.user import User
from geventim.errors import DeniedError

Places = frozenset[bytes] | None

_SHOWN: Final = [each.name for each in msgspec.structs.fields(Written) if each.name != "own"]


def timeline(
    user: User,
    limit: int,
    places: Places,
    before: int | str | None,
    after: int | str | None,
    around: int | str | None,
) -> Steps[Messages]:
    """At most ``limit`` messages in order: see :func:`.recall.timeline`.

    A message is said by its number or its id, which takes longer. Raises :class:`UserError` with
    code ``unknown_message`` or ``several_places``.
    """
    given = [each for each in (before, after, around) if each is not None]
    if len(given) > 1:
        raise DeniedError("several_places")
    order: int | None = None
    if given:
        order = yield from _find(user, places, given[0])
    told, damaged = yield from recall.timeline(
        user,
        limit,
        places=places,
        before=order if before is not None else None,
        after=order if after is not None else None,
        around=order if around is not None else None,
    )
    return Messages(tuple(written(user, each) for each in told), damaged)


def search(
    user: User, query: Query, limit: int, found: Callable[[tuple[Written, ...]], None]
) -> Steps[Messages]:
    """At most ``limit`` messages that ``query`` means, newest first.

    ``found`` is called with some of them as soon as they are found.
    """
    messages: list[Written] = []

    def take(told: list[Told]) -> None:
        some = tuple(written(user, each) for each in told)
        messages.extend(some)
        found(some)

    reading = user.history.read_backwards(query, limit)
    yield from recall.read(user, reading, take)
    return Messages(tuple(messages), bool(reading.damage))


def make_query(
    words: tuple[str, ...],
    author: str,
    places: Places,
    before: int | None,
    until: float | None,
) -> Query:
    """What is looked for; see :class:`.wishes.Search`."""
    folded = tuple(filter(None, (fold_text(word).strip() for word in words)))
    return Query(
        folded,
        author,
        places,
        before=inf if before is None else before,
        until=inf if until is None else until,
    )


def written(user: User, told: Told) -> Written:
    """A message as it is listed."""
    said = user.history.tell(told).event(history=True)
    return listed(said, is_own=said.nick == user.nick)


def listed(message: Message, *, is_own: bool) -> Written:
    """The same of what is told as an event."""
    return Written(**{name: getattr(message, name) for name in _SHOWN}, own=is_own)


def _find(user: User, places: Places, message: int | str) -> Steps[int]:
    """The number of a message."""
    if isinstance(message, int):
        return message
    query = Query(places=places, message_id=bytes.fromhex(message))
    told: list[Told] = []
    yield from recall.read(user, user.history.read_backwards(query, 1), told.extend)
    if not told:
        raise DeniedError("unknown_message")
    return told[0].utterance.order
