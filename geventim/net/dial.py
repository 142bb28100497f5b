"""From an address to an encrypted connection, for clients."""

import os
from collections.abc import Callable
from typing import Final

import gevent
from gevent import socket

from geventim.channel.connection import Trace
from geventim.channel.events import ServerKey
from geventim.channel.handshake import ForeignError, Initiator
from geventim.channel.noise import Pattern
from geventim.channel.preamble import VERSION, PreambleError
from geventim.chat.links import Link
from geventim.crypto.dh import PrivateKey
from geventim.errors import NetworkError, PeerError, UserError
from geventim.net.connection import Connection, configure

FOREIGN: Final = {
    b"HTTP/": "a web server",
    b"<": "a web server",
    b"\x15\x03": "a server that speaks TLS",
    b"SSH-": "an SSH server",
    b":": "an IRC server",
    b"ERROR": "an IRC server",
    b"NOTICE": "an IRC server",
    b"220": "a server for mail or files",
}
"""How others begin who are found at a wrong address."""

REACH: Final = 4.0
"""Seconds for connecting.

Systems ask three times in that: at once, after one second, and after three. With a later attempt in
:data:`geventim.app.backoff.LONGEST`, no more than six seconds pass from one to the next.
"""

PATIENCE: Final = 10.0
"""Seconds for the handshake."""


class OtherProtocolError(PeerError):
    """There is ``what``, in words, at ``address``: no server of ours."""

    def __init__(self, address: str, what: str) -> None:
        super().__init__(address, what)
        self.address = address
        self.what = what

    def __str__(self) -> str:
        return f"what answers at {self.address} is {self.what}"


def dial(
    link: Link,
    choose_key: Callable[[bytes], PrivateKey],
    *,
    psk: bytes | None = None,
    trace: Trace | None = None,
    patience: float = PATIENCE,
) -> Connection:
    """Connect to the server of ``link``.

    ``choose_key`` is given the server's key before anything is shown to the server; it returns our
    own key pair for it, or raises to stop. Raises :class:`NetworkError`, :class:`PeerError`,
    :class:`UserError` (an access key is needed, or is not; another version), and what
    ``choose_key`` raises.
    """
    try:
        link.host.encode("idna")  # what no resolver can be asked for
        sock = socket.create_connection((link.host, link.port), REACH)
    except UnicodeError:
        raise NetworkError(f"{link.address} cannot be reached: no host has that name") from None
    except OSError as error:
        reason = error.strerror or "no answer"
        raise NetworkError(f"{link.address} cannot be reached: {reason}") from None
    sock.settimeout(None)
    configure(sock)
    channel = Initiator(os.urandom, psk=psk, trace=trace)
    connection = Connection(sock, channel)
    try:
        with gevent.Timeout(patience, NetworkError(f"{link.address} does not answer")):
            server_key = _await_server_key(link, connection)
        channel.accept(choose_key(server_key))
        connection.write_handshake()
    except BaseException:
        connection.abort()
        raise
    return connection


def _await_server_key(link: Link, connection: Connection) -> bytes:
    try:
        while (events := connection.receive()) is not None:
            for event in events:
                if isinstance(event, ServerKey):
                    return event.public
    except PreambleError as error:
        raise _explain(error) from None
    except ForeignError as error:
        raise OtherProtocolError(link.address, _name(error.start)) from None
    raise PeerError("the server ended the handshake")


def _name(start: bytes) -> str:
    """What begins so, where a server of ours should be."""
    return next(
        (name for begin, name in FOREIGN.items() if start.startswith(begin)), "no eim-server"
    )


def _explain(error: PreambleError) -> UserError:
    if error.version != VERSION:
        return UserError(
            "other_version",
            f"The server speaks version {error.version} of the protocol, this client {VERSION}.",
            "Install the same version on both sides.",
        )
    if error.pattern is Pattern.XXPSK3:
        return UserError(
            "access_key_needed",
            "This server requires an access key.",
            "Ask its operator for the key, and name its file with --access-key-file.",
        )
    return UserError(
        "no_access_key",
        "This server uses no access key.",
        "Leave --access-key-file away.",
    )
