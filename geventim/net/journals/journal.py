"""A store that blocks nobody for longer than a look-up, and in which appends are gathered.

While one transaction is on its way to the disk, everything that arrives waits for the next, so
that one flush serves all of it. What need not be on its way at once waits a little for more to
come, and goes with the first that cannot wait. When a transaction fails, so does what its authors
want to have in the same logs after it.
"""

import logging
import math
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, ParamSpec, TypeVar

import gevent
from gevent.event import AsyncResult

from geventim.chat.values import Account, Conversation, Membership, Totals
from geventim.errors import StoreError
from geventim.log.blobs import Blob
from geventim.log.changes import Append, Change
from geventim.log.changes import weight as weigh
from geventim.log.outcomes import Head, Outcome, Page, Position, State, Usage
from geventim.log.people import Invite, Seen
from geventim.log.store import Store
from geventim.net.journals.crew import Crew, Threads
from geventim.net.journals.shares import MOST, Done, Mark, Shares, Waiting
from geventim.net.journals.watched_crew import WatchedCrew

ENOUGH: Final = 512
"""Changes that wait for no more of them."""

NEVER: Final = math.inf
AT_WORK: Final = -math.inf
"""When the worker is to begin: not at all, or it has begun; else at that time of a steady clock."""

logger = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")


