"""A journal on a store that other nodes write to as well.

Each node publishes the entries of a log in the order of its feed, its own among those of others:
the answer to an append waits until the feed has come to its entry.
"""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Final

from gevent.event import Event
from gevent.lock import BoundedSemaphore

from geventim.errors import StoreError
from geventim.log.changes import AddKeyPackages, Change, TakeKeyPackage
from geventim.log.outcomes import Appended, Outcome
from geventim.log.shared import Item, SharedStore, unpack_appended
from geventim.net.complaints import Complaints
from geventim.net.journals.consumer import Consumer, Throttle
from geventim.net.journals.journal import Journal
from geventim.net.journals.patience import PATIENCE, Greenlets
from geventim.net.journals.shares import Done, Waiting

ONCE: Final = (AddKeyPackages, TakeKeyPackage)
"""Changes that are not repeated when it is unknown whether they were made."""

logger = logging.getLogger(__name__)

Where = tuple[bytes, int]
"""A conversation and the number of an entry."""


class SharedJournal(Journal):
    """Implements :class:`geventim.service.ports.Journal` on ``store``.

    One that fails is asked again for ``patience`` seconds.
    """

    def __init__(self, store: SharedStore, patience: float = PATIENCE) -> None:
        self._crew = Greenlets(patience)
        super().__init__(store, self._crew)
        self._shared = store
        self._open = Event()
        self._open.set()
        self._closing = BoundedSemaphore()
        self._batch: Event | None = None
        self._written: dict[Where, tuple[Done, Appended]] = {}
        self._answered = Event()
        self._consumers: list[Consumer] = []
        self._complaints = Complaints(time.monotonic)

    def follow(self, deliver: Callable[[Appended], None], lose: Callable[[], None]) -> None:
        """Give ``deliver`` what other nodes write from now on, in its place among what we write.

        It may wait, and raise :class:`StoreError`. After ``lose`` something may be missing that was
        written before. Nothing may be written before this is called.
        """

        def lose_all() -> None:
            lose()
            self._answer_all()

        def take(item: Item) -> None:
            self._take(item, deliver)

        throttle, complaints = Throttle(self._shared.looks), self._complaints
        for feed in self._shared.feeds:
            consumer = Consumer(
                self._shared, feed, take, lose_all, self._paused, throttle, complaints
            )
            self._consumers.append(consumer)

    def settle(self, account: bytes = b"") -> None:
        """See :meth:`Journal.settle`; what was written of others may be waited for, too."""
        super().settle(account)
        awaited = set(self._written)
        while awaited & self._written.keys():
            self._answered.wait()

    def close(self) -> None:
        """Commit what waits, then give the store back."""
        super().settle()
        for consumer in self._consumers:
            consumer.stop()
        self._answer_all()
        super().close()

    def _take(self, item: Item, deliver: Callable[[Appended], None]) -> None:
        appended = unpack_appended(item.data)
        if item.node == self._shared.node:
            where = appended.entry.conversation, appended.entry.seq
            if where not in self._written and self._batch is not None:
                self._batch.wait()  # that it was written may be about to be known
            if where in self._written:
                self._answer_now(where)
                return
        else:
            self._shared.notice(appended)
        # It may also be our own, written although that seemed to have failed.
        deliver(appended)

    def _carry_out(self, batch: list[Waiting]) -> None:
        self._open.wait()
        self._batch = Event()
        super()._carry_out(batch)
        self._batch.set()
        self._batch = None

    def _answer(self, done: Done, outcome: Outcome | StoreError) -> None:
        if isinstance(outcome, Appended) and not outcome.repeated:
            self._written[outcome.entry.conversation, outcome.entry.seq] = done, outcome
        else:
            super()._answer(done, outcome)

    def _answer_now(self, where: Where) -> None:
        super()._answer(*self._written.pop(where))
        self._answered.set()
        self._answered.clear()

    def _answer_all(self) -> None:
        """Answer what the feeds may have passed over."""
        for where in list(self._written):
            self._answer_now(where)

    @contextmanager
    def _paused(self) -> Iterator[None]:
        """Finish the batch under way, and begin no other meanwhile."""
        with self._closing:
            self._open.clear()
            try:
                if self._batch is not None:
                    self._batch.wait()
                yield
            finally:
                self._open.set()

    def _commit(self, changes: list[Change]) -> Sequence[Outcome | StoreError]:
        outcomes = super()._commit(changes)
        failed = next((each for each in outcomes if isinstance(each, StoreError)), None)
        if failed is None:
            return outcomes
        event = "changes are written again"
        self._complaints.log(logger, logging.WARNING, event, fault=str(failed))
        again: list[Change] = [each for each in changes if not isinstance(each, ONCE)]
        try:
            found = iter(self._crew.insist(partial(self._commit_all, again)))
        except StoreError as error:
            return [error] * len(changes)
        return list(_merge(changes, outcomes, found))

    def _commit_all(self, changes: list[Change]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        for outcome in super()._commit(changes):
            if isinstance(outcome, StoreError):
                raise outcome
            outcomes.append(outcome)
        return outcomes


def _merge(
    changes: Sequence[Change],
    outcomes: Sequence[Outcome | StoreError],
    again: Iterator[Outcome],
) -> Iterator[Outcome | StoreError]:
    """The outcomes, with those that came ``again`` for what can be repeated."""
    for change, outcome in zip(changes, outcomes, strict=True):
        yield outcome if isinstance(change, ONCE) else next(again)
