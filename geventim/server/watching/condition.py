"""How a server is doing, for whoever watches it: no word of who talks, and with whom."""

import os
import resource
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, Generic, TypeVar

import gevent

from geventim.chat.values import Totals
from geventim.errors import StoreError
from geventim.net.audience import Tally
from geventim.net.journals.blob_keeper import BlobKeeper
from geventim.net.journals.durations import Durations
from geventim.net.journals.journal import Journal
from geventim.server.backups import last_backup
from geventim.server.clients.listener import Listener
from geventim.server.clients.witness import Witness
from geventim.service.dispatch import Service

LOOK: Final = 0.5
"""Seconds from one look at how late the event loop is to the next."""

LASTING: Final = 15.0
"""Seconds for which what was counted in the store is good enough."""

PROBED: Final = 5.0
"""Seconds for which it is good enough that something could be written."""

PATIENCE: Final = 3.0
"""Seconds after which a store that does not answer is not ready."""

LITTLE_SPACE: Final = 512 * 2**20
"""Bytes left on the disk that an operator is warned of."""

OLD: Final = 7 * 86_400.0
"""Seconds after which an operator is reminded of a backup."""


T = TypeVar("T")


class _Lately(Generic[T]):
    """What ``find`` gives, which may wait and raise :class:`StoreError`, asked for now and then.

    It is good enough for ``lasting`` seconds. Nobody asks while somebody else does, nor waits for
    more than ``patience`` seconds.
    """

    def __init__(
        self,
        find: Callable[[], T],
        lasting: float,
        clock: Callable[[], float],
        patience: float,
    ) -> None:
        self._find = find
        self._lasting = lasting
        self._patience = patience
        self._clock = clock
        self._until = float("-inf")
        self._found: T | None = None
        self._finding: gevent.Greenlet[[], None] | None = None

    def ask(self) -> T | None:
        """What was found last; None if nothing was found, or not within the patience."""
        if self._clock() < self._until:
            return self._found
        if self._finding is None or self._finding.ready():
            self._finding = gevent.spawn(self._ask)
        self._finding.join(self._patience)
        return self._found if self._finding.ready() else None

    def _ask(self) -> None:
        try:
            self._found = self._find()
        except StoreError:  # of which the log tells for all
            self._found = None
        self._until = self._clock() + self._lasting


class Condition:
    """What can be told of a running server, whose data are in ``place``.

    ``has_own_store`` says that they are all of it: there is no store that others share. A store is
    waited for ``patience`` seconds.
    """

    def __init__(
        self,
        service: Service,
        journal: Journal,
        listener: Listener,
        witness: Witness,
        tally: Tally,
        place: Path,
        blobs: BlobKeeper,
        *,
        has_own_store: bool,
        now: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.monotonic,
        patience: float = PATIENCE,
    ) -> None:
        self.service = service
        self.journal = journal
        self.listener = listener
        self.witness = witness
        self.tally = tally
        self.lag = Durations()
        self.blobs = blobs
        self._place = place
        self._has_own_store = has_own_store
        self._now = now
        self._began = now()
        self._draining = False
        self._totals = _Lately(journal.totals, LASTING, clock, patience)
        self._probed = _Lately(self._probe, PROBED, clock, patience)
        self._looking: gevent.Greenlet[[], None] | None = None

    def start(self) -> None:
        """Look from now on how late the event loop is."""
        self._looking = gevent.spawn(self._look)

    def drain(self) -> None:
        """The server is about to end."""
        self._draining = True

    def stop(self) -> None:
        """Look no more."""
        if self._looking is not None:
            self._looking.kill()

    @property
    def uptime(self) -> float:
        """Seconds since the start."""
        return self._now() - self._began

    @property
    def space(self) -> int:
        """Bytes left on the disk of the data directory."""
        return shutil.disk_usage(self._place).free

    @property
    def blob_space(self) -> int | None:
        """Bytes left on the disk of the files of clients; None if it cannot be told."""
        try:
            return self.blobs.free
        except StoreError:
            return None

    @property
    def memory(self) -> int:
        """Bytes of memory that the process has now."""
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
        return int(pages) * resource.getpagesize()

    @property
    def descriptors(self) -> int:
        """Files and sockets that are open."""
        return len(os.listdir("/proc/self/fd"))

    @property
    def backed_up(self) -> float | None:
        """When a backup was made last, in seconds since the epoch; None if never, or elsewhere."""
        return last_backup(self._place) if self._has_own_store else None

    def totals(self) -> Totals | None:
        """What is in the store, as of late; None if it cannot be read."""
        return self._totals.ask()

    def obstacle(self) -> str:
        """Why nobody should come here for now; empty if the server is ready.

        It waits for the store to write something, but not for long.
        """
        return "it is stopping" if self._draining else self.fault()

    def fault(self) -> str:
        """What is wrong with the store, which has to write something for that; or empty."""
        has_written = self._probed.ask()
        return self.journal.crew.fault or ("" if has_written else "the store does not answer")

    def warnings(self) -> list[str]:
        """What an operator should do something about, in sentences."""
        found = []
        if fault := self.fault():
            found.append(f"Nothing is acknowledged: {fault}.")
        if (space := self.space) < LITTLE_SPACE:
            found.append(f"There are {space // 2**20} MiB left on the disk of {self._place}.")
        blob_space = self.blob_space
        if blob_space is None:
            found.append("The files of clients cannot be used.")
        elif blob_space < LITTLE_SPACE <= space:
            found.append(f"There are {blob_space // 2**20} MiB left on the disk of sealed files.")
        if self.listener.is_full:
            found.append("There are as many clients as there may be open files.")
        if self._has_own_store:
            backed_up = self.backed_up
            if backed_up is None:
                found.append("There was no backup yet.")
            elif (age := self._now() - backed_up) > OLD:
                found.append(f"The last backup is {age // 86_400:.0f} days old.")
        return found

    def _probe(self) -> bool:
        self.journal.probe()
        return True

    def _look(self) -> None:
        while True:
            began = time.monotonic()
            gevent.sleep(LOOK)
            self.lag.note(max(0.0, time.monotonic() - began - LOOK))
