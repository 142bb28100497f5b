"""What was written in every conversation, as it was shown: to be read again, and searched.

Nothing is read until somebody looks, but for the last page of each conversation (:mod:`.shelf`).
That one grows; it is written with whatever else the same entry changes.
"""

from collections.abc import Iterable

from geventim.chat.names import fold
from geventim.client.history.pages import PREFIX, Utterance, split_name
from geventim.client.history.reading import Query, Reading, Told, read_backwards, read_forwards
from geventim.client.history.shelf import GONE, Erasure, Shelf
from geventim.client.kept.memory import Memory
from geventim.client.sealing.content import ContentKind


class History:
    """The history of every conversation, as it is in ``memory``.

    Raises :class:`StoreError` if it cannot be known what is in it.
    """

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        numbers: dict[bytes, list[int]] = {}
        for name in memory.names(PREFIX):
            conversation, number = split_name(name)
            numbers.setdefault(conversation, []).append(number)
        self._shelves = {each: Shelf(memory, each, found) for each, found in numbers.items()}
        self._order = max((shelf.newest for shelf in self._shelves.values()), default=0)
        self._erasures: list[Erasure] = []
        for name, orders in memory.under(GONE):
            conversation, number = split_name(name)
            shelf = self._shelf(conversation)
            shelf.mark(number, orders)
            self._erasures.append(Erasure(shelf, number))

    def add(
        self,
        conversation: bytes,
        name: str,
        *,
        kind: ContentKind,
        nick: str,
        text: str,
        date: float,
        seq: int,
        verified: bool = False,
        message_id: bytes = b"",
    ) -> Told:
        """Keep what was written in the ``conversation`` with this id, now called ``name``."""
        self._order += 1
        utterance = Utterance(self._order, kind, nick, text, date, seq, verified, message_id)
        self._shelf(conversation).add(name, utterance)
        return Told(name, conversation, utterance)

    def newest(self, conversation: bytes) -> int:
        """The number of the last that was written in a conversation, or 0."""
        shelf = self._shelves.get(conversation)
        return 0 if shelf is None else shelf.newest

    def forget(self, conversation: bytes, orders: Iterable[int]) -> None:
        """Tell no more of the utterances with these numbers, and have them deleted."""
        shelf = self._shelf(conversation)
        self._erasures += [Erasure(shelf, number) for number in sorted(shelf.forget(orders))]

    def next_erasure(self) -> Erasure | None:
        """Something to be deleted where it is kept; each is handed out once."""
        return self._erasures.pop(0) if self._erasures else None

    @property
    def is_dirty(self) -> bool:
        """Whether there is something to be deleted where it is kept."""
        return bool(self._erasures)

    def places(self, name: str) -> frozenset[bytes]:
        """The conversations that are called ``name``, or were when the last of them was written."""
        folded = fold(name)
        return frozenset(
            each for each, shelf in self._shelves.items() if fold(shelf.name) == folded
        )

    def read_backwards(self, query: Query, count: float) -> Reading:
        """Read the last ``count`` utterances that are meant, newest first."""
        return read_backwards([shelf.volume() for shelf in self._wanted(query)], query, count)

    def read_forwards(self, query: Query, count: float) -> Reading:
        """Read the first ``count`` utterances that are meant, oldest first."""
        return read_forwards([shelf.volume() for shelf in self._wanted(query)], query, count)

    def _wanted(self, query: Query) -> Iterable[Shelf]:
        if query.places is None:
            return self._shelves.values()
        return [self._shelves[place] for place in query.places if place in self._shelves]

    def _shelf(self, conversation: bytes) -> Shelf:
        shelf = self._shelves.get(conversation)
        if shelf is None:
            shelf = self._shelves[conversation] = Shelf(self._memory, conversation, ())
        return shelf
