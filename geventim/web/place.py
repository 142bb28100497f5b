"""Where the door is: on loopback at any port, or elsewhere with a certificate."""

import ipaddress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gevent import socket, ssl

from geventim.chat.links import format_address, parse_link
from geventim.errors import UserError

LOOPBACK: Final = "127.0.0.1"

BACKLOG: Final = 32
"""Connections that wait for their turn."""

PORTS: Final = {"http": 80, "https": 443}
"""What a browser leaves out of an address."""


@dataclass(frozen=True, slots=True)
class Place:
    """A ``host`` and a ``port`` that browsers call, any if it is 0, maybe with a ``context``."""

    host: str = LOOPBACK
    port: int = 0
    context: ssl.SSLContext | None = None

    @classmethod
    def of(cls, address: str | None, cert: str | None, key: str | None) -> "Place":
        """What somebody has said, as far as they have.

        Raises :class:`UserError` with code ``usage``, also for one that is not on loopback and has
        no certificate.
        """
        if (cert is None) != (key is None):
            raise UserError("usage", "A certificate and its key belong together.", CERTIFICATE)
        link = parse_link(LOOPBACK if address is None else address, 0)
        if not link.host.isascii():
            raise UserError("usage", f"'{link.host}' is not how browsers spell a host.")
        context = None if cert is None or key is None else _context(Path(cert), Path(key))
        if _is_everywhere(link.host):
            text = f"'{link.host}' is no name that a browser could call."
            raise UserError("usage", text, "Give --web-host the name by which it does.")
        if context is None and not _is_loopback(link.host):
            text = f"'{link.host}' may be seen by others."
            raise UserError("usage", text, CERTIFICATE)
        return cls(link.host.lower(), link.port, context)

    @property
    def scheme(self) -> str:
        """How links begin."""
        return "http" if self.context is None else "https"

    def authority(self, port: int) -> str:
        """What a browser calls it that has this ``port``."""
        if port == PORTS[self.scheme]:
            return f"[{self.host}]" if ":" in self.host else self.host
        return format_address(self.host, port)

    def listen(self) -> socket.socket:
        """A socket that listens there. Raises :class:`UserError` with code ``cannot_listen``."""
        try:
            family, kind, _, _, address = socket.getaddrinfo(
                self.host, self.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )[0]
            bound = socket.socket(family, kind)
        except OSError as error:
            raise self._cannot_listen(error) from None
        try:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind(address)
            bound.listen(BACKLOG)
        except OSError as error:
            bound.close()
            raise self._cannot_listen(error) from None
        return bound

    def _cannot_listen(self, error: OSError) -> UserError:
        where = format_address(self.host, self.port)
        text = f"Nobody can come in by a browser at {where}: {error.strerror}."
        return UserError("cannot_listen", text, "Choose another place with --web-host.")


CERTIFICATE: Final = "Give both --web-cert and --web-key."


def _context(cert: Path, key: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        # A key that has a passphrase would be asked for in the middle of the screen.
        context.load_cert_chain(cert, key, password="")
    except (OSError, ssl.SSLError) as error:
        text = f"{cert} and {key} are no certificate and its key: {error.strerror or error}."
        raise UserError("usage", text) from None
    return context


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_everywhere(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return not host
