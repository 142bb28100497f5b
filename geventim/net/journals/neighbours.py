"""The other nodes of the service, by way of the store that they share."""

import logging
import time
from collections import deque
from collections.abc import Callable
from typing import Final

import gevent
from gevent.event import Event

from geventim.chat import limits
from geventim.chat.bulletins import Bulletin, Numbered, pack, unpack
from geventim.errors import StoreError
from geventim.log.shared import Item, SharedStore
from geventim.net.complaints import Complaints
from geventim.net.journals.consumer import Consumer
from geventim.net.journals.patience import PATIENCE, PAUSE, insist

LEASE: Final = limits.TURN + 1.0
"""Seconds that a turn may take with everything around it."""

FAREWELL: Final = 1.0
"""Seconds in which the others may still be told something when the server stops."""

log = logging.getLogger(__name__)

Hear = Callable[[bytes, Bulletin], None]


class Neighbours:
    """Implements :class:`geventim.service.ports.Neighbours` on ``store``.

    What is told is put on the board until that has succeeded, and heard once. A store that fails is
    asked again for ``patience`` seconds; the last words have ``farewell``.
    """

    def __init__(
        self, store: SharedStore, patience: float = PATIENCE, farewell: float = FAREWELL
    ) -> None:
        self._store = store
        self._patience = patience
        self._farewell = farewell
        self._told = 0
        self._untold: deque[Numbered] = deque()
        self._posted = 0
        self._news = Event()
        self._settled = Event()
        self._settled.set()
        self._heard: dict[bytes, int] = {}
        self._greenlets: list[gevent.Greenlet[[], None]] = []
        self._consumer: Consumer | None = None
        self._complaints = Complaints(time.monotonic)

    def follow(self, hear: Hear, lose: Callable[[], None]) -> None:
        """Give ``hear`` what the other nodes tell from now on, and tell what we have told.

        ``hear`` may wait, and raise :class:`StoreError`. After ``lose`` something may be missing.
        """

        def lose_what_is_gone() -> None:
            while self._untold and self._untold[0].number <= self._posted:
                self._untold.popleft()
            lose()

        self._consumer = Consumer(
            self._store, self._store.board, lambda item: self._take(item, hear), lose_what_is_gone
        )
        self._greenlets.append(gevent.spawn(self._post))

    def stop(self) -> None:
        """Hear and tell no more than what waits, if that is possible soon."""
        self._settled.wait(self._farewell)
        gevent.killall(self._greenlets)
        if self._consumer is not None:
            self._consumer.stop()

    def tell(self, bulletin: Bulletin) -> None:
        """See :class:`geventim.service.ports.Neighbours`."""
        self._told += 1
        self._untold.append(Numbered(self._told, bulletin))
        self._settled.clear()
        self._news.set()

    def untold(self) -> list[Bulletin]:
        """See :class:`geventim.service.ports.Neighbours`."""
        return [each.bulletin for each in self._untold]

    def acquire(self, conversation: bytes) -> bytes | None:
        """See :class:`geventim.service.ports.Neighbours`."""
        return insist(lambda: self._store.acquire(conversation, LEASE), self._patience)

    def release(self, conversation: bytes, lease: bytes) -> None:
        """See :class:`geventim.service.ports.Neighbours`."""
        gevent.spawn(self._release, conversation, lease)

    def _release(self, conversation: bytes, lease: bytes) -> None:
        try:
            self._store.release(conversation, lease)
        except StoreError:
            event = "a turn was not given back; it ends by itself"
            self._complaints.log(log, logging.INFO, event)

    def _post(self) -> None:
        while True:
            self._news.wait()
            self._news.clear()
            for numbered in list(self._untold):
                if numbered.number > self._posted:
                    self._post_one(numbered)
            if self._posted == self._told:
                self._settled.set()

    def _post_one(self, numbered: Numbered) -> None:
        while True:
            try:
                self._store.post(pack(numbered))
            except StoreError as error:
                event = "other nodes cannot be told"
                self._complaints.log(log, logging.WARNING, event, fault=str(error))
                gevent.sleep(PAUSE)
            else:
                self._posted = numbered.number
                return

    def _take(self, item: Item, hear: Hear) -> None:
        numbered = unpack(item.data)
        if item.node == self._store.node:
            while self._untold and self._untold[0].number <= numbered.number:
                self._untold.popleft()
        elif numbered.number > self._heard.get(item.node, 0):
            hear(item.node, numbered.bulletin)
            self._heard[item.node] = numbered.number
