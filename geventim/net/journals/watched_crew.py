"""A crew whose failures the log tells of: once a minute, and once when they are over."""

import logging
from collections.abc import Callable
from typing import Final, TypeVar

from geventim.errors import StoreError
from geventim.net.journals.crew import Crew
from geventim.net.journals.durations import Durations

PERIOD: Final = 60.0
"""Seconds in which one line is enough."""

log = logging.getLogger(__name__)

T = TypeVar("T")


class WatchedCrew:
    """``crew``, watched. ``clock`` gives seconds from some moment on.

    ``writes`` is how long those took that have succeeded, ``failures`` how often anything failed.
    """

    def __init__(self, crew: Crew, clock: Callable[[], float]) -> None:
        self._crew = crew
        self._clock = clock
        self._said_at = float("-inf")
        self._unsaid = 0
        self._fault = ""
        self.writes = Durations()
        self.failures = 0

    @property
    def fault(self) -> str:
        """Why nothing can be written; empty if the last attempt has succeeded."""
        return self._fault

    def write(self, call: Callable[[], T]) -> T:
        """See :class:`geventim.net.journals.crew.Crew`."""
        began = self._clock()
        try:
            written = self._crew.write(call)
        except StoreError as error:
            self._complain("written", error)
            self._fault = str(error) or "unknown"
            raise
        self.writes.note(self._clock() - began)
        if self._fault:
            self._fault = ""
            log.warning("the store can be written again")
            self._said_at = float("-inf")
        return written

    def look_up(self, call: Callable[[], T]) -> T:
        """See :class:`geventim.net.journals.crew.Crew`."""
        try:
            return self._crew.look_up(call)
        except StoreError as error:
            self._complain("read", error)
            raise

    def read(self, call: Callable[[], T]) -> T:
        """See :class:`geventim.net.journals.crew.Crew`."""
        try:
            return self._crew.read(call)
        except StoreError as error:
            self._complain("read", error)
            raise

    def dismiss(self) -> None:
        """See :class:`geventim.net.journals.crew.Crew`."""
        self._crew.dismiss()

    def _complain(self, what: str, error: StoreError) -> None:
        self._unsaid += 1
        self.failures += 1
        now = self._clock()
        if now < self._said_at + PERIOD:
            return
        facts = {"fault": str(error), "count": self._unsaid}
        log.error("the store cannot be %s", what, extra=facts)
        self._said_at, self._unsaid = now, 0
