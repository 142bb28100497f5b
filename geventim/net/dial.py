"""From an address to an encrypted connection, for clients."""

import os
from collections.abc import Callable
from typing import Final

import gevent
from gevent import socket

from geventim.channel.connection import Trace
from geventim.channel.events import ServerKey
from geventim.channel.handshake import Initiator
from geventim.channel.noise import Pattern
from geventim.channel.preamble import VERSION, PreambleError
from geventim.chat.links import Link
from geventim.crypto.dh import PrivateKey
from geventim.errors import NetworkError, PeerError, UserError
from geventim.net.connection import Connection, configure

REACH: Final = 4.0
"""Seconds for connecting.

Systems ask three times in that: at once, after one second, and after three. With a later attempt in
:data:`geventim.app.backoff.LONGEST`, no more than six seconds pass from one to the next.
"""

PATIENCE: Final = 10.0
"""Seconds for the handshake."""


def dial(
    link: Link,
    choose_key: Callable[[bytes], PrivateKey],
    *,
    psk: bytes | None = None,
    trace: Trace | None = None,
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
        with gevent.Timeout(PATIENCE, NetworkError(f"{link.address} does not answer")):
            server_key = _await_server_key(connection)
        channel.accept(choose_key(server_key))
        connection.write_handshake()
    except BaseException:
        connection.abort()
        raise
    return connection


def _await_server_key(connection: Connection) -> bytes:
    try:
        while (events := connection.receive()) is not None:
            for event in events:
                if isinstance(event, ServerKey):
                    return event.public
    except PreambleError as error:
        raise _explain(error) from None
    raise PeerError("the server ended the handshake")


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
