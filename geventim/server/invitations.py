"""What somebody is given who is to come: a link, and how to install the client."""

import shlex
from collections.abc import Iterator
from dataclasses import replace

from geventim.chat.links import Link, parse_link
from geventim.server.clients.listener import local_address
from geventim.server.live import Live


class Invitations:
    """Those to the server with the public key ``server_key`` that listens on ``host``, ``port``.

    They name it as the settings of ``live`` say.
    """

    def __init__(self, live: Live, server_key: bytes, host: str, port: int) -> None:
        self._live = live
        self._server_key = server_key
        self._host = host
        self._port = port

    def link(self, code: str) -> str:
        """The link with an invite ``code``, which may be empty."""
        return str(replace(self._place(), server_key=self._server_key, code=code))

    def lines(self, code: str) -> Iterator[str]:
        """The link, and what installs the client if that is known."""
        yield self.link(code)
        package = self._live.settings.client_package
        if package is not None:
            yield f"pipx install {shlex.quote(package)}"

    def _place(self) -> Link:
        """Where others reach the server."""
        public = self._live.settings.public
        if public:
            return parse_link(public, self._port)
        if self._host in {"0.0.0.0", "::"}:  # noqa: S104 - compared, not bound
            return Link(local_address(), self._port)
        return Link(self._host, self._port)
