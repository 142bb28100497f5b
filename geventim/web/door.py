"""The browser's door of one process: a socket, links to it, and the tabs behind it."""

import os
import time
from functools import partial
from typing import Any, Final

from gevent import socket
from gevent.pool import Pool
from gevent.pywsgi import WSGIServer

from geventim.app.settings import Settings
from geventim.app.stay import attach
from geventim.web.access import Access
from geventim.web.gate import Gate
from geventim.web.handler import Handler
from geventim.web.shelf import Shelf
from geventim.web.site import Site
from geventim.web.tab import Tab

HOST: Final = "127.0.0.1"

CONNECTIONS: Final = 128
"""Connections at the same time."""

BACKLOG: Final = 16
"""Connections that wait for their turn."""


class WebDoor:
    """Lets browsers in to the client of ``settings``. Raises :class:`OSError` if it cannot."""

    def __init__(self, settings: Settings) -> None:
        bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        bound.bind((HOST, 0))
        bound.listen(BACKLOG)
        self._gate = Gate("http", f"{HOST}:{bound.getsockname()[1]}")
        self._shelf = Shelf(settings.data)
        self._access: Access[Tab] = Access(
            time.monotonic,
            os.urandom,
            partial(Tab, partial(attach, settings), settings.describe),
            Tab.close,
            lambda tab: tab.is_there,
        )
        site: Any = Site(self._gate, self._access, settings.nick, self._shelf)
        self._server = WSGIServer(
            bound,
            site,
            spawn=Pool(CONNECTIONS),
            log=None,
            error_log=None,
            handler_class=Handler,
            environ={"SERVER_NAME": "eim-client"},  # else a resolver is asked for it
        )
        self._server.start()

    def link(self) -> str:
        """A link for one tab, once, soon."""
        return f"{self._gate.origin}/#{self._access.make_link()}"

    def close(self) -> None:
        """Let nobody in any more, and end everybody."""
        self._server.stop(timeout=0)
        for tab in self._access.guests:
            tab.close()
        self._shelf.close()
