"""Reading a feed item by item, whatever happens to the store."""

import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Final

import gevent

from geventim.errors import StoreError
from geventim.log.shared import Item, SharedStore
from geventim.net.complaints import Complaints
from geventim.net.journals.patience import PAUSE

BURST: Final = 0.1
"""Seconds whose looks may be had at once."""

DOUBTFUL: Final = -1
"""No number of failures: look in any case whether the feed is still the same."""

log = logging.getLogger(__name__)


class Throttle:
    """Keeps consumers from looking for each item where they would find many a little later.

    Together they have so many ``looks`` a second: a look costs more than what it finds.
    """

    def __init__(self, looks: int) -> None:
        self._interval = 1 / looks
        self._next = 0.0

    def wait(self) -> None:
        """Wait for the next look, which is at once unless there are too many."""
        now = time.monotonic()
        self._next = max(self._next + self._interval, now - BURST)
        gevent.sleep(max(0.0, self._next - now))


class Consumer:
    """Gives ``take`` every item of ``feed`` that comes after this was made, in order.

    ``take`` is given an item again after it has raised :class:`StoreError`. ``lose`` is called
    where something has been missed, because this was away for too long or the store has forgotten
    it, or where something was taken that is not there any more. This goes on with what comes after
    that; nothing is written while ``paused``. ``complaints`` may be shared.
    """

    def __init__(
        self,
        store: SharedStore,
        feed: str,
        take: Callable[[Item], None],
        lose: Callable[[], None],
        paused: Callable[[], AbstractContextManager[None]] = nullcontext,
        throttle: Throttle | None = None,
        complaints: Complaints | None = None,
    ) -> None:
        self._store = store
        self._feed = feed
        self._take = take
        self._lose = lose
        self._paused = paused
        self._throttle = throttle or Throttle(store.looks)
        self._complaints = complaints or Complaints(time.monotonic)
        self._failures = store.failures
        self._last = store.last(feed)
        self._greenlet = gevent.spawn(self._follow)

    def stop(self) -> None:
        """Read no more."""
        self._greenlet.kill()

    @property
    def _number(self) -> int:
        """The number of the last item that was taken."""
        return self._last.number if self._last else 0

    def _follow(self) -> None:
        while True:
            try:
                failures = self._store.failures
                if failures != self._failures:
                    if not self._is_continued():
                        self._begin_anew()
                    self._failures = failures
                self._go_on(self._store.read(self._feed, self._number))
                self._throttle.wait()
            except StoreError as error:
                self._complaints.log(
                    log, logging.WARNING, "a feed cannot be read", fault=str(error)
                )
                self._failures = DOUBTFUL
                gevent.sleep(PAUSE)

    def _is_continued(self) -> bool:
        """Whether the feed, which may be another one, has what was taken last."""
        if self._last is None:
            return True
        return self._store.read(self._feed, self._number - 1)[:1] == [self._last]

    def _go_on(self, items: list[Item]) -> None:
        for item in items:
            if item.number != self._number + 1:
                self._begin_anew()
                return
            try:
                self._take(item)
            except StoreError:
                raise
            except Exception:
                # Nothing stops those who follow.
                log.exception("an item of a feed could not be taken")
            self._last = item

    def _begin_anew(self) -> None:
        log.warning("something was missed", extra={"feed": self._feed})
        with self._paused():
            self._last = self._store.last(self._feed)
            self._lose()
