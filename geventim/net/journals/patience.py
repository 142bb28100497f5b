"""Asking a store again that cannot be reached: it may be about to come back."""

import time
from collections.abc import Callable
from typing import Final, TypeVar

import gevent

from geventim.errors import StoreError

PATIENCE: Final = 10.0
"""Seconds after which whoever asked is told."""

PAUSE: Final = 0.1
"""Seconds between two attempts."""

T = TypeVar("T")


def insist(call: Callable[[], T], patience: float = PATIENCE, pause: float = PAUSE) -> T:
    """What ``call``, which may be repeated every ``pause`` seconds, returns.

    Raises :class:`StoreError` when the store has failed for ``patience`` seconds.
    """
    end = time.monotonic() + patience
    while True:
        try:
            return call()
        except StoreError:
            if time.monotonic() > end:
                raise
        gevent.sleep(pause)


class Greenlets:
    """A crew for a store at the other end of a socket, waiting for which lets others run.

    It is asked for ``patience`` seconds, every ``pause`` seconds.
    """

    def __init__(self, patience: float = PATIENCE, pause: float = PAUSE) -> None:
        self.patience = patience
        self._pause = pause

    def write(self, call: Callable[[], T]) -> T:
        """What ``call`` returns, at the first attempt."""
        return call()

    def insist(self, call: Callable[[], T]) -> T:
        """What ``call`` returns, if need be after some more attempts."""
        return insist(call, self.patience, self._pause)

    def look_up(self, call: Callable[[], T]) -> T:
        """What ``call`` returns, if need be after some more attempts."""
        return self.insist(call)

    def read(self, call: Callable[[], T]) -> T:
        """What ``call`` returns, if need be after some more attempts."""
        return self.insist(call)

    def dismiss(self) -> None:
        """There is nobody to dismiss."""
