"""Keeps changes on a thread of its own: a vault waits for the disk, and nothing else should."""

from gevent.threadpool import ThreadPool

from geventim.errors import StoreError
from geventim.store.vault.vault import Vault


class Keeper:
    """Writes to ``vault``, and closes it in the end."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._pool = ThreadPool(1)

    def keep(self, changes: dict[str, bytes | None]) -> None:
        """Keep ``changes``, all of them or none; waits for the disk, in this greenlet only.

        Raises :class:`StoreError`.
        """
        if not changes:
            return
        error = self._pool.apply(_put, (self._vault, changes))
        if error is not None:
            raise error

    def close(self) -> None:
        """Close the vault, after whatever is being written. Raises :class:`StoreError`."""
        self._pool.join()
        self._vault.close()


def _put(vault: Vault, changes: dict[str, bytes | None]) -> StoreError | None:
    """Why ``changes`` could not be kept, if so; the pool would print what is raised."""
    try:
        vault.put(changes)
    except StoreError as error:
        return error
    return None