class Journal:
    """Implements :class:`geventim.service.ports.Journal` on a store that blocks its ``crew``.

    The crew, watched, knows how the store does. No transaction has more than ``most`` changes,
    and ``enough`` of them do not wait for more.
    """

    def __init__(
        self, store: Store, crew: Crew | None = None, most: int = MOST, enough: int = ENOUGH
    ) -> None:
        self._store = store
        self.crew = WatchedCrew(crew or Threads(), time.monotonic)
        self._waiting: list[Waiting] = []
        self._weight = 0
        self._enough = enough
        self._shares = Shares(most)
        self._worker: gevent.Greenlet[[], None] | None = None
        self._alarm = gevent.get_hub().loop.timer(0)
        self._due = NEVER

    def submit(self, change: Change, done: Done, within: float = 0.0) -> None:
        """Commit ``change`` with others that arrive ``within`` so many seconds, then call ``done``.

        It is not late, but may be early.
        """
        weight = weigh(change)
        self._waiting.append(Waiting(change, done, weight))
        self._weight += weight
        self._begin(within if len(self._waiting) < self._enough else 0.0)

    @property
    def waiting(self) -> int:
        """Changes that are not on their way to the store yet; large ones count more than once."""
        return self._weight

    def commit(self, changes: Sequence[Change]) -> list[Outcome]:
        """Commit ``changes``, waiting for the disk. Raises :class:`StoreError`."""
        results: list[AsyncResult[Outcome | StoreError]] = []
        for change in changes:
            result: AsyncResult[Outcome | StoreError] = AsyncResult()
            self.submit(change, result.set)
            results.append(result)
        outcomes: list[Outcome] = []
        for result in results:
            outcome = result.get()
            if isinstance(outcome, StoreError):
                raise outcome
            outcomes.append(outcome)
        return outcomes

    def settle(self, account: bytes = b"") -> None:
        """Wait until what ``account`` has submitted so far has been answered, or all there is."""
        if self._due != NEVER:
            mark: AsyncResult[Outcome | StoreError] = AsyncResult()
            self._waiting.append(Waiting(Mark(account), mark.set, 0))
            self._begin(0.0)
            mark.get()

    def account(self, account: bytes) -> Account | None:
        """See :class:`geventim.log.store.Store`."""
        return self._look_up(self._store.account, account)

    def account_named(self, nick: str) -> Account | None:
        """See :class:`geventim.log.store.Store`."""
        return self._look_up(self._store.account_named, nick)

    def account_with_key(self, channel_key: bytes) -> Account | None:
        """See :class:`geventim.log.store.Store`."""
        return self._look_up(self._store.account_with_key, channel_key)

    def accounts(self) -> list[Account]:
        """See :class:`geventim.log.store.Store`."""
        return self.crew.read(self._store.accounts)

    def invites(self) -> dict[str, Invite]:
        """See :class:`geventim.log.store.Store`."""
        return self.crew.read(self._store.invites)

    def last_seen(self) -> dict[bytes, Seen]:
        """See :class:`geventim.log.store.Store`."""
        return self.crew.read(self._store.last_seen)

    def conversation(self, conversation: bytes) -> Conversation | None:
        """See :class:`geventim.log.store.Store`."""
        return self._look_up(self._store.conversation, conversation)

    def groups(self) -> list[Conversation]:
        """See :class:`geventim.log.store.Store`."""
        return self.crew.read(self._store.groups)

    def room_named(self, name: str) -> Conversation | None:
        """See :class:`geventim.log.store.Store`."""
        return self._look_up(self._store.room_named, name)

    def rooms(self, after: str, most: int) -> list[Conversation]:
        """See :class:`geventim.log.store.Store`."""
        return self.crew.read(partial(self._store.rooms, after, most))

    def head(self, conversation: bytes) -> Head | None:
        """See :class:`geventim.log.store.Store`."""
        return self._look_up(self._store.head, conversation)

    def givers(self, conversation: bytes) -> list[bytes]:
        """See :class:`geventim.log.store.Store`."""
        return self._look_up(self._store.givers, conversation)

    def state(self, conversation: bytes, account: bytes) -> State | None:
        """See :class:`geventim.log.store.Store`."""
        return self.crew.read(partial(self._store.state, conversation, account))

    def has_written(self, conversation: bytes, account: bytes) -> bool:
        """See :class:`geventim.log.store.Store`."""
        return self._look_up(self._store.has_written, conversation, account)

    def position(self, conversation: bytes, after: int) -> Position:
        """See :class:`geventim.log.store.Store`."""
        return self._look_up(self._store.position, conversation, after)

    def members(self, conversation: bytes) -> list[bytes]:
        """See :class:`geventim.log.store.Store`."""
        return self.crew.read(partial(self._store.members, conversation))

    def is_member(self, conversation: bytes, account: bytes) -> bool:
        """See :class:`geventim.log.store.Store`."""
        return self._look_up(self._store.is_member, conversation, account)

    def blob(self, blob: bytes) -> Blob | None:
        """See :class:`geventim.log.store.Store`."""
        return self._look_up(self._store.blob, blob)

    def strays(self, ids: Sequence[bytes]) -> list[bytes]:
        """See :class:`geventim.log.store.Store`."""
        return self.crew.read(partial(self._store.strays, ids))

    def memberships(
        self, account: bytes, after: bytes = b"", most: int | None = None
    ) -> list[Membership]:
        """See :class:`geventim.log.store.Store`."""
        return self._look_up(self._store.memberships, account, after, most)

    def entries(self, conversation: bytes, account: bytes, after: int) -> Page:
        """See :class:`geventim.log.store.Store`."""
        return self.crew.read(partial(self._store.entries, conversation, account, after))

    def usage(self, account: bytes) -> Usage:
        """See :class:`geventim.log.store.Store`."""
        return self._look_up(self._store.usage, account)

    def totals(self) -> Totals:
        """See :class:`geventim.log.store.Store`."""
        return self.crew.read(self._store.totals)

    def probe(self) -> None:
        """See :class:`geventim.log.store.Store`."""
        self.crew.write(self._store.probe)

    def crowded(self, accounts: Sequence[bytes], places: int) -> list[bytes]:
        """See :class:`geventim.log.store.Store`."""
        return self.crew.read(partial(self._store.crowded, accounts, places))

    def key_packages(self, account: bytes, after: float) -> int:
        """See :class:`geventim.log.store.Store`."""
        return self._look_up(self._store.key_packages, account, after)

    def close(self) -> None:
        """Commit what waits, then give the store back."""
        self.settle()
        if self._worker is not None:
            self._worker.kill()
        self.crew.write(self._store.close)
        self.crew.dismiss()

    def _look_up(self, method: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return self.crew.look_up(partial(method, *args, **kwargs))

    def _begin(self, within: float) -> None:
        """Have the worker at work in ``within`` seconds at the latest."""
        if self._due == AT_WORK:
            return
        due = time.monotonic() + within
        if self._due <= due:
            return
        self._due = due
        self._alarm.close()
        loop = gevent.get_hub().loop
        if self._worker is None:
            self._worker = gevent.spawn(self._work)
        if within > 0:
            self._alarm = loop.timer(within)
            self._alarm.start(self._worker.switch)
        else:
            loop.run_callback(self._worker.switch)

    def _work(self) -> None:
        # One greenlet for all batches: a new one takes a piece of memory from the system for its
        # stack and gives it back, which costs more than a change to one that waits.
        hub = gevent.get_hub()
        while True:
            hub.switch()
            self._due = AT_WORK
            while self._waiting:
                batch, self._waiting = self._shares.take(self._waiting)
                self._weight -= sum(each.weight for each in batch)
                self._carry_out(batch)
            self._due = NEVER

    def _carry_out(self, batch: list[Waiting]) -> None:
        changes = [each.change for each in batch if not isinstance(each.change, Mark)]
        outcomes = self._commit(changes)
        behind: list[Waiting] = []
        if outcomes and isinstance(outcomes[0], StoreError):
            behind = self._take_behind(changes)
        answers = iter([*outcomes, *[outcomes[0]] * len(behind)] if behind else outcomes)
        for each in batch + behind:
            self._answer(each.done, None if isinstance(each.change, Mark) else next(answers))

    def _take_behind(self, failed: list[Change]) -> list[Waiting]:
        """What waits, and its author wants to be after what has ``failed`` in the same log."""
        logs = {(each.conversation, each.author) for each in failed if isinstance(each, Append)}
        behind: list[Waiting] = []
        others: list[Waiting] = []
        for each in self._waiting:
            change = each.change
            is_behind = isinstance(change, Append) and (change.conversation, change.author) in logs
            (behind if is_behind else others).append(each)
        self._waiting = others
        self._weight -= sum(each.weight for each in behind)
        return behind

    def _answer(self, done: Done, outcome: Outcome | StoreError) -> None:
        try:
            done(outcome)
        except Exception:
            # Whoever asked has a bug; everybody else waits for this worker too.
            logger.exception("an answer of the journal could not be taken")

    def _commit(self, changes: list[Change]) -> Sequence[Outcome | StoreError]:
        if not changes:
            return []
        try:
            return self.crew.write(partial(self._store.commit, changes))
        except StoreError as error:
            return [error] * len(changes)
        except Exception:
            logger.exception("the store has a bug")
            return [StoreError("the store failed")] * len(changes)
