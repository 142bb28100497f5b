"""Keeps changes while the session goes on.

A vault waits for the disk. One thread does the waiting; what changes meanwhile is gathered and
written next, all of it at once.
"""

from collections.abc import Callable

import gevent
from gevent.threadpool import ThreadPool

from geventim.errors import StoreError
from geventim.store.vault import Vault


class Keeper:
    """Writes to ``vault`` and closes it in the end; ``failed`` is told when the disk fails."""

    def __init__(self, vault: Vault, failed: Callable[[StoreError], None]) -> None:
        self._vault = vault
        self._failed = failed
        self._pool = ThreadPool(1)
        self._changes: dict[str, bytes | None] = {}
        self._writer: gevent.Greenlet[[], None] | None = None

    def keep(self, changes: dict[str, bytes | None]) -> None:
        """Have ``changes`` kept, soon and in this order."""
        self._changes.update(changes)
        if self._changes and self._writer is None:
            self._writer = gevent.spawn(self._write)

    def close(self) -> None:
        """Wait until everything is kept. Raises :class:`StoreError`."""
        if self._writer is not None:
            self._writer.join()
        self._vault.close()

    def _write(self) -> None:
        while self._changes:
            changes, self._changes = self._changes, {}
            error = self._pool.apply(_put, (self._vault, changes))
            if error is not None:
                self._failed(error)
        self._writer = None


def _put(vault: Vault, changes: dict[str, bytes | None]) -> StoreError | None:
    """Why ``changes`` could not be kept, if so; the pool would print what is raised."""
    try:
        vault.put(changes)
    except StoreError as error:
        return error
    return None
