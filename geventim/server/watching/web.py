"""What is told over HTTP: ``/metrics``, ``/health`` and ``/ready``.

It never holds up the chat: there are few connections, each for a short time, and nothing that is
asked for waits long. Whoever comes when there are too many waits in the kernel.
"""

from collections.abc import Callable, Iterable
from functools import partial
from http import HTTPStatus
from typing import Any, Final

import gevent
from gevent import socket
from gevent.pool import Pool
from gevent.pywsgi import WSGIHandler, WSGIServer

from geventim.errors import UserError
from geventim.server.clients.listener import CANNOT_LISTEN, bind
from geventim.server.config.kinds import split_address

CONNECTIONS: Final = 8
"""Connections at the same time."""

BACKLOG: Final = 16
"""Connections that wait for their turn."""

DEADLINE: Final = 10.0
"""Seconds that a connection lasts."""

TEXT: Final = "text/plain; version=0.0.4; charset=utf-8"

Start = Callable[[str, list[tuple[str, str]]], object]


class _Handler(WSGIHandler):
    """Cuts off a connection after so many seconds, so that nobody waits for the slow."""

    def __init__(self, deadline: float, *more: Any) -> None:
        self._deadline = deadline
        super().__init__(*more)

    def handle(self) -> None:
        sock = self.socket
        timer = gevent.get_hub().loop.timer(self._deadline)
        timer.start(_cut, sock)
        try:
            super().handle()
        finally:
            timer.close()


def _cut(sock: socket.socket) -> None:
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it is over


class Web:
    """Serves what ``metrics`` writes down, and whether there is an ``obstacle``, on a socket.

    Connections last ``deadline`` seconds, whatever is on its way over them.
    """

    def __init__(
        self,
        bound: socket.socket,
        metrics: Callable[[], bytes],
        obstacle: Callable[[], str],
        deadline: float = DEADLINE,
    ) -> None:
        self._metrics = metrics
        self._obstacle = obstacle
        handler: Any = partial(_Handler, deadline)
        self._server = WSGIServer(
            bound,
            self._answer,
            spawn=Pool(CONNECTIONS),
            log=None,
            error_log=None,
            handler_class=handler,
            environ={"SERVER_NAME": "eim-server"},  # else a resolver is asked for it
        )

    def start(self) -> None:
        """Answer from now on."""
        self._server.start()

    def stop(self) -> None:
        """Answer no more."""
        self._server.stop(timeout=0)

    def _answer(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        status, body = self._respond(environ["REQUEST_METHOD"], environ["PATH_INFO"])
        headers = [("Content-Type", TEXT), ("Content-Length", str(len(body)))]
        headers += [("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")]
        start(f"{status.value} {status.phrase}", headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def _respond(self, method: str, path: str) -> tuple[HTTPStatus, bytes]:
        if path not in {"/metrics", "/health", "/ready"}:
            return HTTPStatus.NOT_FOUND, b"There are /metrics, /health and /ready.\n"
        if method not in {"GET", "HEAD"}:
            return HTTPStatus.METHOD_NOT_ALLOWED, b"This can only be read.\n"
        if path == "/metrics":
            return HTTPStatus.OK, self._metrics()
        obstacle = "" if path == "/health" else self._obstacle()
        if obstacle:
            return HTTPStatus.SERVICE_UNAVAILABLE, f"not ready: {obstacle}\n".encode()
        return HTTPStatus.OK, b"alive\n" if path == "/health" else b"ready\n"


def bind_web(address: str, above: int = 0) -> socket.socket:
    """A listening socket at ``address``, so many ports ``above`` it.

    Raises :class:`UserError` with code :data:`CANNOT_LISTEN`.
    """
    host, port = split_address(address)
    try:
        return bind(host, port + above if port else 0, backlog=BACKLOG)
    except UserError as error:
        raise UserError(
            CANNOT_LISTEN, f"For metrics: {error.text}", "Choose another address with --metrics."
        ) from None
