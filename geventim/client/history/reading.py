"""Reading what was written, page by page, in steps that each take a few milliseconds.

Pages are read when their turn comes, so steps are taken elsewhere (:class:`.Compute`). What is read
is what was there in the beginning, but for what is gone since.
"""

import hashlib
import heapq
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from operator import itemgetter
from typing import Final

from msgspec import UNSET, Struct

from geventim.chat.names import fold
from geventim.chat.values import ID_SIZE
from geventim.client.events import Delivery, Message
from geventim.client.files.names import safe_name
from geventim.client.history.pages import Page, Utterance
from geventim.client.history.recent import Glimpse
from geventim.client.said.aside import Attachment, Quote
from geventim.client.said.changes import Change
from geventim.client.said.markup import words_of
from geventim.client.sealing.content import File, Reply
from geventim.errors import StoreError

STEP: Final = 64 * 2**10
"""Characters that are read in one go."""

COST: Final = 64
"""As many characters as a text takes in work that has none."""


class Told(Struct, frozen=True):
    """An utterance, the name that its conversation had, and the id of that, its ``place``.

    ``answered`` is the message that it answers, if that is at hand.
    """

    conversation: str
    place: bytes
    utterance: Utterance
    answered: Glimpse | None = None

    def __repr__(self) -> str:
        return f"<{self.utterance!r} told>"

    @property
    def message_id(self) -> bytes:
        """Which message it is, the same for every member.

        What was written down before messages had an id here is known by its entry.
        """
        said = self.utterance
        if said.message_id:
            return said.message_id
        return hashlib.sha256(self.place + said.seq.to_bytes(8, "big")).digest()[:ID_SIZE]

    def event(
        self, *, history: bool = False, mention: bool = False, delivery: Delivery | None = None
    ) -> Message:
        """As it is shown, now or, from the ``history``, again."""
        said, aside = self.utterance, self.utterance.beside
        return Message(
            self.conversation,
            said.kind,
            said.nick,
            said.text,
            said.date,
            said.seq,
            said.verified,
            history,
            self.place.hex(),
            self.message_id.hex(),
            said.order,
            edited=bool(aside.edited) or UNSET,
            deleted=aside.by if aside.retracted else UNSET,
            reactions=tuple(aside.counts) or UNSET,
            reply=self._quote(aside.reply) or UNSET,
            plain=aside.is_plain or UNSET,
            expires=aside.lifetime or UNSET,
            files=tuple(map(_describe, aside.files)) or UNSET,
            mention=mention,
            delivery=delivery or UNSET,
        )

    def _quote(self, reply: Reply | None) -> Quote | None:
        """The message that is answered: from our own copy, or as whoever answers it says."""
        if reply is None:
            return None
        answered = self.answered
        if answered is not None:
            words = words_of(answered.excerpt, is_plain=answered.is_plain)
            return Quote(reply.to.hex(), answered.nick, words)
        return Quote(reply.to.hex(), reply.nick, words_of(reply.excerpt), self.utterance.nick)


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for: utterances with all of ``words``, by ``author``, in one of ``places``.

    ``before`` and ``after`` are bounds of their order, and ``until`` of their date; with a
    ``message_id`` that one is meant, and ``with_files`` those that brought some. Words are in the
    form of :func:`fold_text`, and may be part of others or have spaces in them; the nick counts as
    well. Without words, author or places everything is meant.
    """

    words: tuple[str, ...] = ()
    author: str = ""
    places: frozenset[bytes] | None = None
    before: float = inf
    after: float = 0
    until: float = inf
    message_id: bytes = b""
    with_files: bool = False

    def __repr__(self) -> str:
        return "<a query>"

    def select(self, page: Page) -> list[Utterance]:
        """What of ``page`` is meant, oldest first."""
        utterances = page.utterances
        if self.before < inf or self.after:
            utterances = [each for each in utterances if self.after < each.order < self.before]
        if self.until < inf:
            utterances = [each for each in utterances if each.date < self.until]
        if self.message_id:
            utterances = [each for each in utterances if each.message_id == self.message_id]
        if self.with_files:
            utterances = [each for each in utterances if each.beside.files]
        if self.author:
            author = fold(self.author)
            utterances = [each for each in utterances if fold(each.nick) == author]
        if not self.words:
            return utterances
        # Most pages do not have all words anywhere, and it takes less to see that.
        if not self._is_in("\n".join(map(_said, utterances))):
            return []
        return [each for each in utterances if self._is_in(_said(each))]

    def _is_in(self, said: str) -> bool:
        folded = fold_text(said)
        return all(word in folded for word in self.words)


def _describe(file: File) -> Attachment:
    thumbnail = file.thumbnail or UNSET
    name = safe_name(file.name)
    return Attachment(name, file.type, file.size, file.width, file.height, thumbnail)


def fold_text(text: str) -> str:
    """The form in which case and composition make no difference."""
    # Most lines are ASCII, and a search reads all there are.
    return text.lower() if text.isascii() else fold(text)


def _said(utterance: Utterance) -> str:
    return f"{utterance.nick} {utterance.text}"


_Item = tuple[float, Told | int | StoreError]
"""Something that was read, after the key that sorts it: what was written, how many characters a
page has, or why it could not be read."""


@dataclass(frozen=True, slots=True)
class Volume:
    """The pages of a ``place`` at one moment: the numbers of those to be read, and the last.

    ``read`` gives a page, with everything up to another number, or None if it is gone, and is
    called by any thread; it raises :class:`StoreError`. ``gone`` has the utterances that are in a
    page and must not be told, ``changes`` what was said about those in it.
    """

    place: bytes
    numbers: Sequence[int]
    last: tuple[int, Page] | None
    read: Callable[[int, float], Page | None]
    gone: Mapping[int, Collection[int]]
    changes: Mapping[int, Sequence[Change]]

    def backwards(self, query: Query) -> Iterator[_Item]:
        """What is meant, newest first.

        A page is read once everything newer than it has come, in other conversations as well.
        """
        above = inf
        if self.last is not None:
            above, page = self.last
            yield from self._tell(page, query, -inf, backwards=True)
        for number in reversed(self.numbers):
            if number < query.before and above > query.after + 1:
                key = 1 - min(above, query.before)
                yield from self._open(number, above, query, key, backwards=True)
            above = number

    def forwards(self, query: Query) -> Iterator[_Item]:
        """What is meant, oldest first."""
        above = inf if self.last is None else self.last[0]
        for number, end in zip(self.numbers, [*self.numbers[1:], above], strict=False):
            if number < query.before and end > query.after + 1:
                yield from self._open(number, end, query, number, backwards=False)
        if self.last is not None:
            number, page = self.last
            yield from self._tell(page, query, number, backwards=False)

    def find(self, message_id: bytes, numbers: Iterable[int]) -> Told | None:
        """A message in one of the pages with these numbers, in any thread.

        Raises :class:`StoreError`.
        """
        for number in numbers:
            page = self._read(number, number + 1)
            for each in () if page is None else page.utterances:
                if page is not None and each.message_id == message_id:
                    return Told(page.name, self.place, each)
        return None

    def _open(
        self, number: int, end: float, query: Query, key: float, *, backwards: bool
    ) -> Iterator[_Item]:
        yield key, 0
        try:
            page = self._read(number, end)
        except StoreError as error:
            yield key, error
            return
        if page is not None:
            yield from self._tell(page, query, key, backwards=backwards)

    def _read(self, number: int, end: float) -> Page | None:
        """A page as it is now."""
        page = self.read(number, end)
        if page is not None and number in self.gone:
            page = page.without(self.gone[number])
        if page is not None and number in self.changes:
            page = page.altered(self.changes[number])
        return page

    def _tell(self, page: Page, query: Query, key: float, *, backwards: bool) -> Iterator[_Item]:
        yield key, sum(COST + len(each.text) for each in page.utterances)
        selected = query.select(page)
        for each in reversed(selected) if backwards else selected:
            yield (-each.order if backwards else each.order), Told(page.name, self.place, each)


class Reading:
    """Tells ``items`` of a page or more at a time, until there are ``count``, or no more.

    Steps may be taken in any thread, one after the other: nothing else has hold of what is read.
    """

    def __init__(self, items: Iterator[_Item], count: float) -> None:
        self._items = items
        self._left = count
        self._damage: list[StoreError] = []
        self.over = count <= 0

    @property
    def damage(self) -> Sequence[StoreError]:
        """Why pages could not be read, each once; the rest is told as if they were empty."""
        return self._damage

    def step(self) -> list[Told]:
        """Read on; what was found. The reading is over if nothing more can be."""
        found: list[Told] = []
        read = 0
        while not self.over and read < STEP:
            _, item = next(self._items, (0, None))
            match item:
                case None:
                    self.over = True
                case int():
                    read += item
                case StoreError():
                    self._damage.append(item)
                case Told():
                    found.append(item)
                    self._left -= 1
                    self.over = self.over or self._left == 0
        return found

    def cancel(self) -> None:
        """Find no more."""
        self.over = True


def read_backwards(volumes: Iterable[Volume], query: Query, count: float) -> Reading:
    """Read the last ``count`` that are meant, newest first."""
    return _read([each.backwards(query) for each in volumes], count)


def read_forwards(volumes: Iterable[Volume], query: Query, count: float) -> Reading:
    """Read the first ``count`` that are meant, oldest first."""
    return _read([each.forwards(query) for each in volumes], count)


def _read(items: Sequence[Iterator[_Item]], count: float) -> Reading:
    return Reading(heapq.merge(*items, key=itemgetter(0)), count)
