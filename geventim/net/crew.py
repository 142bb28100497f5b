"""Those who work for a journal, so that the event loop goes on while a store blocks."""

from collections.abc import Callable
from typing import Final, Protocol, TypeVar

from gevent.threadpool import ThreadPool

from geventim.errors import StoreError

READERS: Final = 4
"""Threads that read."""

T = TypeVar("T")


class Crew(Protocol):
    """What a journal has others do."""

    def write(self, call: Callable[[], T]) -> T:
        """What ``call`` returns; one at a time."""

    def read(self, call: Callable[[], T]) -> T:
        """What ``call`` returns; several at a time, and while something is written."""


class Threads:
    """A thread that writes, and some that read: for a store on this machine's disk."""

    def __init__(self) -> None:
        self._writer = ThreadPool(1)
        self._readers = ThreadPool(READERS)

    def write(self, call: Callable[[], T]) -> T:
        """What ``call`` returns or raises in the thread that writes."""
        found: T | StoreError = self._writer.apply(_attempt, (call,))
        return _outcome(found)

    def read(self, call: Callable[[], T]) -> T:
        """What ``call`` returns or raises in one of the others."""
        found: T | StoreError = self._readers.apply(_attempt, (call,))
        return _outcome(found)


def _attempt(call: Callable[[], T]) -> T | StoreError:
    """What ``call`` returns or, as a thread pool prints what is raised in it, its failure."""
    try:
        return call()
    except StoreError as error:
        return error


def _outcome(found: T | StoreError) -> T:
    if isinstance(found, StoreError):
        raise found
    return found
