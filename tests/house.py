"""A whole server within this process, on a socket of its own, which a test can look into."""

import os
from functools import partial
from itertools import count

from geventim.chat.links import Link
from geventim.chat.values import Access
from geventim.crypto.dh import PrivateKey
from geventim.crypto.signature import SigningKey
from geventim.net.audience import Audience
from geventim.net.journals.journal import Journal
from geventim.net.timers import Timers
from geventim.server.clients.bounds import USUAL, Bounds
from geventim.server.clients.listener import Listener, bind
from geventim.service import bounds as service_bounds
from geventim.service.dispatch import Policy, Service
from geventim.store.memory.store import MemoryStore

KEY = PrivateKey(bytes(range(32)))


class House:
    """A server with what it keeps in memory; :meth:`open` after :meth:`close` starts it again.

    Whoever has ended it cannot tell it from one that has been restarted: port, key and store stay.
    """

    def __init__(
        self,
        access: Access = Access.OPEN,
        key: PrivateKey = KEY,
        bounds: Bounds = USUAL,
        service: service_bounds.Bounds = service_bounds.USUAL,
    ) -> None:
        self.store = MemoryStore(service.page_entries)
        self.key = key
        self.psk: bytes | None = None
        self._access = access
        self._bounds = bounds
        self._service_bounds = service
        self._port = 0
        self.open()

    @property
    def link(self) -> Link:
        return Link("127.0.0.1", self._port, self.key.public)

    def open(self) -> None:
        """Serve from now on."""
        bound = bind("127.0.0.1", self._port)
        self._port = bound.getsockname()[1]
        self.journal = Journal(self.store)
        policy = Policy(self.key.public, self._access, room_limit=100, bounds=self._service_bounds)
        audience = partial(Audience, count(), os.urandom)
        signer = SigningKey(self.key.secret)
        self.service = Service(self.journal, Timers(), audience, os.urandom, signer, policy)
        self.listener = Listener(
            bound, self.service, self.journal, self.key, self.psk, None, bounds=self._bounds
        )
        self.listener.start()

    def close(self) -> None:
        """Serve nobody any more."""
        self.listener.stop()
        self.journal.settle()

    def cut(self, nick: str) -> None:
        """Have the connection of ``nick`` break."""
        for session in self.service.connected:
            if session.account.nick == nick:
                session.outlet.connection.abort()
