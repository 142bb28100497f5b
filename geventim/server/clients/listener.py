"""Accepting clients, each in a greenlet of its own, and a graceful stop."""

import logging
import os
import time
from collections.abc import Callable
from typing import Any, Final, cast

import gevent
from gevent import socket
from gevent.pool import Pool
from gevent.server import StreamServer

from geventim.channel.connection import Trace
from geventim.channel.handshake import Responder
from geventim.crypto.dh import PrivateKey
from geventim.errors import UserError
from geventim.net.audience import ClientGreenlet
from geventim.net.connection import Connection, configure
from geventim.net.gate import Gate
from geventim.net.handshakes import Handshakes
from geventim.net.journals.journal import Journal
from geventim.net.origins import Networks
from geventim.net.passes import Passes
from geventim.net.timers import Timers
from geventim.server.clients.bounds import USUAL, Bounds
from geventim.server.clients.handler import ClientHandler
from geventim.server.clients.witness import Witness
from geventim.service.dispatch import Service

BACKLOG: Final = 4096
"""Connections that the kernel holds until they are accepted."""

ACCEPTED: Final = 4
"""Connections that are accepted in one pass of the event loop.

Accepting takes as long as passing on several messages, and whoever is in would wait for all who
come at once.
"""

RESERVE: Final = 64
"""Descriptors that no client gets: there are also the store, threads, and the operator."""

COMPLAINT: Final = 60.0
"""Seconds between two lines of the log that say the same."""

CANNOT_LISTEN: Final = "cannot_listen"
"""The code of an address that cannot be had."""


log = logging.getLogger(__name__)


class Clients(Pool):
    """The greenlets of at most ``most`` clients; who comes later waits until one has left."""

    def __init__(self, most: int | None) -> None:
        super().__init__(most, greenlet_class=ClientGreenlet)
        self._complained = -COMPLAINT

    def full(self) -> bool:
        """Whether nobody can be accepted now."""
        if not super().full():
            return False
        self.complain("there are as many clients as there may be open files")
        return True

    def complain(self, fault: str) -> None:
        """Log, but not over and over, why nobody is accepted."""
        now = time.monotonic()
        if now - self._complained >= COMPLAINT:
            self._complained = now
            log.warning("nobody can connect for now", extra={"fault": fault})


class _Server(StreamServer):
    """Spawns ``serve``, which closes the socket, for each connection, with nothing around it.

    By itself gevent would close the socket behind ``serve``, from a function that has C call it: a
    client that waits would keep a copy of that C stack, too. After a failure it accepts nobody for
    ``pause`` seconds.
    """

    def __init__(
        self, bound: socket.socket, serve: Callable[..., object], clients: Clients, pause: float
    ) -> None:
        super().__init__(bound, serve, spawn=clients)
        self.max_accept = ACCEPTED
        self._serve = serve
        self._clients = clients
        self._pause = pause

    def do_read(self) -> Any:
        """Accept a connection; after a failure none for a while."""
        try:
            return super().do_read()
        except OSError as error:
            if self.is_fatal_error(error):
                raise
            self._clients.complain(error.strerror or "unknown")
            self.stop_accepting()
            gevent.spawn_later(self._pause, self._go_on)
            return None

    def _go_on(self) -> None:
        if self.started:
            self.start_accepting()

    def do_handle(self, sock: socket.socket, address: tuple[str, int]) -> None:
        """Take a connection that was accepted."""
        self._clients.spawn(self._serve, sock, address[0])


class Listener:
    """A bound socket whose clients are served; ``server_key`` and ``psk`` make the handshakes.

    Of so many ``descriptors`` some are kept for what is no client. Who comes by ``proxies`` is not
    known by address. The ``witness`` is told what happens to clients.
    """

    def __init__(
        self,
        bound: socket.socket,
        service: Service,
        journal: Journal,
        server_key: PrivateKey,
        psk: bytes | None,
        trace: Trace | None,
        descriptors: int | None = None,
        proxies: Networks = (),
        witness: Witness | None = None,
        bounds: Bounds = USUAL,
    ) -> None:
        self._service = service
        self._journal = journal
        self._server_key = server_key
        self._psk = psk
        self._trace = trace
        self._proxies = proxies
        self._handshakes = Handshakes(time.monotonic)
        self._pages = Gate(bounds.pages)
        self._records = Gate(bounds.records)
        self._passes = Passes(Timers().elapsed)
        self._witness = witness or Witness()
        self._bounds = bounds
        most = None if descriptors is None else max(1, descriptors - RESERVE)
        self._pool = Clients(most)
        self._server = _Server(bound, self._serve, self._pool, bounds.pause)
        self._resting: gevent.Greenlet[[], None]

    @property
    def connections(self) -> int:
        """How many there are, whether they have logged in or not."""
        return len(self._pool)

    @property
    def is_full(self) -> bool:
        """Whether there are as many as there may be."""
        return self._pool.size is not None and len(self._pool) >= self._pool.size

    def start(self) -> None:
        """Accept clients from now on."""
        self._server.start()
        self._resting = gevent.spawn(self._rest)

    def stop(self) -> None:
        """Accept nobody any more, let the connected take what waits, and end them all."""
        self._server.close()
        self._resting.kill()
        self._handshakes.drop_all()
        for session in self._service.connected:
            session.outlet.close()
        self._pool.join(self._bounds.drain)
        self._pool.kill()

    def _rest(self) -> None:
        while True:
            gevent.sleep(self._bounds.rest)
            for session in self._service.connected:
                client = cast(ClientHandler, session.outlet)  # it was made below
                client.connection.rest()
                client.look_after()

    def _serve(self, sock: socket.socket, address: str) -> None:
        responder = Responder(os.urandom, self._server_key, psk=self._psk, trace=self._trace)
        client = ClientHandler(
            Connection(sock, responder),
            self._service,
            self._journal,
            self._handshakes,
            self._pages,
            self._records,
            self._passes,
            self._witness,
            address,
            self._proxies,
            self._bounds,
        )
        client.serve()


def bind(host: str, port: int, *, is_shared: bool = False, backlog: int = BACKLOG) -> socket.socket:
    """A listening socket; one that ``is_shared`` lets others have the same port.

    Raises :class:`UserError` with code :data:`CANNOT_LISTEN`.
    """
    try:
        host.encode("idna")  # what no resolver can be asked for
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        # A name such as localhost may have addresses of both kinds. Clients that are given no
        # address, and those that are given the name, try this one.
        family, _, _, _, address = min(found, key=lambda each: each[0] != socket.AF_INET)
    except UnicodeError:
        raise _cannot_listen(host, port, "no host has that name") from None
    except OSError as error:
        raise _cannot_listen(host, port, error.strerror) from None
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if is_shared:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        configure(bound)
        bound.bind(address)
        bound.listen(backlog)
    except OSError as error:
        bound.close()
        raise _cannot_listen(host, port, error.strerror) from None
    return bound


def _cannot_listen(host: str, port: int, reason: str | None) -> UserError:
    return UserError(
        CANNOT_LISTEN,
        f"The server cannot listen on {host}, port {port}: {reason or 'no such address'}.",
        "Choose another address with --host or another port with --port.",
    )


def local_address() -> str:
    """An address of this machine as others see it; loopback when there is no other."""
    with gevent.socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # documentation address; nothing is sent
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])
