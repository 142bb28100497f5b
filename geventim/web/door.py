"""The browser's door of one process: a socket, links to it, and the tabs behind it."""

import os
import time
from functools import partial
from typing import Any, Final

import gevent
from gevent import socket
from gevent.pool import Pool
from gevent.pywsgi import WSGIServer

from geventim.app.identity import opens
from geventim.app.settings import Settings
from geventim.app.stay import attach
from geventim.web.access import Access
from geventim.web.bounds import USUAL, Bounds
from geventim.web.crowd import Crowd
from geventim.web.gate import Gate
from geventim.web.guard import Guard
from geventim.web.handler import Handler
from geventim.web.place import Place
from geventim.web.shelf import Shelf
from geventim.web.site import Site
from geventim.web.tab import Tab

CONNECTIONS: Final = 128
"""Connections at the same time."""

STRANGERS: Final = 64
"""Connections of those who have not shown a token."""


class WebDoor:
    """Lets browsers in at ``place`` to the client of ``settings``; their files are on ``shelf``.

    It goes by ``bounds``. Raises :class:`UserError` with code ``cannot_listen``.
    """

    def __init__(
        self, settings: Settings, place: Place, shelf: Shelf, bounds: Bounds = USUAL
    ) -> None:
        self._settings = settings
        self._bounds = bounds
        self._shelf = shelf
        bound = place.listen()
        self._gate = Gate(place.scheme, place.authority(bound.getsockname()[1]))
        self._access: Access[Tab] = Access(
            time.monotonic, os.urandom, self._welcome, Tab.close, lambda tab: tab.is_there, bounds
        )
        crowd = Crowd(STRANGERS)
        site: Any = Site(self._gate, self._access, settings.nick, crowd.leave, bounds)
        handler: Any = partial(Handler, bounds)
        secured: dict[str, Any] = {}
        if place.context is not None:
            # The handshake is a part of what is read first: nobody waits for it.
            secured = {"ssl_context": place.context, "do_handshake_on_connect": False}
        self._server = _Server(
            bound,
            site,
            spawn=Pool(CONNECTIONS),
            log=None,
            error_log=None,
            handler_class=handler,
            environ={"SERVER_NAME": "eim-client"},  # else a resolver is asked for it
            **secured,
        )
        self._server.crowd = crowd
        self._server.start()
        self._sweeping = gevent.spawn(self._sweep)

    @property
    def is_full(self) -> bool:
        """Whether one more page might find no place here."""
        return self._access.is_full

    def link(self) -> str:
        """A link for one page, once, and soon."""
        return f"{self._gate.origin}/#{self._access.make_link()}"

    def close(self) -> None:
        """Let nobody in any more, and end everybody."""
        self._sweeping.kill()
        self._access.close()
        self._server.stop(timeout=0)

    def _welcome(self) -> Tab:
        settings = self._settings
        guard = Guard(partial(opens, settings), time.monotonic)
        box = self._shelf.box()
        return Tab(partial(attach, settings), settings.describe, box, guard, self._bounds)

    def _sweep(self) -> None:
        while True:
            gevent.sleep(self._bounds.sweep)
            self._access.sweep()


class _Server(WSGIServer):
    """Knows who is there."""

    crowd: Crowd

    def handle(self, sock: socket.socket, address: Any) -> None:
        """Talk to somebody until they go."""
        self.crowd.enter(sock)
        try:
            super().handle(sock, address)
        finally:
            self.crowd.leave(sock)
