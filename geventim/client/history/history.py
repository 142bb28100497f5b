"""What was written in every conversation, as it was shown: to be read again, and searched.

Nothing is read until somebody looks, but for the last page of each conversation (:mod:`.shelf`).
That one grows; it is written with whatever else the same entry changes.
"""

from collections.abc import Callable, Iterable, Sequence

import msgspec

from geventim.chat.names import fold
from geventim.client.events import Deleted
from geventim.client.history.altered import Altered
from geventim.client.history.faded import Faded
from geventim.client.history.fading import Fade, Fading
from geventim.client.history.pages import PREFIX, Utterance, split_name
from geventim.client.history.reading import Query, Reading, Told, read_backwards, read_forwards
from geventim.client.history.recent import Recent, glance
from geventim.client.history.revision import Revision
from geventim.client.history.shelf import ALTERED, GONE, Shelf
from geventim.client.kept.memory import Memory
from geventim.client.said.aside import NOTHING, Aside, shorten, unquote
from geventim.client.said.changes import Change, Opinion, Retraction
from geventim.client.said.orphans import Orphans
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
        self._orphans: dict[bytes, Orphans] = {}
        self._faded: dict[bytes, Faded] = {}
        self._recent = Recent()
        self._fading = Fading(memory)
        self._revisions: dict[tuple[bytes, int], Revision] = {}
        self._forgotten: list[tuple[bytes, str]] = []
        for prefix in (GONE, ALTERED):
            for name, kept in memory.under(prefix):
                conversation, number = split_name(name)
                self._shelf(conversation).mark(prefix, number, kept)
                self._revise(conversation, [number])

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
        account: bytes = b"",
        aside: Aside = NOTHING,
        read_at: float = 0,
    ) -> Told:
        """Keep what was written in the ``conversation`` with this id, now called ``name``.

        What is told is what it is now: what was said about it may have come before. ``read_at`` is
        when the user has read it, if they have.
        """
        self._order += 1
        shelf = self._shelf(conversation)
        written = Utterance(
            self._order, kind, nick, text, date, seq, verified, message_id, account
        ).beside_which(self._shorten(conversation, aside))
        utterance = written.altered(self._waiting(conversation).take(message_id))
        shelf.add(name, utterance)
        if utterance.beside.lifetime:
            fade = Fade(message_id, utterance.beside.lifetime, read_at)
            self._fading.put(conversation, self._order, fade)
        self._recent.put(conversation, utterance)
        return self.tell(Told(name, conversation, utterance))

    def change(self, conversation: bytes, change: Change) -> list[Altered]:
        """Take ``change`` to what it is about; what has changed at once.

        If that is not here, the change waits for it.
        """
        shelf = self._shelf(conversation)
        if change.about in self._gone(conversation):
            return []
        if shelf.find(change.about) is None:
            # It may be in a page that seems to have it, or not: whoever reads that settles it.
            self._waiting(conversation).put(change)
            if not isinstance(change, Opinion):
                self._recent.forget(conversation, change.about)
        return self._take(conversation, change)

    def newest(self, conversation: bytes) -> int:
        """The number of the last that was written in a conversation, or 0."""
        shelf = self._shelves.get(conversation)
        return 0 if shelf is None else shelf.newest

    def last_before(self, conversation: bytes, seq: int) -> Utterance | None:
        """The last utterance of an entry up to ``seq``, if it is at hand."""
        said = self._at_hand(conversation)
        return max(
            (each for each in said if each.seq <= seq), key=lambda each: each.seq, default=None
        )

    def last_heard(self, conversation: bytes, order: int, own: bytes) -> int:
        """The last entry of others than ``own`` among what was written up to ``order``, or 0."""
        said = (each for each in self._at_hand(conversation) if each.order <= order)
        return max((each.seq for each in said if each.account != own), default=0)

    def _at_hand(self, conversation: bytes) -> Sequence[Utterance]:
        shelf = self._shelves.get(conversation)
        return () if shelf is None else shelf.at_hand

    def forget(self, conversation: bytes, orders: Iterable[int]) -> None:
        """Tell no more of the utterances with these numbers, and have them deleted."""
        orders = frozenset(orders)
        self._recent.drop(orders)
        self._revise(conversation, self._shelf(conversation).forget(orders))

    @property
    def fades_at(self) -> float | None:
        """When the next message is to be deleted, in seconds since the epoch."""
        return self._fading.next

    def mark_read(self, conversation: bytes, order: int, now: float) -> None:
        """The user has read everything in a ``conversation`` up to the utterance ``order``."""
        self._fading.read(conversation, order, now)

    def begin(self, now: float) -> list[Deleted]:
        """The program begins ``now``; what should have been deleted meanwhile, and is not told."""
        self._fading.begin(now)
        return self.fade(now)

    def fade(self, now: float) -> list[Deleted]:
        """Delete what is to be deleted by ``now``; what has gone."""
        gone: list[Deleted] = []
        for conversation, order, message_id in self._fading.take(now):
            shelf = self._shelf(conversation)
            said = shelf.find(message_id)
            if said is not None:
                self._forgotten.append((conversation, said.text))
            gone.append(Deleted(shelf.name, "", conversation.hex(), message_id.hex(), order))
            self.forget(conversation, [order])
            self._gone(conversation).put(message_id)
            # So are its words where others have quoted them before it was here.
            self._take(conversation, Retraction(message_id, b"", "", 0, by_founder=True))
        return gone

    def take_forgotten(self) -> list[tuple[bytes, str]]:
        """Where something had its time that was at hand, and what it said; each once."""
        taken, self._forgotten = self._forgotten, []
        return taken

    def next_revision(self) -> Revision | None:
        """A page to be written anew where it is kept; each is handed out once."""
        if not self._revisions:
            return None
        return self._revisions.pop(next(iter(self._revisions)))

    @property
    def is_dirty(self) -> bool:
        """Whether there is a page to be written anew where it is kept."""
        return bool(self._revisions)

    def tell(self, told: Told) -> Told:
        """The same with the words of the message that is answered, where those are at hand."""
        reply = told.utterance.beside.reply
        if reply is None:
            return told
        answered = self._recent.find(told.place, reply.to)
        if answered is None and told.place in self._shelves:
            said = self._shelves[told.place].find(reply.to)
            answered = None if said is None else glance(said)
        return told if answered is None else msgspec.structs.replace(told, answered=answered)

    def seek(self, message_id: bytes) -> Callable[[], Told | None]:
        """Finds a message, wherever it is, in any thread; that raises :class:`StoreError`."""
        here = [
            Told(shelf.name, place, found)
            for place, shelf in self._shelves.items()
            if (found := shelf.find(message_id)) is not None
        ]
        volumes = [
            (shelf.volume(), numbers)
            for shelf in self._shelves.values()
            if (numbers := shelf.pages_with(message_id))
        ]

        def find() -> Told | None:
            found = (volume.find(message_id, numbers) for volume, numbers in volumes)
            return next(filter(None, (*here, *found)), None)

        return find

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

    def _take(self, conversation: bytes, change: Change) -> list[Altered]:
        altered, numbers = self._shelf(conversation).change(change)
        self._revise(conversation, numbers)
        for each in altered:
            self._recent.put(conversation, each.after)
        return altered

    def _revise(self, conversation: bytes, numbers: Iterable[int]) -> None:
        shelf = self._shelf(conversation)
        for number in sorted(numbers):
            revision = Revision(conversation, shelf, number, self._waiting(conversation))
            self._revisions.setdefault((conversation, number), revision)

    def _waiting(self, conversation: bytes) -> Orphans:
        orphans = self._orphans.get(conversation)
        if orphans is None:
            orphans = self._orphans[conversation] = Orphans(self._memory, conversation)
        return orphans

    def _gone(self, conversation: bytes) -> Faded:
        faded = self._faded.get(conversation)
        if faded is None:
            faded = self._faded[conversation] = Faded(self._memory, conversation)
        return faded

    def _shorten(self, conversation: bytes, aside: Aside) -> Aside:
        """What came along, without words that we have ourselves, or that were deleted."""
        if aside.reply is None:
            return aside
        about = aside.reply.to
        if self._shelf(conversation).has(about) or about in self._gone(conversation):
            return shorten(aside)
        for change in self._waiting(conversation).about(about):
            if isinstance(change, Retraction):
                aside = unquote(aside, change)
        return aside

    def _shelf(self, conversation: bytes) -> Shelf:
        shelf = self._shelves.get(conversation)
        if shelf is None:
            shelf = self._shelves[conversation] = Shelf(self._memory, conversation, ())
        return shelf
